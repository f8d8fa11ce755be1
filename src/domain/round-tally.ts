import type { Why } from './reasons/classes.ts'
import { addReason, type ReasonCounts } from './reasons/counts.ts'

/** How a try ended: in vain with another to come, in vain for good, cut short to be started anew, or left to a later run. */
export type TryEnding = 'pinned' | 'again' | 'given-up' | 'anew' | 'left'

/** A round that is over: how many of its CIDs have another try, and why. */
export interface RoundOver {
  readonly round: number
  readonly again: number
  readonly reasons: ReasonCounts
}

interface Round {
  /** How many CIDs come to it, as far as it is known. */
  entered: number
  begun: number
  ended: number
  again: number
  readonly reasons: Parameters<typeof addReason>[0]
  lastBegun: number
}

/** A try without a sign of life may end so much later than its patience, ms: a busy node is late with its lines. */
const latecomers = 10_000

/**
 * Counts what becomes of tries that go in rounds: see `Rounds`. Rounds overlap: while some move on for hours, others have
 * their next turns. Times are of any clock that only goes forward, in ms.
 */
export class RoundTally {
  readonly total: number
  pinned = 0
  /** Neither pinned nor given up, nor left to a later run. */
  left: number
  readonly #rounds: Round[] = []
  #told = 0

  constructor(total: number) {
    this.total = total
    this.left = total
  }

  /** The one that goes on: the first that was not told as over. A few CIDs may have their turns in the next already. */
  get round(): number {
    return this.#told + 1
  }

  /** How many of it have not begun, and when the last of the others did. */
  get ahead(): { readonly unbegun: number; readonly lastBegun: number } {
    const { entered, begun, lastBegun } = this.#of(this.round)
    return { unbegun: Math.max(0, entered - begun), lastBegun }
  }

  /** How many of it have not ended. */
  get leftInRound(): number {
    const { entered, ended } = this.#of(this.round)
    return entered - ended
  }

  begin(round: number, now: number): void {
    const one = this.#of(round)
    one.begun++
    one.lastBegun = now
  }

  end(round: number, ending: TryEnding, why: Why | null): void {
    const one = this.#of(round)
    if (ending === 'anew') {
      one.begun--
      return
    }
    one.ended++
    if (ending === 'pinned') this.pinned++
    if (ending !== 'again') this.left--
    else {
      one.again++
      this.#of(round + 1).entered++
      if (why !== null) addReason(one.reasons, why)
    }
  }

  /**
   * Each round once, when all of its CIDs have had their try: but for those that still move.
   * @param patience how long a try of a round lasts in which nothing moves, ms
   */
  over(now: number, patience: (round: number) => number): RoundOver[] {
    const over: RoundOver[] = []
    for (let one = this.#rounds[this.#told]; one !== undefined; one = this.#rounds[this.#told]) {
      const isAllBegun = one.begun >= one.entered
      const isOver = one.ended >= one.entered || now - one.lastBegun > patience(this.#told + 1) + latecomers
      // What nobody comes to is no round.
      if (!isAllBegun || !isOver || one.entered === 0) break
      this.#told++
      over.push({ round: this.#told, again: one.again, reasons: one.reasons })
    }
    return over
  }

  #of(round: number): Round {
    for (let index = this.#rounds.length; index < round; index++)
      this.#rounds.push({
        entered: index === 0 ? this.total : 0,
        begun: 0,
        ended: 0,
        again: 0,
        reasons: new Map(),
        lastBegun: 0,
      })
    return this.#rounds[round - 1] as Round
  }
}
