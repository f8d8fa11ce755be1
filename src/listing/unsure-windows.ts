import { everything, type Window } from '../domain/windows.ts'

/** So many are remembered one by one: a service may make any number of them. */
const mostKept = 1000

/**
 * The windows of which answers did not show everything that is there. The next run is to read them again: what is
 * missing there and what is gone elsewhere can make the counts equal.
 */
export class UnsureWindows {
  readonly #windows = new Map<string, Window>()
  #kept = 0

  add(window: Window): void {
    if (this.#windows.size < mostKept) this.#windows.set(`${window.after} ${window.before}`, window)
  }

  /** From a thousand on that is all time. */
  all(): readonly Window[] {
    return this.#windows.size < mostKept ? [...this.#windows.values()] : [everything]
  }

  /** Those that came since the last time that `areKept` was called. */
  unkept(): readonly Window[] {
    if (this.#kept === this.#windows.size) return []
    return this.#windows.size < mostKept ? [...this.#windows.values()].slice(this.#kept) : [everything]
  }

  /** Those there are now are in the snapshot: whoever is killed now need not have told of them. */
  areKept(): void {
    this.#kept = this.#windows.size
  }
}
