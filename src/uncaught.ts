import { setTimeout as sleep } from 'node:timers/promises'

/** So many are told. One that comes again and again would fill the report. */
const mostTold = 10

/**
 * What nobody caught: an exception, a rejected promise, or an event loop that has run empty before the work came to
 * its end. Node would end the process there and then, with nothing told.
 */
export class Uncaught {
  readonly #tell: (error: unknown) => void
  readonly #grace: () => number
  #count = 0
  #stop: (() => void) | undefined
  /** What is done when the event loop has run empty. */
  #idle: (() => void) | undefined

  /**
   * Minds the process from here on.
   * @param grace after an uncaught error, the work under way has so many ms to come to its end
   */
  constructor(tell: (error: unknown) => void, grace: () => number) {
    this.#tell = tell
    this.#grace = grace
    for (const event of ['uncaughtException', 'unhandledRejection'] as const)
      process.on(event, (error) => this.#add(error))
    process.on('beforeExit', () => this.#idle?.())
  }

  /** How many there were. */
  get count(): number {
    return this.#count
  }

  /**
   * Waits for a piece of work. After an uncaught error it waits no longer than the grace, and not at all where nothing
   * is left that could happen. Never throws: what the work throws counts as uncaught.
   * @param work is given a signal that the next uncaught error aborts
   */
  async during(work: (stop: AbortSignal) => Promise<void>): Promise<void> {
    const stop = new AbortController()
    const stopped = Promise.withResolvers<void>()
    this.#stop = () => {
      stop.abort()
      stopped.resolve()
    }
    this.#idle = () =>
      this.#add(new Error('nothing is left to wait for, but the work has not come to its end'))
    const ended = this.#outcomeOf(work, stop.signal)
    await Promise.race([ended, stopped.promise])
    if (stop.signal.aborted) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve))
      // Node says that the loop is empty only after a turn of it.
      setImmediate(() => {})
      await Promise.race([ended, idle, sleep(this.#grace(), undefined, { ref: false })])
    }
    this.#stop = undefined
    this.#idle = undefined
  }

  /** Waits until the process has nothing left to do, or something more goes uncaught. */
  async untilIdle(): Promise<void> {
    await this.during(() => new Promise((resolve) => (this.#idle = resolve)))
  }

  /** What the work throws after it was stopped is only what the stop brought about. */
  async #outcomeOf(work: (stop: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
    try {
      await work(stop)
    } catch (error) {
      if (!stop.aborted) this.#add(error)
    }
  }

  #add(error: unknown): void {
    if (++this.#count <= mostTold) this.#tell(error)
    this.#stop?.()
  }
}
