import { restarts } from '../domain/rounds.ts'

/**
 * Has pins that wait started anew when peers come, since a pin that waits already does not ask a new one (measured, Kubo
 * 0.42 and 0.43).
 */
export class Restarts implements Disposable {
  readonly #restart: (cameBy: number) => void
  #last = Number.NEGATIVE_INFINITY
  #cameBy = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** @param restart those that were started before the peers came by then, by `performance.now()` */
  constructor(restart: (cameBy: number) => void) {
    this.#restart = restart
  }

  /** @param cameBy pins that began later ask it as it is */
  readonly newPeer = (cameBy: number): void => {
    this.#cameBy = cameBy
    const wait = Math.max(0, this.#last + restarts.every - performance.now())
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#last = performance.now()
      this.#restart(this.#cameBy)
    }, wait)
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
