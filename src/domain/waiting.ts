/** So many first blocks tell what is usual. */
const ofLate = 15
/** What takes so many times as long as is usual is not only slow. */
const unusual = 3
/** Where nothing at all moved for so long, in ms, no pin waits only for its turn. */
const standstill = 1_000

/** How long pins wait for their first block, of those that get it. */
export class FirstBlocks {
  readonly #times: number[] = []

  /** @param ms from its start to its first block */
  note(ms: number): void {
    this.#times.push(ms)
    if (this.#times.length > ofLate) this.#times.shift()
  }

  /** In ms, of late: the median, as a few are found late. 0 before the first. */
  get usual(): number {
    return this.#times.toSorted((a, b) => a - b)[this.#times.length >> 1] ?? 0
  }
}

/**
 * Whether a pin that has no block yet waits for somebody who has it. Where others get theirs it may only be slow, as on
 * a busy node or a narrow line: more pins at once would then make all of them slower, until none is in time.
 */
export function isWaiting(
  /** For its first block, ms. */
  waited: number,
  others: {
    /** See `FirstBlocks`. */
    readonly usual: number
    /** Since any pin moved, ms. */
    readonly still: number
  },
): boolean {
  return others.still >= standstill || waited >= unusual * others.usual
}

/** For each that moves, so many may wait: one that waits costs the node little. */
const waitingForEach = 48
/** Whatever `concurrency` is: each has a connection of its own. */
const mostWaiting = 1536

/** So many pins may wait for their first block on the node, besides those that move. */
export function waitingAllowed(concurrency: number): number {
  return Math.min(mostWaiting, waitingForEach * concurrency)
}

/** While nothing moves, so many more begin at a time: what is dead is soon passed over. */
export function rampAllowed(concurrency: number): number {
  return 3 * concurrency
}
