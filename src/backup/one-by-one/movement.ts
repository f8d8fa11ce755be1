import { FirstBlocks, isWaiting } from '../../domain/waiting.ts'

/** What moved among all pins of a backup, by the clock of `performance.now()`. */
export class Movement {
  lastMove = Number.NEGATIVE_INFINITY
  /** When the latest of those that ever moved was started. */
  newestMoved = Number.NEGATIVE_INFINITY
  readonly #firstBlocks = new FirstBlocks()

  /** A pin that was started then has its first block. */
  begin(started: number): void {
    this.#firstBlocks.note(performance.now() - started)
  }

  note(started: number): void {
    this.lastMove = performance.now()
    this.newestMoved = Math.max(this.newestMoved, started)
  }

  /** Whether a pin that was started then and has no block waits for somebody who has it: see `isWaiting`. */
  isWaiting(started: number): boolean {
    const now = performance.now()
    return isWaiting(now - started, { usual: this.#firstBlocks.usual, still: now - this.lastMove })
  }
}
