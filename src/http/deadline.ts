import { Patience } from '../patience.ts'

/**
 * Aborts with a signal, or once its time has passed. It costs a tenth of `AbortSignal.any` and `AbortSignal.timeout`.
 */
export class Deadline implements Disposable {
  hasPassed = false
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  readonly #patience: Patience
  readonly #abort = () => this.#controller.abort()

  constructor(outer: AbortSignal, ms: number) {
    this.#outer = outer
    this.#patience = new Patience(ms, () => {
      this.hasPassed = true
      this.#abort()
    })
    outer.addEventListener('abort', this.#abort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    this.#patience.stop()
    this.#outer.removeEventListener('abort', this.#abort)
  }
}
