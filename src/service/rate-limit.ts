import PQueue from 'p-queue'
import { retryDelay } from '../domain/backoff.ts'
import type { Gate } from '../http.ts'

/** Requests in flight while buckets are listed, however many there are. */
const concurrency = 16
/** A service that answers nobody and only asks to be left alone is given up after so many ms. */
const patience = 10 * 60_000

/** The service's rate: so many requests a second, whoever asks, and none while the service asks to be left alone. */
export class RateLimit implements Gate, Disposable {
  readonly #queue: PQueue
  #heldUntil = 0
  /** Holds since the last answer, and when the first of them began. */
  #holds = 0
  #firstHold = 0
  #release: NodeJS.Timeout | undefined

  constructor(requestsPerSecond: number) {
    // A sliding window: a fixed one lets twice the rate pass around its edge.
    this.#queue = new PQueue({ concurrency, interval: 1000, intervalCap: requestsPerSecond, strict: true })
  }

  /** Allows more in flight: a service that takes a second to answer else holds back what the rate allows. */
  widen(inFlight: number): void {
    this.#queue.concurrency = Math.max(concurrency, inFlight)
  }

  pass<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const askAndNote = async () => {
      const answer = await ask()
      this.#holds = 0
      return answer
    }
    return this.#queue.add(askAndNote, { signal })
  }

  hold(ms: number | undefined): boolean {
    const now = Date.now()
    // The other refusals of one burst say nothing new, unless they say how long.
    if (ms === undefined && now < this.#heldUntil) return true
    if (this.#holds === 0) this.#firstHold = now
    else if (now - this.#firstHold >= patience) return false
    this.#holds++
    // At once (0) is where the refused request came from.
    this.#holdUntil(now + retryDelay(this.#holds, ms || undefined, Math.random()), now)
    return true
  }

  #holdUntil(until: number, now: number): void {
    if (until <= this.#heldUntil) return
    this.#heldUntil = until
    this.#queue.pause()
    clearTimeout(this.#release)
    this.#release = setTimeout(() => this.#queue.start(), until - now)
  }

  /** Lets the process end before a hold does. */
  [Symbol.dispose](): void {
    clearTimeout(this.#release)
  }
}
