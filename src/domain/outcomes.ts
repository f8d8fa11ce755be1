const results = ['open', 'pinned', 'failed', 'pending', 'unsent'] as const

/** What became of a CID in this run; `open` until it is known. */
export type Result = (typeof results)[number]

/** What became of each CID of an agenda, by its index there: a byte each. */
export class Outcomes {
  readonly #results: Uint8Array
  readonly #counts = new Uint32Array(results.length)

  constructor(length: number) {
    this.#results = new Uint8Array(length)
    this.#counts[0] = length
  }

  set(index: number, result: Result): void {
    const [before, now] = [this.#results[index] as number, results.indexOf(result)]
    this.#counts[before] = (this.#counts[before] as number) - 1
    this.#counts[now] = (this.#counts[now] as number) + 1
    this.#results[index] = now
  }

  get(index: number): Result {
    return results[this.#results[index] as number] as Result
  }

  count(result: Result): number {
    return this.#counts[results.indexOf(result)] as number
  }

  /** The indexes of those with a result, in order. */
  *indexesOf(result: Result): Generator<number> {
    const wanted = results.indexOf(result)
    for (
      let index = this.#results.indexOf(wanted);
      index !== -1;
      index = this.#results.indexOf(wanted, index + 1)
    )
      yield index
  }
}
