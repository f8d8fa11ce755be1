import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Dispatcher, request, errors as undiciErrors } from 'undici'
import { retryDelay } from '../domain/backoff.ts'
import { BadAnswerError, DeadlineError, NoAnswerError, RequestError, StatusError } from '../errors.ts'
import { CleanLines } from '../secrets/clean-lines.ts'
import { Secrets } from '../secrets/secrets.ts'
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
  readonly chunks: AsyncIterable<string>
  /** Complete once `chunks` has ended. */
  readonly trailers: Readonly<Record<string, string | undefined>>
}

/** Statuses after which a repeatable request may fare better. A Kubo 500 is an answer, so 500 is not among them. */
const passingStatuses = new Set([408, 425, 429, 502, 503, 504])
const longestErrorBody = 64 * 1024

/**
 * The one way in which this program asks other programs over HTTP. No secret comes in or goes out with a text: servers
 * repeat what they are given, and what they say is kept and shown. Secrets go in the header `Authorization`, and the
 * monitor's in its address.
 */
export class Http {
  readonly #ways: Ways
  readonly #secrets: Secrets
  readonly #userAgent: string
  /** What has come of the answers that are being read. */
  readonly #coming: Coming

  /** @param mostAtOnce so many bytes of all answers that are being read; what comes beyond them is a `BadAnswerError` */
  constructor(
    userAgent: string,
    { secrets = new Secrets(), ...roads }: Roads & { readonly secrets?: Secrets } = {},
    mostAtOnce = 512 * 1024 * 1024,
  ) {
    this.#coming = { bytes: 0, most: mostAtOnce }
    this.#ways = new Ways(roads)
    this.#secrets = secrets
    this.#userAgent = userAgent
  }

  /** Sends a request and reads the whole answer, trying again where that may help. */
  async ask(wanted: Request): Promise<Answer> {
    return this.#withRetries(wanted, async () => {
      using deadline = new Deadline(wanted.signal, wanted.deadline)
      try {
        const response = await this.#send(wanted, deadline.signal, wanted.deadline)
        const text = this.#secrets.redact(await readText(response, wanted, this.#coming))
        return { status: response.statusCode, text, date: dateOf(response.headers) }
      } catch (error) {
        throw this.#translate(error, wanted, deadline)
      }
    })
  }

  /** Sends a request whose answer is read as it comes; tried again only until its first byte. */
  async open(wanted: Request): Promise<StreamedAnswer> {
    return this.#withRetries(wanted, async () => {
      try {
        const response = await this.#send(wanted, wanted.signal, wanted.deadline)
        const secrets = this.#secrets
        return {
          chunks: this.#readChunks(response, wanted),
          get trailers() {
            const texts = Object.entries(response.trailers as StreamedAnswer['trailers'])
            return Object.fromEntries(texts.map(([name, text]) => [name, text && secrets.redact(text)]))
          },
        }
      } catch (error) {
        throw this.#translate(error, wanted)
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
      body: wanted.body === undefined ? null : this.#secrets.redact(wanted.body),
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
      body: await readErrorBody(response, new CleanLines(this.#secrets)),
      retryAfterMs: retryAfter(response.headers, Date.now()),
    })
  }

  async *#readChunks(response: Dispatcher.ResponseData, wanted: Request): AsyncIterable<string> {
    const decoder = new StringDecoder('utf8')
    const clean = new CleanLines(this.#secrets)
    try {
      for await (const chunk of response.body as AsyncIterable<Buffer>)
        yield clean.write(decoder.write(chunk))
      yield clean.write(decoder.end()) + clean.end()
    } catch (error) {
      throw this.#translate(error, wanted)
    }
  }

  #translate(error: unknown, wanted: Request, deadline?: Deadline): unknown {
    if (error instanceof RequestError) return error
    if (wanted.signal.aborted) return wanted.signal.reason
    // Its origin has no credentials.
    const shown = { ...facts(wanted), proxy: this.#ways.proxyOf(wanted)?.origin }
    if (
      deadline?.hasPassed === true ||
      error instanceof undiciErrors.HeadersTimeoutError ||
      error instanceof undiciErrors.BodyTimeoutError
    ) {
      return new DeadlineError({ ...shown, waitedMs: wanted.deadline })
    }
    const { code, message } = error as { code?: unknown; message?: unknown }
    if (typeof code !== 'string') return error
    return new NoAnswerError({ ...shown, code, detail: this.#secrets.redact(String(message || code)) }, error)
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

/** A secret may lie across its pieces, and across its end. */
async function readErrorBody({ body }: Dispatcher.ResponseData, clean: CleanLines): Promise<string> {
  const decoder = new StringDecoder('utf8')
  let text = ''
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += clean.write(decoder.write(chunk))
    if (text.length > longestErrorBody) return text.slice(0, longestErrorBody)
  }
  return (text + clean.write(decoder.end()) + clean.end()).slice(0, longestErrorBody)
}

function facts(wanted: Request): { method: string; url: string } {
  const { protocol, host, pathname, search } = wanted.url
  const server = wanted.socket === undefined ? `${protocol}//${host}` : `unix:${wanted.socket}`
  return { method: wanted.method, url: wanted.shownUrl ?? `${server}${pathname}${search}` }
}
