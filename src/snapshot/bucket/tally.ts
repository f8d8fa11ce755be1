/**
 * How many requests vanished, by the run in which they did. Who plants a snapshot can have a million runs in it and ask
 * for thousands of stretches of them: each question takes some steps, whatever there is (a Fenwick tree).
 */
export class Tally {
  readonly #byRun = new Map<number, number>()
  /** In order; made when it is first asked for. */
  #runs: Float64Array | undefined
  /** At each place how many vanished in so many runs up to it as its lowest bit says; from 1. */
  #sums = new Float64Array(0)

  /** One vanished. Call it before all others. */
  add(run: number): void {
    this.#byRun.set(run, (this.#byRun.get(run) ?? 0) + 1)
  }

  /** How many vanished after a run, and up to another. */
  count(after: number, upTo: number): number {
    return Math.max(0, this.#sumOf(this.#placeOf(upTo)) - this.#sumOf(this.#placeOf(after)))
  }

  /** Those are no tombstones any more. @returns how many they were */
  take(after: number, upTo: number): number {
    const taken = this.count(after, upTo)
    if (taken === 0) return 0
    const runs = this.#inOrder()
    for (let place = this.#placeOf(after); place < this.#placeOf(upTo); place++) {
      const run = runs[place] as number
      this.#addAt(place + 1, -(this.#byRun.get(run) ?? 0))
      this.#byRun.delete(run)
    }
    return taken
  }

  #inOrder(): Float64Array {
    if (this.#runs === undefined) {
      this.#runs = Float64Array.from(this.#byRun.keys()).sort()
      this.#sums = new Float64Array(this.#runs.length + 1)
      for (const [place, run] of this.#runs.entries()) this.#addAt(place + 1, this.#byRun.get(run) as number)
    }
    return this.#runs
  }

  /** How many runs there are up to one. */
  #placeOf(run: number): number {
    const runs = this.#inOrder()
    let low = 0
    for (let high = runs.length; low < high; ) {
      const middle = (low + high) >>> 1
      if ((runs[middle] as number) <= run) low = middle + 1
      else high = middle
    }
    return low
  }

  #addAt(from: number, count: number): void {
    for (let place = from; place < this.#sums.length; place += place & -place)
      this.#sums[place] = (this.#sums[place] as number) + count
  }

  #sumOf(places: number): number {
    let sum = 0
    for (let place = places; place > 0; place -= place & -place) sum += this.#sums[place] as number
    return sum
  }
}
