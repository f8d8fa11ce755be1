/** The longest wait for progress, in ms, that a CID gets before it makes way for others. */
const shortPatience = 15_000

/**
 * How long a pin may show no progress, in ms: short in the first rounds, so that dead CIDs cost little, and
 * `stallTimeout` in the last, when little else waits.
 * @param round from 1 to `attempts`
 */
export function patience(
  round: number,
  options: { readonly attempts: number; readonly stallTimeout: number },
): number {
  return round < options.attempts ? Math.min(shortPatience, options.stallTimeout) : options.stallTimeout
}

/** One item's turn to be tried. */
export interface Turn<T> {
  readonly item: T
  /** From 1: the number of this try. */
  readonly round: number
}

/** What was tried in vain and waits for its next turn. */
export interface Failure<T> {
  readonly item: T
  readonly tries: number
  /** Of the last try. */
  readonly reason: string
}

/**
 * Work in rounds: all that is left of one comes before any of the next, and what fails joins the end of the next. So
 * what is dead never holds up what lives.
 */
export class Rounds<T> {
  readonly #first: readonly T[]
  #taken = 0
  /** At 0 what failed once, and so on. */
  readonly #failures: { readonly list: Failure<T>[]; taken: number }[] = []

  constructor(items: readonly T[]) {
    this.#first = items
  }

  /** The next turn; `undefined` while nothing waits. */
  take(): Turn<T> | undefined {
    if (this.#taken < this.#first.length) return { item: this.#first[this.#taken++] as T, round: 1 }
    const round = this.#failures.find(({ list, taken }) => taken < list.length)
    if (round === undefined) return undefined
    const { item, tries } = round.list[round.taken++] as Failure<T>
    return { item, round: tries + 1 }
  }

  /** Puts what failed in its turn at the end of the next round. */
  again({ item, round }: Turn<T>, reason: string): void {
    this.#failures[round - 1] ??= { list: [], taken: 0 }
    this.#failures[round - 1]?.list.push({ item, tries: round, reason })
  }

  /** What had no turn yet. */
  untried(): readonly T[] {
    return this.#first.slice(this.#taken)
  }

  /** What failed and waits for another turn. */
  waiting(): readonly Failure<T>[] {
    return this.#failures.flatMap(({ list, taken }) => list.slice(taken))
  }
}
