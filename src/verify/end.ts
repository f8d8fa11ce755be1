import type { RunTime } from '../run-time.ts'

/** The end of the time for verifying, which is never after that of the run. */
export class End implements Disposable {
  readonly signal: AbortSignal
  readonly #over = new AbortController()
  readonly #timer: NodeJS.Timeout

  /** @param ms from now on */
  constructor(time: RunTime, ms: number) {
    this.#timer = setTimeout(() => this.#over.abort(), ms)
    this.signal = AbortSignal.any([time.inTime, this.#over.signal])
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
