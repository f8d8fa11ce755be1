import { longestTimer } from './run-time.ts'

/** Calls back once nothing has moved for so long. */
export class Patience implements Disposable {
  readonly #ms: number
  readonly #onEnd: () => void
  #timer: NodeJS.Timeout | undefined
  #lastLook: NodeJS.Immediate | undefined

  /** @param ms any length, from now on */
  constructor(ms: number, onEnd: () => void) {
    this.#ms = ms
    this.#onEnd = onEnd
    this.restart()
  }

  /** Something moved: it begins anew, or lasts for so many ms more. */
  restart(ms = this.#ms): void {
    this.stop()
    this.#timer = setTimeout(() => this.#lookOnceMore(), Math.min(ms, longestTimer))
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#lastLook)
  }

  /** A process that was held up reads first what came meanwhile: it was not the others that did not move. */
  #lookOnceMore(): void {
    this.#lastLook = setImmediate(this.#onEnd)
  }

  [Symbol.dispose](): void {
    this.stop()
  }
}
