/** What a timeline orders: by `created` (ms since the epoch), then by `tie`, which is never the same twice. */
export interface Dated {
  readonly created: number
  readonly tie: number
}

/** Items in order of time, a million of them as quick to ask as a few. */
export class Timeline<T extends Dated> {
  #items: T[] = []

  get length(): number {
    return this.#items.length
  }

  at(index: number): T {
    return this.#items[index] as T
  }

  insert(item: T): void {
    this.#items.splice(this.#indexOf(item), 0, item)
  }

  insertAll(items: readonly T[]): void {
    // Spread as arguments, a million of them would overflow the stack.
    this.#items = this.#items.concat(items).sort(inOrder)
  }

  remove(item: T): void {
    this.#items.splice(this.#indexOf(item), 1)
  }

  clear(): void {
    this.#items = []
  }

  /** How many lie before an instant, or before and at it: a window lies between two such numbers. */
  countBefore(instant: number, inclusive: boolean): number {
    return this.#search((item) => (inclusive ? item.created <= instant : item.created < instant))
  }

  #indexOf(item: T): number {
    return this.#search((other) => inOrder(other, item) < 0)
  }

  /** How many items, from the first on, satisfy what holds for a first part of the timeline. */
  #search(holds: (item: T) => boolean): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (holds(this.#items[middle] as T)) low = middle + 1
      else high = middle
    }
    return low
  }
}

export function inOrder(a: Dated, b: Dated): number {
  return a.created - b.created || a.tie - b.tie
}
