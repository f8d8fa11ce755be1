import { ZodError, z } from 'zod'
import type { Bucket } from '../config.ts'
import type { PinRequest, Status } from '../domain/pin.ts'
import { statuses } from '../domain/pin.ts'
import { everything, type Window } from '../domain/windows.ts'
import { BadAnswerError, ServiceError, StatusError } from '../errors.ts'
import type { Http, Request } from '../http.ts'
import { type Page, readPage, readRequest } from './answers.ts'
import type { PacedGate } from './rate-limit.ts'

/** The most results the Pinning Service API defines for a page. */
export const fullPage = 1000
const deadline = 60_000

export interface ListQuery {
  /** Default: all time. */
  readonly window?: Window
  /** Default: all four. */
  readonly statuses?: readonly Status[]
  /** At most 10; matched literally by some services, so ask for every form. */
  readonly cids?: readonly string[]
  readonly limit: number
}

/** How long a request that changes something is worth sending, and waiting for. */
export interface Until {
  readonly signal: AbortSignal
  /** One that is not sent yet is not sent any more; aborted with `signal` too. */
  readonly notAfter: AbortSignal
}

/** What is asked of the service for a pin. */
export interface PinWanted {
  readonly cid: string
  readonly name?: string
  readonly origins?: readonly string[]
  readonly meta?: Readonly<Record<string, string>>
}

/**
 * One bucket at a Pinning Service API. Every call throws a `ServiceError` when the service refuses, another
 * `RequestError` when it does not answer as the API says, or the signal's reason.
 */
export class BucketClient {
  /** Requests sent so far, repeated ones each time. */
  requestsSent = 0
  /** Whether an answer came that is one of the API's. */
  hasAnswered = false
  readonly bucket: string
  readonly #token: string
  readonly #http: Http
  readonly #endpoint: URL
  readonly #gate: PacedGate

  constructor(bucket: Bucket, service: { http: Http; endpoint: URL; gate: PacedGate }) {
    this.bucket = bucket.name
    this.#token = bucket.token
    this.#http = service.http
    this.#endpoint = service.endpoint
    this.#gate = {
      get width() {
        return service.gate.width
      },
      pass: (ask, waiting) =>
        service.gate.pass(() => {
          this.requestsSent++
          return ask()
        }, waiting),
      hold: (ms) => service.gate.hold(ms),
    }
  }

  /** How many of its requests are worth having in flight now. */
  get width(): number {
    return this.#gate.width
  }

  /** GET /pins */
  async list(query: ListQuery, signal: AbortSignal): Promise<Page> {
    const { after, before } = query.window ?? everything
    const url = this.#url('pins')
    // In one string, commas as they are: the API's lists are of style `form`, not exploded.
    const search = [`status=${(query.statuses ?? statuses).join(',')}`, `limit=${query.limit}`]
    if (query.cids !== undefined) search.push(`cid=${query.cids.map(encodeURIComponent).join(',')}`)
    if (after !== null) search.push(`after=${new Date(after).toISOString()}`)
    if (before !== null) search.push(`before=${new Date(before).toISOString()}`)
    url.search = search.join('&')
    return this.#ask({ method: 'GET', url, repeatable: true }, readPage, signal)
  }

  /** GET /pins/{requestid}; `undefined` where the service has no such request. */
  async get(requestid: string, signal: AbortSignal): Promise<PinRequest | undefined> {
    const url = this.#url(`pins/${encodeURIComponent(requestid)}`)
    try {
      return await this.#ask({ method: 'GET', url, repeatable: true }, readRequest, signal)
    } catch (error) {
      if (error instanceof ServiceError && error.status === 404) return undefined
      throw error
    }
  }

  /** POST /pins. Repeated by itself only where the service's rate refused it: each one makes another request there. */
  async add(pin: PinWanted, until: Until): Promise<PinRequest> {
    return this.#post('pins', pin, until)
  }

  /** POST /pins/{requestid}. Never where the requestid is the CID: IPFS Cluster then drops the pin (measured). */
  async replace(requestid: string, pin: PinWanted, until: Until): Promise<PinRequest> {
    return this.#post(`pins/${encodeURIComponent(requestid)}`, pin, until)
  }

  #post(path: string, pin: PinWanted, { signal, notAfter }: Until): Promise<PinRequest> {
    const headers = { 'content-type': 'application/json' }
    const request = {
      method: 'POST',
      url: this.#url(path),
      headers,
      body: JSON.stringify(pin),
      repeatable: false,
      notAfter,
    } as const
    return this.#ask(request, readRequest, signal)
  }

  #url(path: string): URL {
    const url = new URL(this.#endpoint)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`
    return url
  }

  async #ask<T>(
    request: Pick<Request, 'method' | 'url' | 'headers' | 'body' | 'repeatable' | 'notAfter'>,
    read: (json: unknown) => T,
    signal: AbortSignal,
  ): Promise<T> {
    const headers = { ...request.headers, authorization: `Bearer ${this.#token}` }
    try {
      const answer = await this.#http.ask({
        ...request,
        headers,
        signal,
        deadline,
        gate: this.#gate,
        alsoPasses: 500,
        mayUseProxy: true,
      })
      const found = read(JSON.parse(answer.text))
      this.hasAnswered = true
      return found
    } catch (error) {
      if (error instanceof StatusError) throw this.#refused(error)
      const shown = { method: request.method, url: request.url.href }
      if (error instanceof SyntaxError)
        throw new BadAnswerError({ ...shown, detail: 'the answer is not JSON' }, error)
      if (error instanceof ZodError)
        throw new BadAnswerError({ ...shown, detail: z.prettifyError(error) }, error)
      throw error
    }
  }

  #refused(error: StatusError): ServiceError {
    const { reason, details } = readFailure(error.body)
    const words = [reason, details].filter((word) => word !== '').join(': ')
    const said = `${error.method} ${error.url}: status ${error.status}${words === '' ? '' : `, ${words}`}`
    const advice = adviceFor(error.status)
    const message = advice === undefined ? said : `${advice} (${said})`
    return new ServiceError({ status: error.status, reason, details, message }, error)
  }
}

const failure = z.object({ error: z.object({ reason: z.string(), details: z.string().catch('') }) })

/** The service's own words for a refusal; bodies that are not JSON happen, and are quoted as they are. */
function readFailure(body: string): { reason: string; details: string } {
  try {
    return failure.parse(JSON.parse(body)).error
  } catch {
    return { reason: '', details: body.trim().slice(0, 300) }
  }
}

function adviceFor(status: number): string | undefined {
  if (status === 401) return 'the service does not accept this bucket’s token: check its line in `buckets`'
  if (status === 403)
    return 'the service does not let this token use its Pinning Service API: check the plan and the token’s rights'
  if (status === 409) return 'the service says that the funds do not suffice'
  if (status >= 300 && status < 400)
    return 'the endpoint redirects, and no redirect is followed with a token: check `endpoint`'
  if (status === 404) return 'nothing was found there: check `endpoint`'
  return undefined
}
