import { restarts } from '../../domain/rounds.ts'

/**
 * Has pins that wait started anew when peers come, since a pin that waits already does not ask a new one (measured, Kubo
 * 0.42 and 0.43).
 */
export class Restarts implements Disposable {
  readonly #restart: (cameBy: number) => void
  #last = Number.NEGATIVE_INFINITY
  #came = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** @param restart those that were started before the peers came by then, by `performance.now()` */
  constructor(restart: (cameBy: number) => void) {
    this.#restart = restart
  }

  /** @param came when the latest of the new peers came */
  readonly newPeer = (came: number): void => {
    this.#came = came
    const wait = Math.max(0, this.#last + restarts.every - performance.now())
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#last = performance.now()
      this.#restart(this.#came)
    }, wait)
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
