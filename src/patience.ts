import { longestTimer } from './run-time.ts'

/** Calls back once nothing has moved for so long. */
export class Patience implements Disposable {
  readonly #ms: number
  readonly #onEnd: () => void
  #timer: NodeJS.Timeout | undefined
  #afterPoll: NodeJS.Immediate | undefined

  /** @param ms any length, from now on */
  constructor(ms: number, onEnd: () => void) {
    this.#ms = ms
    this.#onEnd = onEnd
    this.restart()
  }

  /** Something moved: it begins anew, or lasts for so many ms more. */
  restart(ms = this.#ms): void {
    this.stop()
    this.#timer = setTimeout(() => this.#endAfterPoll(), Math.min(ms, longestTimer))
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#afterPoll)
  }

  /**
   * When a process was held up, its timers fire before its sockets are read. An immediate comes after that: what had
   * arrived can call `restart`, and nobody is blamed for this process.
   */
  #endAfterPoll(): void {
    this.#afterPoll = setImmediate(this.#onEnd)
  }

  [Symbol.dispose](): void {
    this.stop()
  }
}
