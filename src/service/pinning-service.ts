import type { Bucket } from '../config/types.ts'
import { Manners } from '../domain/manners.ts'
import type { Moment } from '../domain/moment.ts'
import type { PinRequest, Status } from '../domain/pin.ts'
import { statuses } from '../domain/pin.ts'
import { everything, type Window } from '../domain/windows.ts'
import { BadAnswerError, ServiceError, StatusError } from '../errors.ts'
import type { Gate, Http, Request } from '../http/http.ts'
import { countsOf, emptyPage, mergePages, type Page, readPage, readRequest } from './answers.ts'
import { writeBound } from './bounds.ts'
import { BucketApi } from './bucket-api.ts'
import type { PacedGate } from './rate-limit.ts'
import { isEmptyList, isRefusalOfForm } from './refusals.ts'

/** The most results the Pinning Service API defines for a page. */
export const fullPage = 1000
/** The most CIDs that it takes in a filter. */
export const cidsPerQuery = 10
/**
 * In bytes. Some services give all that they have, whatever limit is asked for: this is room for 200,000 requests
 * with their delegates.
 */
const longestPage = 128 * 1024 * 1024
/**
 * So often a list is asked for whose answer cannot be read: services, and proxies before them, answer nonsense now
 * and then.
 */
const readTries = 3

export interface ListQuery {
  /** Default: all time. */
  readonly window?: Window
  /** Default: all four. */
  readonly statuses?: readonly Status[]
  /** At most 10. Some services compare them as text, so ask for every form of a CID. */
  readonly cids?: readonly string[]
  readonly limit: number
}

/** Until when a request that changes something is sent, and waited for. */
export interface Until {
  readonly signal: AbortSignal
  /** Once aborted, a request that was not sent yet is not sent any more. Must be aborted with `signal` too. */
  readonly notAfter: AbortSignal
  /** Called right before it is sent. If it throws, the request is not sent. */
  readonly onSend?: () => void
  /** Called where it was refused for its rate: it was not taken, and waits to be sent again. */
  readonly onHeld?: () => void
}

/** What is asked of the service for a pin. */
export interface PinWanted {
  readonly cid: string
  readonly name?: string
  readonly origins?: readonly string[]
  readonly meta?: Readonly<Record<string, unknown>>
}

/**
 * One bucket at a Pinning Service API. Every call throws a `ServiceError` when the service refuses, another
 * `RequestError` when it does not answer as the API says, or the signal's reason.
 */
export class BucketClient {
  readonly bucket: string
  /** Its token was made of its name and the account's keys. */
  readonly isOfKeys: boolean
  /** How the service was found to answer. */
  readonly manners = new Manners()
  readonly #api: BucketApi

  constructor(bucket: Bucket, service: { http: Http; endpoint: URL; gate: PacedGate }) {
    this.bucket = bucket.name
    this.isOfKeys = bucket.isOfKeys === true
    this.#api = new BucketApi(bucket, service)
  }

  /** Requests sent so far, repeated ones each time. */
  get requestsSent(): number {
    return this.#api.requestsSent
  }

  /** Whether any answer came that is one of the API's. */
  get hasAnswered(): boolean {
    return this.#api.hasAnswered
  }

  /** How many requests are worth having in flight now. */
  get width(): number {
    return this.#api.gate.width
  }

  /** The present moment by the box's clock and by the service's. */
  get now(): Moment {
    return this.#api.now
  }

  /** Waits before what failed is asked again. @param tries how many have failed @throws the signal's reason */
  pause(tries: number, error: unknown, signal: AbortSignal): Promise<void> {
    return this.#api.pause(tries, error, signal)
  }

  /**
   * GET /pins. By several statuses at once, or, where the service does not take that, by each alone.
   * @param isTrial the service may not take this form: a request that it refuses is not repeated
   */
  async list(query: ListQuery, signal: AbortSignal, isTrial = false): Promise<Page> {
    const page = await this.#listInSomeForm(query, signal, isTrial)
    if ((query.statuses ?? statuses).length === 1 || this.#unreadable(page) === undefined) return page
    // One that reads several statuses as one of them may have nothing but an odd row there, and requests of the others.
    await this.#listSingly(query, signal, isTrial)
    return this.demandRequests(page)
  }

  /**
   * An answer whose rows are all unreadable, from a service that never showed a request, is not of this API. (Only
   * where several statuses were asked for: a single one may have just one odd row.)
   * @throws BadAnswerError
   */
  demandRequests(page: Page): Page {
    const problem = this.#unreadable(page)
    if (problem === undefined) return page
    throw new BadAnswerError({ method: 'GET', url: this.#api.url('pins').href, detail: problem })
  }

  #unreadable({ odd, requests }: Page): string | undefined {
    return requests.length > 0 || this.manners.hasShown ? undefined : odd[0]?.problem
  }

  async #listInSomeForm(query: ListQuery, signal: AbortSignal, isTrial: boolean): Promise<Page> {
    const asked = query.statuses ?? statuses
    const text = asked.join(',')
    if (asked.length > 1 && this.manners.asksSingly) return this.#listSingly(query, signal, isTrial)
    if (asked.length === 1 || isTrial || this.manners.takenFilters.has(text))
      return this.#list(query, signal, isTrial)
    try {
      return await this.#listTaken(text, query, signal)
    } catch (error) {
      if (!isRefusalOfForm(error)) throw error
    }
    // The form may be at fault, or the service for the moment: a form that every service takes shows which.
    await this.#list({ ...query, statuses: asked.slice(0, 1) }, signal, false)
    try {
      return await this.#listTaken(text, query, signal)
    } catch (error) {
      if (!isRefusalOfForm(error)) throw error
    }
    this.manners.asksSingly = true
    return this.#listSingly(query, signal, false)
  }

  async #listTaken(text: string, query: ListQuery, signal: AbortSignal): Promise<Page> {
    const page = await this.#list(query, signal, true)
    this.manners.takenFilters.add(text)
    return page
  }

  /**
   * One after the other, in the order of a request’s life. If they were asked for at the same time, each could miss a
   * request whose status changes just then.
   */
  async #listSingly(query: ListQuery, signal: AbortSignal, isTrial: boolean): Promise<Page> {
    const pages: Page[] = []
    for (const status of query.statuses ?? statuses)
      pages.push(await this.#list({ ...query, statuses: [status] }, signal, isTrial))
    return this.merge(pages)
  }

  /** Puts the answers for single statuses together as one. They must be in the order of a request's life. */
  merge(pages: readonly Page[]): Page {
    if (new Set(countsOf(pages)).size > 1) this.manners.countsAnyStatus = false
    return mergePages(pages, this.manners.countsAnyStatus)
  }

  async #list(query: ListQuery, signal: AbortSignal, isTrial: boolean): Promise<Page> {
    const { after, before } = query.window ?? everything
    const url = this.#api.url('pins')
    // One string with plain commas: lists in the API are of style `form`, not exploded.
    const search = [`status=${(query.statuses ?? statuses).join(',')}`, `limit=${query.limit}`]
    if (query.cids !== undefined) search.push(`cid=${query.cids.map(encodeURIComponent).join(',')}`)
    for (const bound of [writeBound('after', after), writeBound('before', before)])
      if (bound !== undefined) search.push(bound)
    url.search = search.join('&')
    const request = { method: 'GET', url, repeatable: true, maxBytes: longestPage } as const
    try {
      const page = await this.#read(request, signal, isTrial)
      this.manners.hasShown ||= page.requests.length > 0
      return page
    } catch (error) {
      if (!(this.hasAnswered || this.manners.hasListed) || !isEmptyList(error)) throw error
      this.manners.showsEmptyAs404 = true
      return emptyPage
    }
  }

  async #read(
    request: Pick<Request, 'method' | 'url' | 'repeatable' | 'maxBytes'>,
    signal: AbortSignal,
    isTrial: boolean,
  ): Promise<Page> {
    for (let tries = isTrial ? readTries : 1; ; tries++) {
      try {
        return await this.#api.ask(request, (json) => readPage(json, signal), signal, isTrial)
      } catch (error) {
        if (!(error instanceof BadAnswerError) || tries >= readTries) throw error
        await this.pause(tries, error, signal)
      }
    }
  }

  /** GET /pins/{requestid}; `undefined` where the service has no such request. */
  async get(requestid: string, signal: AbortSignal): Promise<PinRequest | undefined> {
    const url = this.#api.url('pins', requestid)
    try {
      return await this.#api.ask({ method: 'GET', url, repeatable: true }, readRequest, signal)
    } catch (error) {
      if (error instanceof ServiceError && error.status === 404) return undefined
      throw error
    }
  }

  /**
   * POST /pins. Repeated only where the service refused it for its rate, since every POST that it takes makes another
   * request there.
   */
  async add(pin: PinWanted, until: Until): Promise<PinRequest> {
    return this.#post(this.#api.url('pins'), pin, until)
  }

  /**
   * POST /pins/{requestid}. Never use it where the requestid is the CID itself: IPFS Cluster then drops the pin
   * (measured).
   */
  async replace(requestid: string, pin: PinWanted, until: Until): Promise<PinRequest> {
    return this.#post(this.#api.url('pins', requestid), pin, until)
  }

  #post(url: URL, pin: PinWanted, { signal, notAfter, onSend, onHeld }: Until): Promise<PinRequest> {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify(pin)
    const gate: Gate = {
      pass: (ask, signal) =>
        this.#api.gate.pass(async () => {
          notAfter.throwIfAborted()
          onSend?.()
          try {
            return await ask()
          } catch (error) {
            // A status that stands for another trouble too, such as 503, does not say that it was not taken.
            if (error instanceof StatusError && error.status === 429) onHeld?.()
            throw error
          }
        }, signal),
      hold: (ms) => this.#api.gate.hold(ms),
    }
    const request = { method: 'POST', url, headers, body, repeatable: false, notAfter, gate } as const
    return this.#api.ask(request, readRequest, signal)
  }
}
