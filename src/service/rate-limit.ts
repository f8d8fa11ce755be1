import PQueue from 'p-queue'
import { retryDelay } from '../domain/backoff.ts'
import { mostInFlight, Pace, smoothed, worthInFlight } from '../domain/pace.ts'
import type { Gate } from '../http/http.ts'

/** A gate that lets requests pass at a steady pace. */
export interface PacedGate extends Gate {
  /** How many requests are worth having in flight now. */
  readonly width: number
}

/** A service that answers nothing, and only asks to wait, is given up after so many ms. */
const patience = 10 * 60_000
/** What a service takes to answer, ms, until it was measured. */
const usualLatency = 300

/** Lets requests go to the service at an even rate, whoever sends them. While the service asks to wait, none goes. */
export class RateLimit implements PacedGate, Disposable {
  readonly #perSecond: number
  readonly #pace: Pace
  /** One request at a time waits until it may go; the others wait behind it, in their order. */
  readonly #turns = new PQueue({ concurrency: 1 })
  readonly #timers = new Set<NodeJS.Timeout>()
  #inFlight = 0
  #onAnswer: (() => void) | undefined
  #latency: number | undefined
  #heldUntil = 0
  /** How often the service asked to wait since its last answer, and when that began. */
  #holds = 0
  #firstHold = 0

  constructor(requestsPerSecond: number) {
    this.#perSecond = requestsPerSecond
    this.#pace = new Pace(requestsPerSecond)
  }

  /** Follows from the rate and the measured latency: with fewer in flight, the latency would be what limits. */
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

  hold(ms: number | undefined): number | undefined {
    const now = performance.now()
    // The other refusals of one burst say nothing new, unless they name a time.
    if (ms === undefined && now < this.#heldUntil) return this.#heldUntil - now
    if (this.#holds === 0) this.#firstHold = now
    else if (now - this.#firstHold >= patience) return undefined
    this.#holds++
    // A time of 0 (at once) is no time: the request that was refused went out at once, too.
    const until = now + retryDelay(this.#holds, ms || undefined, Math.random())
    this.#heldUntil = Math.max(this.#heldUntil, until)
    return this.#heldUntil - now
  }

  /** Waits until the next may go. A request that is not to be sent any more uses up no turn. */
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
    // Rounded up, as a timer cuts its time to whole ms.
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

  /** So that the process can end while the service still asks to wait. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
