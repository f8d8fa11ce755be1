import type { Why } from './reasons/classes.ts'

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

/**
 * How pins that wait are started anew for peers that came: all together at most so often (ms), and none more than a
 * few times, as a stream of new peers must not keep a pin from its end.
 */
export const restarts = { every: 5_000, most: 3 }

/** One item's turn to be tried. */
export interface Turn<T> {
  readonly item: T
  /** From 1: the number of this try. */
  readonly round: number
  /** Why the try before failed; `null` in the first round. */
  readonly why: Why | null
  /** How often this try was started anew, which does not count as one. */
  readonly restarts: number
}

/** What was tried in vain and waits for its next turn, and why its last try failed. */
export interface Failure<T> extends Why {
  readonly item: T
  readonly tries: number
}

/**
 * Work in rounds: all that is left of one comes before any of the next, and what fails joins the end of the next. So
 * what is dead never holds up what lives.
 */
export class Rounds<T> {
  readonly #items: { readonly length: number; at(index: number): T | undefined }
  #taken = 0
  /** What had a turn and waits for another; at 0 what is started anew in the first round. */
  readonly #rounds: { readonly turns: Turn<T>[]; taken: number }[] = []

  /** @param items each is asked for when its turn comes: there may be a million */
  constructor(items: { readonly length: number; at(index: number): T | undefined }) {
    this.#items = items
  }

  get areTurnsLeft(): boolean {
    return this.#taken < this.#items.length || this.#rounds.some(({ turns, taken }) => taken < turns.length)
  }

  /** The next turn; `undefined` while nothing waits. */
  take(): Turn<T> | undefined {
    if (this.#taken < this.#items.length)
      return { item: this.#items.at(this.#taken++) as T, round: 1, why: null, restarts: 0 }
    const round = this.#rounds.find(({ turns, taken }) => taken < turns.length)
    return round?.turns[round.taken++]
  }

  /** Puts what failed in its turn at the end of the next round. */
  again({ item, round }: Turn<T>, why: Why): void {
    this.#put({ item, round: round + 1, why, restarts: 0 })
  }

  /** Puts what is to be started anew at the end of its own round. */
  anew(turn: Turn<T>): void {
    this.#put({ ...turn, restarts: turn.restarts + 1 })
  }

  /** What failed and waits for another turn. */
  waiting(): readonly Failure<T>[] {
    const left = this.#rounds.flatMap(({ turns, taken }) => turns.slice(taken))
    return left.flatMap(({ item, round, why }) => (why === null ? [] : [{ ...why, item, tries: round - 1 }]))
  }

  #put(turn: Turn<T>): void {
    for (let round = this.#rounds.length; round < turn.round; round++)
      this.#rounds.push({ turns: [], taken: 0 })
    this.#rounds[turn.round - 1]?.turns.push(turn)
  }
}
