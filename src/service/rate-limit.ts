import PQueue from 'p-queue'
import type { Gate } from '../http.ts'

/** Requests in flight, however many buckets there are. */
const concurrency = 16

/** The service's rate: so many requests a second, whoever asks, and none while the service asks to be left alone. */
export class RateLimit implements Gate, Disposable {
  readonly #queue: PQueue
  #heldUntil = 0
  #release: NodeJS.Timeout | undefined

  constructor(requestsPerSecond: number) {
    // A sliding window: a fixed one lets twice the rate pass around its edge.
    this.#queue = new PQueue({ concurrency, interval: 1000, intervalCap: requestsPerSecond, strict: true })
  }

  pass<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#queue.add(ask, { signal })
  }

  hold(ms: number): void {
    const until = Date.now() + ms
    if (until <= this.#heldUntil) return
    this.#heldUntil = until
    this.#queue.pause()
    clearTimeout(this.#release)
    this.#release = setTimeout(() => this.#queue.start(), ms)
  }

  /** Lets the process end before a hold does. */
  [Symbol.dispose](): void {
    clearTimeout(this.#release)
  }
}
