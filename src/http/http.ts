import { Readable } from 'node:stream'
import { type Dispatcher, request } from 'undici'
import { retryDelay } from '../domain/backoff.ts'
import { StatusError } from '../errors.ts'
import { Secrets } from '../secrets/secrets.ts'
import { pause } from '../until.ts'
import { type Coming, readBytes, readChunks, readErrorBody, readText } from './body.ts'
import { Deadline } from './deadline.ts'
import { facts, type Through, translate } from './failures.ts'
import type { Answer, ByteAnswer, Request, StreamedAnswer } from './request.ts'
import { asksForRest, isRefusedForRate, mayPass, retryAfter } from './retry.ts'
import { type Roads, Ways } from './ways.ts'

export type { Answer, ByteAnswer, Gate, Request, StreamedAnswer } from './request.ts'

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

  /**
   * @param mostAtOnce how many bytes all answers that are being read may have together; an answer that goes beyond is
   *   a `BadAnswerError`
   */
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
        throw translate(error, wanted, this.#through(wanted), deadline)
      }
    })
  }

  /** Sends a request whose answer is read as it comes. It is repeated only until the first byte of the answer. */
  async open(wanted: Request): Promise<StreamedAnswer> {
    return this.#withRetries(wanted, async () => {
      try {
        const response = await this.#send(wanted, wanted.signal, wanted.deadline)
        const trailers = () => this.#trailersOf(response)
        return {
          server: this.#serverOf(response),
          chunks: readChunks(response, wanted, this.#through(wanted)),
          get trailers() {
            return trailers()
          },
        }
      } catch (error) {
        throw translate(error, wanted, this.#through(wanted))
      }
    })
  }

  /**
   * The same for an answer that is no text: what comes is as the server sent it, so it is never shown or kept, only
   * counted or passed on.
   */
  async openBytes(wanted: Request): Promise<ByteAnswer> {
    return this.#withRetries(wanted, async () => {
      try {
        const response = await this.#send(wanted, wanted.signal, wanted.deadline)
        const trailers = () => this.#trailersOf(response)
        return {
          server: this.#serverOf(response),
          bytes: readBytes(response, wanted, this.#through(wanted)),
          get trailers() {
            return trailers()
          },
        }
      } catch (error) {
        throw translate(error, wanted, this.#through(wanted))
      }
    })
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
      body: this.#bodyOf(wanted),
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
      body: await readErrorBody(response, this.#secrets),
      retryAfterMs: retryAfter(response.headers, Date.now()),
    })
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function dateOf({ date }: Dispatcher.ResponseData['headers']): number | undefined {
  const instant = typeof date === 'string' ? Date.parse(date) : Number.NaN
  return Number.isNaN(instant) ? undefined : instant
}
