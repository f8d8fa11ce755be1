import { setTimeout as sleep } from 'node:timers/promises'
import { type Dispatcher, request, errors as undiciErrors } from 'undici'
import { retryDelay } from '../domain/backoff.ts'
import { BadAnswerError, DeadlineError, NoAnswerError, RequestError, StatusError } from '../errors.ts'
import { type Roads, Ways } from './ways.ts'

export interface Request {
  readonly method: 'GET' | 'PATCH' | 'POST'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
  /**
   * A request that is still waiting at its gate when this is aborted is not sent; one that was sent goes on. Whatever
   * aborts `signal` aborts this too.
   */
  readonly notAfter?: AbortSignal
  /** For the whole answer; for a streamed one, for its headers and for each silence after them. ms. */
  readonly deadline: number
  /**
   * Whether asking twice does no more than asking once: only then is a failed request repeated. What a gate's server
   * refused for its rate (429) was not done, and is always repeated.
   */
  readonly repeatable: boolean
  /** How often a repeatable request is tried. */
  readonly tries?: number
  /** A status that may pass besides those of every server. */
  readonly alsoPasses?: number
  /** A status that, with a time to wait, is a refusal for the rate, besides 429. */
  readonly alsoLimits?: number
  /** A status that is an answer here, besides the 2xx. */
  readonly alsoAnswers?: number
  /** The largest answer that is read, in bytes; what is longer is a `BadAnswerError`. */
  readonly maxBytes?: number
  /** Goes through the proxy that the machine has for it, if any. What goes to the node never does. */
  readonly mayUseProxy?: boolean
  /** Asked through this Unix socket; the URL then gives the path only. */
  readonly socket?: string
  /** What errors call the address, where the address itself is a secret. */
  readonly shownUrl?: string
  /** Every try passes through it: the place of a rate limit. */
  readonly gate?: Gate
}

export interface Gate {
  /** @param waiting aborted, one that is still waiting for its turn does not pass any more, and fails at once */
  pass<T>(ask: () => Promise<T>, waiting: AbortSignal): Promise<T>
  /**
   * The server asked to be left alone, for so many ms where it said: nobody passes until then.
   * @returns `false` where it has asked for nothing else for so long that waiting is no use
   */
  hold(ms: number | undefined): boolean
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** The server's clock, ms since the epoch, where it tells it. */
  readonly date: number | undefined
}

export interface StreamedAnswer {
  /** What the server calls itself, where it says. */
  readonly server: string | undefined
  readonly chunks: AsyncIterable<Buffer>
  /** Complete once `chunks` has ended. */
  readonly trailers: Readonly<Record<string, string | undefined>>
}

/** Statuses after which a repeatable request may fare better. A Kubo 500 is an answer, so 500 is not among them. */
const passingStatuses = new Set([408, 425, 429, 502, 503, 504])
const longestErrorBody = 64 * 1024

/** The one way in which this program asks other programs over HTTP. */
export class Http {
  readonly #ways: Ways
  readonly #userAgent: string
  /** What has come of the answers that are being read. */
  readonly #coming: Coming

  /** @param mostAtOnce so many bytes of all answers that are being read; what comes beyond them is a `BadAnswerError` */
  constructor(userAgent: string, roads: Roads = {}, mostAtOnce = 512 * 1024 * 1024) {
    this.#coming = { bytes: 0, most: mostAtOnce }
    this.#ways = new Ways(roads)
    this.#userAgent = userAgent
  }

  /** Sends a request and reads the whole answer, trying again where that may help. */
  async ask(wanted: Request): Promise<Answer> {
    return this.#withRetries(wanted, async () => {
      using deadline = new Deadline(wanted.signal, wanted.deadline)
      try {
        const response = await this.#send(wanted, deadline.signal, wanted.deadline)
        const text = await readText(response, wanted, this.#coming)
        const { statusCode: status } = response
        const date = dateOf(response.headers)
        return { status, text: isSuccess(status) ? text : withoutCredentials(text, wanted), date }
      } catch (error) {
        throw translate(error, wanted, this.#ways.proxyOf(wanted), deadline)
      }
    })
  }

  /** Sends a request whose answer is read as it comes; tried again only until its first byte. */
  async open(wanted: Request): Promise<StreamedAnswer> {
    return this.#withRetries(wanted, async () => {
      try {
        const response = await this.#send(wanted, wanted.signal, wanted.deadline)
        const { server } = response.headers
        return {
          server: typeof server === 'string' ? server : undefined,
          chunks: readChunks(response, wanted, this.#ways.proxyOf(wanted)),
          trailers: response.trailers as StreamedAnswer['trailers'],
        }
      } catch (error) {
        throw translate(error, wanted, this.#ways.proxyOf(wanted))
      }
    })
  }

  /** Closes every connection, so that the process can end. */
  async close(): Promise<void> {
    await this.#ways.close()
  }

  async #withRetries<T>(wanted: Request, ask: () => Promise<T>): Promise<T> {
    const tries = wanted.tries ?? 5
    const { gate, signal, notAfter = signal } = wanted
    for (let failures = 0; ; ) {
      signal.throwIfAborted()
      try {
        return await (gate === undefined ? ask() : gate.pass(ask, notAfter))
      } catch (error) {
        // Whoever asked: a rate is for all. What it refuses was not done and takes none of the request's tries.
        const isRest = asksForRest(error)
        const isHeld = isRest ? gate?.hold(error.retryAfterMs) : undefined
        const isRefused = isHeld === true && isRest && isRefusedForRate(error, wanted)
        const isUndone = isRefused || (wanted.repeatable && mayPass(error, wanted))
        if (isHeld === false || !isUndone) throw error
        if (isHeld) continue
        if (++failures >= tries) throw error
        const retryAfterMs = error instanceof StatusError ? error.retryAfterMs : undefined
        await pause(retryDelay(failures, retryAfterMs, Math.random()), signal)
      }
    }
  }

  async #send(wanted: Request, signal: AbortSignal, idle: number): Promise<Dispatcher.ResponseData> {
    const response = await request(wanted.url, {
      method: wanted.method,
      headers: { 'user-agent': this.#userAgent, accept: 'application/json', ...wanted.headers },
      body: wanted.body ?? null,
      signal,
      headersTimeout: idle,
      bodyTimeout: idle,
      dispatcher: this.#ways.of(wanted),
    })
    const { statusCode } = response
    if (isSuccess(statusCode) || statusCode === wanted.alsoAnswers) return response
    throw new StatusError({
      ...facts(wanted),
      status: response.statusCode,
      body: withoutCredentials(await readErrorBody(response), wanted),
      retryAfterMs: retryAfter(response.headers, Date.now()),
    })
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** Aborts with a signal, or once its time has passed; a tenth of the cost of `AbortSignal.any` and `.timeout`. */
class Deadline implements Disposable {
  hasPassed = false
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #abort = () => this.#controller.abort()

  constructor(outer: AbortSignal, ms: number) {
    this.#outer = outer
    this.#timer = setTimeout(() => {
      this.hasPassed = true
      this.#abort()
    }, ms)
    outer.addEventListener('abort', this.#abort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#outer.removeEventListener('abort', this.#abort)
  }
}

/** What the server asks to wait, in ms: `Retry-After` in seconds or as a date, else `X-RateLimit-Reset`. */
function retryAfter(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): number | undefined {
  const after = headers['retry-after']
  if (typeof after === 'string') {
    const wait = /^\d+$/.test(after.trim()) ? Number(after) * 1000 : Date.parse(after) - now
    if (Number.isFinite(wait)) return bounded(wait)
  }
  const reset = headers['x-ratelimit-reset']
  if (typeof reset === 'string' && /^\d+$/.test(reset.trim()) && headers['x-ratelimit-remaining'] === '0') {
    const value = Number(reset)
    // Services write it as seconds from now, as seconds since the epoch, or as milliseconds since the epoch.
    if (value > 1e12) return bounded(value - now)
    return bounded(value > 1e9 ? value * 1000 - now : value * 1000)
  }
  return undefined
}

function dateOf({ date }: Dispatcher.ResponseData['headers']): number | undefined {
  const instant = typeof date === 'string' ? Date.parse(date) : Number.NaN
  return Number.isNaN(instant) ? undefined : instant
}

const longestWait = 10 * 60_000
const bounded = (ms: number) => Math.min(longestWait, Math.max(0, ms))

/** @throws the signal's reason, which a timer hides in an error of its own */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}

function asksForRest(error: unknown): error is StatusError {
  return error instanceof StatusError && (error.status === 429 || error.retryAfterMs !== undefined)
}

function isRefusedForRate({ status, retryAfterMs }: StatusError, { alsoLimits }: Request): boolean {
  return status === 429 || (status === alsoLimits && retryAfterMs !== undefined)
}

function mayPass(error: unknown, wanted: Request): boolean {
  if (error instanceof NoAnswerError || error instanceof DeadlineError) return true
  if (!(error instanceof StatusError)) return false
  return passingStatuses.has(error.status) || error.status === wanted.alsoPasses
}

/** How many bytes of the answers that are being read have come, and how many may. */
interface Coming {
  bytes: number
  readonly most: number
}

async function readText(response: Dispatcher.ResponseData, wanted: Request, coming: Coming): Promise<string> {
  const limit = wanted.maxBytes ?? 64 * 1024 * 1024
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length
      coming.bytes += chunk.length
      if (size > limit)
        throw new BadAnswerError({ ...facts(wanted), detail: `the answer is larger than ${limit} bytes` })
      if (coming.bytes > coming.most)
        throw new BadAnswerError({
          ...facts(wanted),
          detail: `the answers that come in at once are larger than ${coming.most} bytes`,
        })
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    coming.bytes -= size
  }
}

async function* readChunks(
  response: Dispatcher.ResponseData,
  wanted: Request,
  proxy: URL | undefined,
): AsyncIterable<Buffer> {
  try {
    yield* response.body as AsyncIterable<Buffer>
  } catch (error) {
    throw translate(error, wanted, proxy)
  }
}

async function readErrorBody(response: Dispatcher.ResponseData): Promise<string> {
  let body = ''
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    body += chunk.toString('utf8')
    if (body.length > longestErrorBody) break
  }
  return body.slice(0, longestErrorBody)
}

/** Servers repeat what they refuse: takes the request's credentials out of a body that may be shown. */
function withoutCredentials(body: string, { headers }: Request): string {
  const credentials = headers?.['authorization']?.replace(/^\S+ +/, '')
  return credentials ? plainJson(body).replaceAll(credentials, '***') : body
}

/** JSON without needless escapes, in which nothing hides; what is not JSON as it is. */
function plainJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

function facts(wanted: Request): { method: string; url: string } {
  const { protocol, host, pathname, search } = wanted.url
  const server = wanted.socket === undefined ? `${protocol}//${host}` : `unix:${wanted.socket}`
  return { method: wanted.method, url: wanted.shownUrl ?? `${server}${pathname}${search}` }
}

function translate(error: unknown, wanted: Request, proxy: URL | undefined, deadline?: Deadline): unknown {
  if (error instanceof RequestError) return error
  if (wanted.signal.aborted) return wanted.signal.reason
  // Its origin has no credentials.
  const shown = { ...facts(wanted), proxy: proxy?.origin }
  if (
    deadline?.hasPassed === true ||
    error instanceof undiciErrors.HeadersTimeoutError ||
    error instanceof undiciErrors.BodyTimeoutError
  ) {
    return new DeadlineError({ ...shown, waitedMs: wanted.deadline })
  }
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code !== 'string') return error
  return new NoAnswerError({ ...shown, code, detail: String(message || code) }, error)
}
