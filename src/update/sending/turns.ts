import type { Wanted } from '../../domain/plan-update.ts'

/** A CID whose turn it is. */
export interface Turn extends Wanted {
  /** In the agenda. */
  readonly index: number
}

/** Whose turn it is to be sent: indexes of the agenda, some bytes each, as there may be a million. */
export class Turns {
  #queue: Uint32Array
  /** Those before it are done with. */
  #next = 0

  /**
   * @param due in the order in which to take them
   * @param isLast whether one comes after all others
   */
  constructor(due: Uint32Array, isLast: (index: number) => boolean) {
    this.#queue = new Uint32Array(due.length)
    let place = 0
    for (const index of due) if (!isLast(index)) this.#queue[place++] = index
    for (const index of due) if (isLast(index)) this.#queue[place++] = index
  }

  /** How many have had none. */
  get left(): number {
    return this.#queue.length - this.#next
  }

  take(): number | undefined {
    return this.left > 0 ? this.#queue[this.#next++] : undefined
  }

  /** One from anywhere among those left that fits. */
  takeFromAnywhere(fits: (index: number) => boolean): number | undefined {
    const from = Math.floor(Math.random() * this.left)
    for (let step = 0; step < this.left; step++) {
      const place = this.#next + ((from + step) % this.left)
      const index = this.#queue[place] as number
      if (!fits(index)) continue
      // The next one takes its place, so that nothing has to be moved.
      this.#queue[place] = this.#queue[this.#next++] as number
      return index
    }
    return undefined
  }

  /** They get another turn, before the others. */
  again(indexes: readonly number[]): void {
    const queue = new Uint32Array(indexes.length + this.left)
    queue.set(indexes)
    queue.set(this.#queue.subarray(this.#next), indexes.length)
    this.#queue = queue
    this.#next = 0
  }
}
