import PQueue from 'p-queue'
import { retryDelay } from '../domain/backoff.ts'
import { mostInFlight, Pace, smoothed, worthInFlight } from '../domain/pace.ts'
import type { Gate } from '../http/http.ts'

/** A gate that paces those who pass. */
export interface PacedGate extends Gate {
  /** How many requests are worth having in flight now. */
  readonly width: number
}

/** A service that answers nobody and only asks to be left alone is given up after so many ms. */
const patience = 10 * 60_000
/** What a service takes to answer, ms, until it was measured. */
const usualLatency = 300

/** The service's rate: so many requests a second, evenly paced, whoever asks, and none while the service asks to be left alone. */
export class RateLimit implements PacedGate, Disposable {
  readonly #perSecond: number
  readonly #pace: Pace
  /** One waits until the next may go, and the others for it, in their order. */
  readonly #turns = new PQueue({ concurrency: 1 })
  readonly #timers = new Set<NodeJS.Timeout>()
  #inFlight = 0
  #onAnswer: (() => void) | undefined
  #latency: number | undefined
  #heldUntil = 0
  /** Holds since the last answer, and when the first of them began. */
  #holds = 0
  #firstHold = 0

  constructor(requestsPerSecond: number) {
    this.#perSecond = requestsPerSecond
    this.#pace = new Pace(requestsPerSecond)
  }

  /** As the rate and the latency that is measured have it: with fewer, the latency would be the limit. */
  get width(): number {
    return worthInFlight(this.#perSecond, this.#latency ?? usualLatency)
  }

  async pass<T>(ask: () => Promise<T>, waiting: AbortSignal): Promise<T> {
    await this.#turns.add(({ signal }) => this.#turn(signal), { signal: waiting })
    this.#inFlight++
    const asked = performance.now()
    try {
      const answer = await ask()
      this.#holds = 0
      this.#latency = smoothed(this.#latency, performance.now() - asked)
      return answer
    } finally {
      this.#inFlight--
      this.#onAnswer?.()
    }
  }

  hold(ms: number | undefined): boolean {
    const now = performance.now()
    // The other refusals of one burst say nothing new, unless they say how long.
    if (ms === undefined && now < this.#heldUntil) return true
    if (this.#holds === 0) this.#firstHold = now
    else if (now - this.#firstHold >= patience) return false
    this.#holds++
    // At once (0) is where the refused request came from.
    const until = now + retryDelay(this.#holds, ms || undefined, Math.random())
    this.#heldUntil = Math.max(this.#heldUntil, until)
    return true
  }

  /** Until the next may go. A turn whose request is not to be sent any more takes nobody's place. */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    while (signal?.aborted !== true) {
      const now = performance.now()
      const wait = Math.max(this.#pace.wait(now), this.#heldUntil - now)
      if (wait > 0) await this.#sleep(wait)
      else if (this.#inFlight >= mostInFlight) await this.#anAnswer()
      else return this.#pace.go(now)
    }
  }

  #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    // A timer cuts its time to whole ms.
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      resolve()
    }, Math.ceil(ms))
    this.#timers.add(timer)
    return promise
  }

  #anAnswer(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onAnswer = resolve
    return promise
  }

  /** Lets the process end before a hold does. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
