/** What Node's timers can count, in ms; a longer wait would end at once. */
export const longestTimer = 2 ** 31 - 1

/** After a cancel, each thing that is to be told has so many ms to be found out: the runner kills the run after 10 s. */
const lastLook = 1000

/**
 * When a run ends: because a person cancels it, or because its time is over. It goes by a clock that only goes forward,
 * as the wall's may be set while a run lasts.
 */
export class RunTime implements Disposable {
  /** Aborted when the run is cancelled: what is in flight is cut off. */
  readonly cancelled: AbortSignal
  /** Aborted when the run is cancelled, and when its time is over: nothing new is begun. */
  readonly inTime: AbortSignal
  readonly #over = new AbortController()
  readonly #end: number
  #timer: NodeJS.Timeout | undefined

  /** @param limit how long it may last from now on, ms; any length */
  constructor(cancelled: AbortSignal, limit: number) {
    this.cancelled = cancelled
    this.inTime = AbortSignal.any([cancelled, this.#over.signal])
    this.#end = performance.now() + limit
    this.#watch()
  }

  /** What is left of its time, ms; never less than 0. */
  get left(): number {
    return this.inTime.aborted ? 0 : Math.max(0, this.#end - performance.now())
  }

  get wasCancelled(): boolean {
    return this.cancelled.aborted
  }

  /** Cancelled, or its time has passed. */
  get isOver(): boolean {
    return this.inTime.aborted
  }

  /** Whether an error is only what the end of the run makes of a request that it cuts short. */
  isCutShort(error: unknown): boolean {
    return this.isOver && error === this.inTime.reason
  }

  /** For what is only told: aborted a second after a cancel, or a second from now where that has come. */
  lastLook(): AbortSignal {
    const over = new AbortController()
    const begin = () => setTimeout(() => over.abort(this.cancelled.reason), lastLook).unref()
    if (this.cancelled.aborted) begin()
    else this.cancelled.addEventListener('abort', begin, { once: true })
    return over.signal
  }

  /** Waits so many ms. @throws what ended the run, where that comes first */
  async sleep(ms: number): Promise<void> {
    this.inTime.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, timerOf(ms))
    const end = () => reject(this.inTime.reason)
    this.inTime.addEventListener('abort', end)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.inTime.removeEventListener('abort', end)
    }
  }

  /** The time of a run that has ended is watched no longer. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #watch(): void {
    const left = this.#end - performance.now()
    if (left <= 0) this.#over.abort(new DOMException('the run’s time is over', 'TimeoutError'))
    // A limit is no reason for the process to live on.
    else this.#timer = setTimeout(() => this.#watch(), timerOf(left)).unref()
  }
}

/** A timer is cut to whole ms, so that one of 0.4 would fire before its time. */
function timerOf(ms: number): number {
  return Math.min(longestTimer, Math.max(0, Math.ceil(ms)))
}
