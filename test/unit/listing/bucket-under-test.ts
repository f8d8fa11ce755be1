import { DatabaseSync } from 'node:sqlite'
import { Http } from '../../../src/http/http.ts'
import { type ListingResult, listBucket } from '../../../src/listing/list-bucket.ts'
import type { ListingProgress } from '../../../src/listing/listing.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import type { PacedGate } from '../../../src/service/rate-limit.ts'
import { listedRequests } from '../../../src/snapshot/bucket/listed.ts'
import { BucketRequests } from '../../../src/snapshot/bucket/requests.ts'
import { DelegateBook } from '../../../src/snapshot/delegates.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { type Manners, type PinningService, startPinningService } from '../../sandbox/pinning-service.ts'

/** Lets everybody pass: what a listing costs is counted here, not timed. */
const gate: PacedGate = { width: 16, pass: (ask) => ask(), hold: () => 0 }

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** A bucket of the sandbox's service with the snapshot of it that runs keep. */
export class BucketUnderTest {
  readonly service: PinningService
  /** How the service behaves from now on. */
  readonly manners: Writable<Manners>
  readonly #db = new DatabaseSync(':memory:')
  /** For which statuses each request of the last listing was. */
  #statuses: string[] = []
  readonly #http = new Http('test', {
    events: { onSent: ({ url }) => this.#statuses.push(new URL(url).searchParams.get('status') ?? '') },
  })
  /** The service keeps finer instants than it shows. */
  readonly #isHidden: boolean
  #run = 0

  static async start(manners: Manners, seed = 1): Promise<BucketUnderTest> {
    // A copy: a service changes its manners, and no other test's.
    const own = { ...manners }
    const service = await startPinningService({ buckets: { main: 'token' }, manners: own, seed })
    return new BucketUnderTest(service, own)
  }

  private constructor(service: PinningService, manners: Writable<Manners>) {
    this.service = service
    this.manners = manners
    this.#isHidden = manners.created === 'hidden-milliseconds'
    migrate(this.#db)
  }

  get bucket() {
    return this.service.bucket('main')
  }

  /** One run's listing, how many requests it asked, and which statuses each was for. */
  async list(
    options: {
      full?: boolean
      isConfirmed?: boolean
      signal?: AbortSignal
      onProgress?: (progress: ListingProgress) => void
    } = {},
  ): Promise<ListingResult & { asked: number; statuses: readonly string[] }> {
    const {
      full = false,
      isConfirmed = false,
      signal = new AbortController().signal,
      onProgress = () => {},
    } = options
    const endpoint = new URL(this.service.url)
    const client = new BucketClient({ name: 'main', token: 'token' }, { http: this.#http, endpoint, gate })
    const statuses: string[] = []
    this.#statuses = statuses
    const delegates = new DelegateBook(this.#db, Date.now())
    const requests = new BucketRequests(this.#db, 'main', delegates)
    const run = ++this.#run
    const result = await listBucket({
      client,
      requests,
      run,
      full,
      isConfirmed,
      signal,
      onProgress,
    })
    return { ...result, asked: client.requestsSent, statuses }
  }

  /** Changes the snapshot as somebody would who can write to it. */
  tamper(work: (db: DatabaseSync) => void): void {
    work(this.#db)
  }

  /** Lets a day and a minute pass, as far as the snapshot can tell. By `clock`: the box's or the service's alone says so. */
  letDayPass(clock: 'both' | 'here' | 'service' = 'both'): void {
    this.letPass(24 + 1 / 60, clock)
  }

  /** The same of some hours. */
  letPass(hours: number, clock: 'both' | 'here' | 'service' = 'both'): void {
    for (const column of clock === 'both' ? ['here', 'service'] : [clock])
      for (const table of ['dropped', 'gone'])
        this.#db.exec(`UPDATE ${table} SET ${column} = ${column} - ${Math.round(hours * 3_600_000)}`)
  }

  /** `requestid cid status created` of every request, sorted. */
  snapshot(): string[] {
    const requests = Iterator.from(listedRequests(this.#db, 1))
    return requests
      .map(({ requestid, text, status, created }) => line(requestid, text, status, created))
      .toArray()
      .sort()
  }

  /** The same of what the service has. */
  truth(): string[] {
    const rows = this.bucket.rows().filter((row) => this.bucket.shows(row))
    const shown = (created: number) => (this.#isHidden ? Math.floor(created / 1000) * 1000 : created)
    return rows
      .map(({ requestid, cid, status, created }) => line(requestid, cid, status, shown(created)))
      .sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.close()
    await this.service[Symbol.asyncDispose]()
    this.#db.close()
  }
}

function line(...parts: (string | number)[]): string {
  return parts.join(' ')
}
