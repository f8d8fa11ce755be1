import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { type Dispatcher, request } from 'undici'
import { retryDelay } from '../domain/backoff.ts'
import { StatusError } from '../errors.ts'
import { Secrets } from '../secrets/secrets.ts'
import { pause } from '../until.ts'
import { type Coming, counted, linesIn, readBytes, readErrorBody, readPieces, readText } from './body.ts'
import { Deadline } from './deadline.ts'
import { facts, type Through, translate } from './failures.ts'
import type { Answer, Request, RequestEvents, Sent, StreamedAnswer } from './request.ts'
import { asksForRest, isRefusedForRate, mayPass, retryAfter } from './retry.ts'
import { type Roads, Ways } from './ways.ts'

export type {
  Answer,
  Gate,
  Request,
  RequestEvents,
  Sent,
  StreamedAnswer,
  Wait,
} from './request.ts'

/**
 * The one way in which this program asks other programs over HTTP. No secret comes in or goes out with a text: servers
 * repeat what they are given, and what they say is kept and shown. Secrets go in the header `Authorization`, and the
 * monitor's in its address.
 */
export class Http {
  readonly #ways: Ways
  readonly #secrets: Secrets
  readonly #userAgent: string
  /** How much has come of all answers that are being read. */
  readonly #coming: Coming
  readonly #events: RequestEvents
  /** Answers that came at once are given out one a turn, so that signals are heard between what is done with each. */
  #turns: Promise<void> = Promise.resolve()

  /**
   * @param mostAtOnce how many bytes all answers that are being read may have together; an answer that goes beyond is
   *   a `BadAnswerError`
   */
  constructor(
    userAgent: string,
    {
      secrets = new Secrets(),
      events = {},
      ...roads
    }: Roads & { readonly secrets?: Secrets; readonly events?: RequestEvents } = {},
    mostAtOnce = 512 * 1024 * 1024,
  ) {
    this.#coming = { bytes: 0, most: mostAtOnce }
    this.#ways = new Ways(roads)
    this.#secrets = secrets
    this.#userAgent = userAgent
    this.#events = events
  }

  /** Sends a request and reads the whole answer, trying again where that may help. */
  async ask(wanted: Request): Promise<Answer> {
    const answer = await this.#withRetries(wanted, async () => {
      using deadline = new Deadline(wanted.signal, wanted.deadline)
      const over = this.#sending(wanted)
      try {
        const response = await this.#send(wanted, deadline.signal, wanted.deadline)
        const pieces = await readPieces(response, wanted, this.#coming, this.#secrets)
        over?.({ status: response.statusCode, body: pieces })
        return {
          status: response.statusCode,
          get text() {
            return pieces.join('')
          },
          pieces,
          date: dateOf(response.headers),
        }
      } catch (error) {
        const failure = translate(error, wanted, this.#through(wanted), deadline)
        over?.(undefined, failure)
        throw failure
      }
    })
    // Only here: how long this takes is nothing that the server's latency could be measured by.
    this.#turns = this.#turns.then(() => turn())
    await this.#turns
    return answer
  }

  /** Sends a request whose answer is read as it comes. It is repeated only until the first byte of the answer. */
  async open(wanted: Request): Promise<StreamedAnswer> {
    return this.#stream(wanted, {
      as: (bytes) => readText(bytes, this.#secrets),
      sizeOf: linesIn,
      told: (lines) => ({ lines }),
    })
  }

  /**
   * The same for an answer that is no text: what comes is as the server sent it, so it is never shown or kept, only
   * counted or passed on.
   */
  async openBytes(wanted: Request): Promise<StreamedAnswer<Uint8Array>> {
    return this.#stream(wanted, {
      as: (bytes) => bytes,
      sizeOf: ({ length }) => length,
      told: (bytes) => ({ bytes }),
    })
  }

  async #stream<Piece>(
    wanted: Request,
    read: {
      readonly as: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Piece>
      readonly sizeOf: (piece: Piece) => number
      readonly told: (size: number) => NonNullable<Sent['answer']>['body']
    },
  ): Promise<StreamedAnswer<Piece>> {
    return this.#withRetries(wanted, async () => {
      const over = this.#sending(wanted)
      try {
        const response = await this.#send(wanted, wanted.signal, wanted.deadline)
        const chunks = read.as(readBytes(response, wanted, this.#through(wanted)))
        const { statusCode: status } = response
        const trailers = () => this.#trailersOf(response)
        return {
          server: this.#serverOf(response),
          chunks:
            over === undefined
              ? chunks
              : counted(chunks, read.sizeOf, (size, error) => over({ status, body: read.told(size) }, error)),
          get trailers() {
            return trailers()
          },
        }
      } catch (error) {
        const failure = translate(error, wanted, this.#through(wanted))
        over?.(undefined, failure)
        throw failure
      }
    })
  }

  /** Waits before a server is asked again, and tells of it. @throws the signal's reason */
  async pause(
    ms: number,
    { url, error, signal }: { readonly url: string; readonly error: unknown; readonly signal: AbortSignal },
  ): Promise<void> {
    this.#events.onWait?.({ url, ms, error })
    await pause(ms, signal)
  }

  /** Closes every connection, so that the process can end. */
  async close(): Promise<void> {
    await this.#ways.close()
  }

  #bodyOf({ body }: Request): string | Readable | null {
    if (body === undefined) return null
    return typeof body === 'string' ? this.#secrets.redact(body) : Readable.from(body)
  }

  #serverOf({ headers }: Dispatcher.ResponseData): string | undefined {
    return typeof headers['server'] === 'string' ? this.#secrets.redact(headers['server']) : undefined
  }

  #trailersOf({ trailers }: Dispatcher.ResponseData): StreamedAnswer['trailers'] {
    const texts = Object.entries(trailers as StreamedAnswer['trailers'])
    return Object.fromEntries(texts.map(([name, text]) => [name, text && this.#secrets.redact(text)]))
  }

  #through(wanted: Request): Through {
    return { proxy: this.#ways.proxyOf(wanted), secrets: this.#secrets }
  }

  /** @returns what to call once it is over; `undefined` where nobody listens */
  #sending(wanted: Request): ((answer: Sent['answer'], error?: unknown) => void) | undefined {
    const { onSent } = this.#events
    if (onSent === undefined) return undefined
    const started = performance.now()
    return (answer, error) => onSent({ ...facts(wanted), took: performance.now() - started, answer, error })
  }

  async #withRetries<T>(wanted: Request, ask: () => Promise<T>): Promise<T> {
    const tries = wanted.tries ?? 5
    const { gate, signal, notAfter = signal } = wanted
    for (let failures = 0; ; ) {
      signal.throwIfAborted()
      try {
        return await (gate === undefined ? ask() : gate.pass(ask, notAfter))
      } catch (error) {
        // A rate is for all requests, whichever was refused. A refused request was not carried out, so it counts as
        // no try.
        const isRest = gate !== undefined && asksForRest(error)
        const held = isRest ? gate.hold(error.retryAfterMs) : undefined
        if (isRest && held === undefined) throw error
        const isRefused = isRest && isRefusedForRate(error, wanted)
        const isUndone = isRefused || (wanted.repeatable && mayPass(error, wanted))
        if (!isUndone) throw error
        if (held === undefined && ++failures >= tries) throw error
        const retryAfterMs = error instanceof StatusError ? error.retryAfterMs : undefined
        const ms = held ?? retryDelay(failures, retryAfterMs, Math.random())
        // While it is held, nobody passes the gate.
        if (held === undefined) await this.pause(ms, { ...facts(wanted), error, signal })
        else this.#events.onWait?.({ url: facts(wanted).url, ms, error })
      }
    }
  }

  async #send(wanted: Request, signal: AbortSignal, idle: number): Promise<Dispatcher.ResponseData> {
    const response = await request(wanted.url, {
      method: wanted.method,
      headers: { 'user-agent': this.#userAgent, accept: 'application/json', ...wanted.headers },
      body: this.#bodyOf(wanted),
      signal,
      headersTimeout: idle,
      bodyTimeout: idle,
      dispatcher: this.#ways.of(wanted),
    })
    const { statusCode } = response
    if (isSuccess(statusCode) || statusCode === wanted.alsoAnswers) return response
    const body = await readErrorBody(response, this.#secrets)
    throw new StatusError({
      ...facts(wanted),
      status: statusCode,
      body,
      retryAfterMs: retryAfter(response.headers, Date.now()) ?? wanted.waitIn?.(statusCode, body),
    })
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** The year of a date in HTTP has four digits. What is beyond is none, and is no time that could be kept. */
const lastDate = Date.UTC(9999, 11, 31, 23, 59, 59)

function dateOf({ date }: Dispatcher.ResponseData['headers']): number | undefined {
  const instant = typeof date === 'string' ? Date.parse(date) : Number.NaN
  return instant >= 0 && instant <= lastDate ? instant : undefined
}
