import { setTimeout as sleep } from 'node:timers/promises'

/** Faults that are told; one that comes again and again would fill the report. */
const mostTold = 10

/**
 * What nobody caught: an exception, a rejected promise, or an event loop that has run empty before the work came to
 * its end. Node would end the process there and then, with nothing told.
 */
export class Faults {
  readonly #tell: (fault: unknown) => void
  readonly #grace: () => number
  #count = 0
  #stop: (() => void) | undefined
  /** What is done when the event loop has run empty. */
  #idle: (() => void) | undefined

  /**
   * Minds the process from here on.
   * @param grace for how long the work under way may still come to its end after a fault, in ms
   */
  constructor(tell: (fault: unknown) => void, grace: () => number) {
    this.#tell = tell
    this.#grace = grace
    for (const event of ['uncaughtException', 'unhandledRejection'] as const)
      process.on(event, (fault) => this.#add(fault))
    process.on('beforeExit', () => this.#idle?.())
  }

  /** How many there were. */
  get count(): number {
    return this.#count
  }

  /**
   * Waits for a piece of work; after a fault no longer than the grace, and not at all for what can no longer come.
   * Never throws: what the work throws is a fault.
   * @param work given a signal that the next fault aborts
   */
  async during(work: (fault: AbortSignal) => Promise<void>): Promise<void> {
    const fault = new AbortController()
    const stopped = Promise.withResolvers<void>()
    this.#stop = () => {
      fault.abort()
      stopped.resolve()
    }
    this.#idle = () =>
      this.#add(new Error('nothing is left to wait for, but the work has not come to its end'))
    const ended = this.#outcomeOf(work, fault.signal)
    await Promise.race([ended, stopped.promise])
    if (fault.signal.aborted) {
      const idle = new Promise<void>((resolve) => (this.#idle = resolve))
      // Node says that the loop is empty only after a turn of it.
      setImmediate(() => {})
      await Promise.race([ended, idle, sleep(this.#grace(), undefined, { ref: false })])
    }
    this.#stop = undefined
    this.#idle = undefined
  }

  /** Waits until the process has nothing left to do, or the next fault. */
  async untilIdle(): Promise<void> {
    await this.during(() => new Promise((resolve) => (this.#idle = resolve)))
  }

  /** What the work throws after a fault is what the fault brought about. */
  async #outcomeOf(work: (fault: AbortSignal) => Promise<void>, fault: AbortSignal): Promise<void> {
    try {
      await work(fault)
    } catch (error) {
      if (!fault.aborted) this.#add(error)
    }
  }

  #add(fault: unknown): void {
    if (++this.#count <= mostTold) this.#tell(fault)
    this.#stop?.()
  }
}
