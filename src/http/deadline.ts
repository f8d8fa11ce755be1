/**
 * Aborts with a signal, or once its time has passed. It costs a tenth of `AbortSignal.any` and `AbortSignal.timeout`.
 */
export class Deadline implements Disposable {
  hasPassed = false
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #abort = () => this.#controller.abort()

  constructor(outer: AbortSignal, ms: number) {
    this.#outer = outer
    this.#timer = setTimeout(() => {
      this.hasPassed = true
      this.#abort()
    }, ms)
    outer.addEventListener('abort', this.#abort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#outer.removeEventListener('abort', this.#abort)
  }
}
