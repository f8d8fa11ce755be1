import { DatabaseSync } from 'node:sqlite'
import type { Manners as Known } from '../../../src/domain/manners.ts'
import type { Status } from '../../../src/domain/pin.ts'
import { Http } from '../../../src/http/http.ts'
import type { Listing, WindowDecision } from '../../../src/listing/listing.ts'
import { ShownStatuses } from '../../../src/listing/manners/statuses.ts'
import { OddRows } from '../../../src/listing/odd-rows.ts'
import { UnsureWindows } from '../../../src/listing/unsure-windows.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import type { PacedGate } from '../../../src/service/rate-limit.ts'
import { BucketRequests } from '../../../src/snapshot/bucket/requests.ts'
import { DelegateBook } from '../../../src/snapshot/delegates.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Cids } from '../../sandbox/identity.ts'
import {
  filebase,
  type Manners,
  type PinningService,
  startPinningService,
} from '../../sandbox/pinning-service.ts'
import { askedFor } from './asked-for.ts'

/** The first second of every bucket; instants are told in seconds from here. */
export const start = Date.parse('2023-05-01T00:00:00Z')

/** A window in seconds from `start`. */
export const seconds = (after: number | null, before: number | null) => ({
  after: after === null ? null : start + after * 1000,
  before: before === null ? null : start + before * 1000,
})

const gate: PacedGate = { width: 4, pass: (ask) => ask(), hold: () => 0 }

type Writable<T> = { -readonly [K in keyof T]: T[K] }

interface Given {
  /** How the service answers. */
  readonly service?: Partial<Manners>
  /** When its requests were created, in seconds from `start`. */
  readonly has?: readonly number[]
  readonly statuses?: (n: number) => Status
  /** What is known of the service. */
  readonly known?: Partial<Known>
  readonly run?: number
}

/** A listing under way, of which a test calls one part: of a bucket of the sandbox's service, and of its snapshot. */
export class ListingUnderTest {
  readonly listing: Listing
  readonly service: PinningService
  /** How the service behaves from now on. */
  readonly manners: Writable<Manners>
  readonly decisions: WindowDecision[] = []
  readonly stop: AbortController
  readonly #db: DatabaseSync
  readonly #http: Http

  static async start(given: Given): Promise<ListingUnderTest> {
    const manners: Manners = { ...filebase, delegates: [], maxLimit: 20, ...given.service }
    const service = await startPinningService({ buckets: { main: 'token' }, manners })
    const cids = new Cids(1)
    service.bucket('main').addAll(
      (given.has ?? []).map((second, n) => ({
        cid: cids.next(),
        created: start + second * 1000,
        status: given.statuses?.(n) ?? 'pinned',
      })),
    )
    return new ListingUnderTest(service, manners, given)
  }

  private constructor(service: PinningService, manners: Manners, { known = {}, run = 2 }: Given) {
    this.service = service
    this.manners = manners
    this.#http = new Http('test')
    this.#db = new DatabaseSync(':memory:')
    migrate(this.#db)
    const requests = new BucketRequests(this.#db, 'main', new DelegateBook(this.#db, 0))
    const client = this.#client()
    Object.assign(client.manners, known)
    this.stop = new AbortController()
    this.listing = {
      client,
      requests,
      state: requests.state(),
      manners: client.manners,
      run,
      signal: this.stop.signal,
      onProgress: () => {},
      onWindow: (decision) => this.decisions.push(decision),
      changes: { added: 0, changed: 0, vanished: 0, returned: 0 },
      notes: new Set(),
      gaps: new Set(),
      odd: new OddRows(),
      unsure: new UnsureWindows(),
      shown: new ShownStatuses(),
      isRead: false,
    }
  }

  get bucket() {
    return this.service.bucket('main')
  }

  /** The snapshot holds what the service has by now. */
  async know(): Promise<void> {
    const { requests, signal } = this.listing
    const { maxLimit, aboveMaxLimit } = this.manners
    Object.assign(this.manners, { aboveMaxLimit: 'ignored' })
    const page = await this.#client().list({ limit: maxLimit }, signal)
    this.manners.aboveMaxLimit = aboveMaxLimit
    requests.transaction(() => requests.take(page.requests))
    this.asked()
  }

  /** What was asked for since the last time, sorted: some is asked for at once. */
  asked(): string[] {
    return this.service.requests
      .splice(0)
      .map((request) => askedFor(request, start))
      .sort()
  }

  #client(): BucketClient {
    const endpoint = new URL(this.service.url)
    return new BucketClient({ name: 'main', token: 'token' }, { http: this.#http, endpoint, gate })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.close()
    await this.service[Symbol.asyncDispose]()
    this.#db.close()
  }
}
