/** How many requests vanished, by the run in which they did. */
export class Tally {
  readonly #byRun = new Map<number, number>()

  /** One vanished. */
  add(run: number): void {
    this.#byRun.set(run, (this.#byRun.get(run) ?? 0) + 1)
  }

  /** How many vanished after a run, and up to another. */
  count(after: number, upTo: number): number {
    return this.#byRun.entries().reduce((sum, [run, n]) => sum + (run > after && run <= upTo ? n : 0), 0)
  }

  /** Those are no tombstones any more. @returns how many they were */
  take(after: number, upTo: number): number {
    const taken = this.count(after, upTo)
    for (const run of [...this.#byRun.keys()]) if (run > after && run <= upTo) this.#byRun.delete(run)
    return taken
  }
}
