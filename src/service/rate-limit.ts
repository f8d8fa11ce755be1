import PQueue from 'p-queue'
import type { Gate } from '../http.ts'

/** The service's rate: so many requests a second, whoever asks, and none while the service asks to be left alone. */
export class RateLimit implements Gate, Disposable {
  readonly #queue: PQueue
  #heldUntil = 0
  #release: NodeJS.Timeout | undefined

  constructor(requestsPerSecond: number) {
    // A sliding window: a fixed one lets twice the rate pass around its edge.
    this.#queue = new PQueue({ interval: 1000, intervalCap: requestsPerSecond, strict: true })
  }

  async pass<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    // Only the start is queued: how many are under way is for the callers to say.
    await this.#queue.add(() => {}, { signal })
    return ask()
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
