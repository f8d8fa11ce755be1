import { setTimeout as sleep } from 'node:timers/promises'
import { parseCid } from '../../src/domain/cid.ts'
import { Bucket } from './pinning-service/bucket.ts'
import { filebase, type Manners } from './pinning-service/manners.ts'
import { inOddForm } from './pinning-service/odd-forms.ts'
import { BadQuery, Misunderstood, readQuery } from './pinning-service/query.ts'
import type { Refusal } from './pinning-service/refusals.ts'
import { opaqueIds } from './pinning-service/requestid.ts'
import type { NewRow, PinRow } from './pinning-service/row.ts'
import type { Settlement } from './pinning-service/settling.ts'
import { shownLost, shownNewRow, shownRow } from './pinning-service/shown.ts'
import { Random } from './random.ts'
import { type Answer, json, type RecordedRequest, SandboxServer } from './server.ts'

export type { Bucket } from './pinning-service/bucket.ts'
export { cluster, filebase, type Manners, specified } from './pinning-service/manners.ts'
export { freePlan, noFunds } from './pinning-service/refusals.ts'
export type { NewRow, PinRow } from './pinning-service/row.ts'

export interface PinningServiceOptions {
  /** The token of each bucket, by the bucket's name. */
  readonly buckets: Readonly<Record<string, string>>
  /** Default: `filebase`. */
  readonly manners?: Manners
  /** What becomes of requests that clients make. Default: they stay `queued` until the test says otherwise. */
  readonly settle?: (row: PinRow) => Settlement | undefined
  /** The service's peers that a request shows. Default: as its manners have it. */
  readonly delegates?: (row: PinRow) => readonly string[]
  /** How long an answer takes. Default: no longer than it must. */
  readonly latency?: { readonly ms: number; readonly msPerRow?: number }
  /** More requests than this within `perMs` are answered with 429 and `Retry-After`. Default: no limit. */
  readonly rateLimit?: {
    readonly requests: number
    readonly perMs: number
    readonly retryAfter: () => string
  }
  /** For ids, ties and unordered pages. */
  readonly seed?: number
}

/** Starts a Pinning Service API on loopback. */
export function startPinningService(options: PinningServiceOptions): Promise<PinningService> {
  return new PinningService(options).listen()
}

export class PinningService extends SandboxServer {
  readonly #options: PinningServiceOptions
  readonly #manners: Manners
  readonly #byToken: ReadonlyMap<string, Bucket>
  readonly #recent: number[] = []
  #hasListed = false

  constructor(options: PinningServiceOptions) {
    super()
    this.#options = options
    this.#manners = options.manners ?? filebase
    const seed = options.seed ?? 1
    const shared = {
      manners: this.#manners,
      random: new Random(seed),
      // Of its own: with one seed for both, ties would be in the order of their ids.
      nextId: opaqueIds(seed + 1),
      settle: options.settle,
    }
    this.#byToken = new Map(
      Object.entries(options.buckets).map(([name, token]) => [token, new Bucket(name, shared)]),
    )
  }

  /** The endpoint; `/pins` lies below it. */
  get url(): string {
    return `${this.origin}/v1/ipfs`
  }

  bucket(name: string): Bucket {
    const bucket = this.#byToken.values().find((one) => one.name === name)
    if (bucket === undefined) throw new Error(`the sandbox has no bucket ${name}`)
    return bucket
  }

  protected override async answer(request: RecordedRequest): Promise<Answer> {
    const { latency = { ms: 0 } } = this.#options
    if (latency.ms > 0) await sleep(latency.ms)
    if (this.#isTooMany(request.at)) {
      const retryAfter = this.#options.rateLimit?.retryAfter() ?? '1'
      return refuse({ status: 429, reason: 'TOO_MANY_REQUESTS' }, { 'retry-after': retryAfter })
    }
    const { authorization } = request.headers
    const { noToken, invalidToken, unknownPath } = this.#manners.refusals
    if (authorization === undefined) return refuse(noToken)
    const bucket = this.#byToken.get(/^Bearer (.*)$/i.exec(authorization)?.[1] ?? '')
    if (bucket === undefined) return refuse(invalidToken)
    if (bucket.refusal !== undefined) return refuse(bucket.refusal)
    bucket.settle(true)
    const route = /^\/v1\/ipfs\/pins(?:\/([^/]+))?$/.exec(request.path)
    if (route === null) return refuse(unknownPath)
    if (route[1] !== undefined) return this.#one(request, bucket, decodeURIComponent(route[1]))
    if (request.method === 'POST') return this.#add(request, bucket)
    if (request.method === 'GET') return this.#list(request, bucket)
    return { status: 405 }
  }

  async #list(request: RecordedRequest, bucket: Bucket): Promise<Answer> {
    try {
      const { count, rows } = bucket.page(readQuery(request.query, this.#manners))
      const msPerRow = this.#options.latency?.msPerRow ?? 0
      if (msPerRow > 0) await sleep(msPerRow * rows.length)
      const { emptyList, firstList } = this.#manners
      if (emptyList === 404 && rows.length === 0) return refuse(this.#manners.refusals.unknownPath)
      const results = rows.map((row) => this.#listed(row, bucket))
      const answer = json(200, { count, results })
      if (firstList === 'shown' || this.#hasListed) return answer
      this.#hasListed = true
      return { ...answer, body: garbled(firstList, answer.body as string) }
    } catch (error) {
      if (error instanceof Misunderstood) return misunderstood(error)
      if (error instanceof BadQuery) return refuse(this.#manners.refusals.badQuery(error.message))
      throw error
    }
  }

  #one(request: RecordedRequest, bucket: Bucket, requestid: string): Answer {
    const { method } = request
    const row = bucket.get(requestid)
    const isLost = row !== undefined && !bucket.shows(row, 'requestid') && this.#manners.hidden === 'nothing'
    if (row === undefined || isLost) return refuse(this.#manners.refusals.unknownRequest(method))
    if (method === 'GET') return json(200, this.#shown(row, bucket))
    if (method === 'POST') return this.#replace(request, bucket, row)
    if (method !== 'DELETE') return { status: 405 }
    bucket.remove(requestid)
    return { status: 202 }
  }

  #listed(row: PinRow, bucket: Bucket): unknown {
    const shown = this.#shown(row, bucket)
    const odd = bucket.odd?.(row)
    return odd === undefined ? shown : inOddForm(odd, shown)
  }

  #shown(row: PinRow, bucket: Bucket): object {
    const shown = shownRow(this.#manners, row, this.#delegates(row))
    return bucket.shows(row, 'requestid') ? shown : shownLost(shown)
  }

  #add(request: RecordedRequest, bucket: Bucket): Answer {
    const pin = readPin(request.body)
    if (typeof pin === 'string') return refuse(this.#manners.refusals.badPin(pin))
    return json(this.#manners.added, this.#ask(pin, bucket))
  }

  #replace(request: RecordedRequest, bucket: Bucket, old: PinRow): Answer {
    const pin = readPin(request.body)
    if (typeof pin === 'string') return refuse(this.#manners.refusals.badPin(pin))
    const shown = this.#ask(pin, bucket)
    // IPFS Cluster pins the new one first and then unpins the old: also where they are the same.
    bucket.remove(old.requestid)
    return json(this.#manners.replaced, shown)
  }

  #ask(pin: NewRow, bucket: Bucket): object {
    // Where the requestid is the CID, asking again moves the request to the head.
    if (this.#manners.requestid === 'cid') bucket.remove(pin.cid)
    const row = bucket.ask(pin)
    return shownNewRow(this.#manners, row, this.#delegates(row))
  }

  #delegates(row: PinRow): readonly string[] {
    return this.#options.delegates?.(row) ?? this.#manners.delegates
  }

  #isTooMany(now: number): boolean {
    const { rateLimit } = this.#options
    if (rateLimit === undefined) return false
    while ((this.#recent[0] ?? now) <= now - rateLimit.perMs) this.#recent.shift()
    if (this.#recent.length >= rateLimit.requests) return true
    this.#recent.push(now)
    return false
  }
}

function refuse(refusal: Refusal, headers: Readonly<Record<string, string>> = {}): Answer {
  const { status, reason, details } = refusal
  return json(status, { error: { reason, details } }, headers)
}

function garbled(how: Exclude<Manners['firstList'], 'shown'>, body: string): string {
  if (how === 'empty') return ''
  if (how === 'object') return '{}'
  return how === 'html' ? page : body.slice(0, body.length / 2)
}

const page = '<!doctype html><title>One moment</title>'

function misunderstood({ answer }: Misunderstood): Answer {
  if (answer === 'html') return { status: 200, headers: { 'content-type': 'text/html' }, body: page }
  return refuse({ status: answer, reason: 'BAD_REQUEST' })
}

/** The pin in a request's body, or what is wrong with it. */
function readPin(body: string): NewRow | string {
  let pin: Record<string, unknown>
  try {
    pin = JSON.parse(body)
  } catch {
    return 'the body is not JSON'
  }
  const { cid, name, origins = [], meta = {} } = pin ?? {}
  if (typeof cid !== 'string' || parseCid(cid) === undefined) return 'cid: not a CID'
  if (name !== undefined && (typeof name !== 'string' || name.length > 255))
    return 'name: at most 255 characters'
  if (!Array.isArray(origins) || origins.length > 20) return 'origins: at most 20 multiaddrs'
  if (typeof meta !== 'object' || meta === null) return 'meta: an object of strings'
  return { cid, name, origins, meta: meta as Record<string, string> }
}
