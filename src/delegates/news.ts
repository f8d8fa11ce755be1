/** Peers that come together are told of together, ms: all pins that wait start anew for them. */
const newsAfter = 250

/** Tells who listens that the node came to be connected and peered with delegates that it was not before. */
export class PeerNews {
  readonly #listeners = new Set<(came: number) => void>()
  #timer: NodeJS.Timeout | undefined
  #came = 0

  /** @param listener is told when the latest of them came, by `performance.now()` */
  listen(listener: (came: number) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** A peer has come. */
  tell(): void {
    this.#came = performance.now()
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const listener of this.#listeners) listener(this.#came)
    }, newsAfter)
  }

  /** What is not told yet is told no more. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}
