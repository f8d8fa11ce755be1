import { ZodError, z } from 'zod'
import type { Bucket } from '../config/types.ts'
import { retryDelay } from '../domain/backoff.ts'
import type { Moment } from '../domain/moment.ts'
import { BadAnswerError, StatusError } from '../errors.ts'
import type { Http, Request } from '../http/http.ts'
import type { PacedGate } from './rate-limit.ts'
import { readAnswer } from './read-answer.ts'
import { refusalOf } from './refusals.ts'

const deadline = 60_000

/** How a bucket is reached, whatever is asked: its URLs, its token, its place at the gate, and the service's clock. */
export class BucketApi {
  /** Requests sent so far, repeated ones each time. */
  requestsSent = 0
  /** Whether any answer came that is one of the API's. */
  hasAnswered = false
  /** Every request passes here: the service's gate, which counts for this bucket. */
  readonly gate: PacedGate
  readonly #token: string
  readonly #http: Http
  readonly #endpoint: URL
  /** What the last answer told of the service's clock, and when that was. */
  #clock: { readonly date: number; readonly at: number } | undefined

  constructor({ token }: Bucket, service: { http: Http; endpoint: URL; gate: PacedGate }) {
    this.#token = token
    this.#http = service.http
    this.#endpoint = service.endpoint
    this.gate = {
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

  /**
   * The present moment by both clocks. The service's is known from its last answer, and goes on from there by a clock
   * that nobody sets.
   */
  get now(): Moment {
    const service = this.#clock && this.#clock.date + Math.round(performance.now() - this.#clock.at)
    return { here: Date.now(), service: service ?? null }
  }

  /** @throws BadAnswerError where a part of the path cannot be written in a URL */
  url(...path: readonly string[]): URL {
    const url = new URL(this.#endpoint)
    const pathname = `${url.pathname.replace(/\/$/, '')}/${path.map(encodeURIComponent).join('/')}`
    url.pathname = pathname
    // In a URL `.` and `..` mean another folder, even where they are escaped. It would be another resource.
    if (url.pathname !== pathname) {
      const detail = `the requestid ${JSON.stringify(path.at(-1))} cannot be asked for by its name`
      throw new BadAnswerError({ method: 'GET', url: this.#endpoint.href, detail })
    }
    return url
  }

  /** Waits before what failed is asked again. @param tries how many have failed @throws the signal's reason */
  async pause(tries: number, error: unknown, signal: AbortSignal): Promise<void> {
    const url = this.#endpoint.href
    await this.#http.pause(retryDelay(tries, undefined, Math.random()), { url, error, signal })
  }

  /**
   * Asks, and reads the answer.
   * @param read may throw a ZodError, as the answer is not of the API then
   * @param isTrial the service may not take the form of this request
   */
  async ask<T>(
    request: Pick<
      Request,
      'method' | 'url' | 'headers' | 'body' | 'repeatable' | 'notAfter' | 'maxBytes' | 'gate'
    >,
    read: (json: unknown) => T | Promise<T>,
    signal: AbortSignal,
    isTrial = false,
  ): Promise<T> {
    const headers = { ...request.headers, authorization: `Bearer ${this.#token}` }
    try {
      const answer = await this.#http.ask({
        gate: this.gate,
        ...request,
        headers,
        signal,
        deadline,
        // With a 500 some services refuse a form that they do not understand, so it is not repeated then.
        ...(!isTrial && { alsoPasses: 500 }),
        mayUseProxy: true,
      })
      if (answer.date !== undefined) this.#clock = { date: answer.date, at: performance.now() }
      const found = await readAnswer(answer, request, read, signal)
      this.hasAnswered = true
      return found
    } catch (error) {
      if (error instanceof StatusError) throw refusalOf(error)
      const shown = { method: request.method, url: request.url.href }
      if (error instanceof SyntaxError)
        throw new BadAnswerError({ ...shown, detail: 'the answer is not JSON' }, error)
      if (error instanceof ZodError)
        throw new BadAnswerError({ ...shown, detail: z.prettifyError(error) }, error)
      throw error
    }
  }
}
