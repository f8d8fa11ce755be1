import { restarts } from '../../domain/rounds.ts'
import { NodeError, PinError } from '../../errors.ts'
import type { Followed } from './followed.ts'

/** What was just told may be on its way, in ms. */
const arrival = 10_000

/**
 * Tells peers again what they are to have, a few times each: one that restarted has forgotten it, and one that was away,
 * or busy, has missed it.
 */
export class Reminders {
  readonly #wait: number

  constructor({ stallTimeout }: { readonly stallTimeout: number }) {
    this.#wait = Math.min(arrival, stallTimeout)
  }

  /** @param at peers that have lost it. @param recover has them go on with it */
  async ofLost(one: Followed, at: readonly string[], recover: () => Promise<void>): Promise<void> {
    if (!this.#isDue(one)) return
    if (one.reminders < restarts.most) {
      note(one)
      await recover()
    } else one.hindered = at.map((peerId) => ({ peerId, words: 'it does nothing about what it is to have' }))
  }

  /**
   * Of all that peers have not heard of, the one whose turn it is to be given once more. One alone: what a peer hears leads
   * it to all that was told before (measured), unless it failed to fetch that.
   */
  async ofUnheard(all: Iterable<Followed>, handOver: (one: Followed) => Promise<void>): Promise<void> {
    let next: Followed | undefined
    for (const one of all)
      if (one.isUnheard && one.isGiven && one.reminders < restarts.most && this.#isDue(one))
        if (next === undefined || one.reminders < next.reminders) next = one
    if (next === undefined) return
    note(next)
    try {
      await handOver(next)
    } catch (error) {
      // The node has it already: how it stands there, and whether the node answers, is looked at in any case.
      const isOfNoMatter =
        error instanceof PinError || (error instanceof NodeError && error.fault === 'unreachable')
      if (!isOfNoMatter) throw error
    }
  }

  #isDue(one: Followed): boolean {
    return one.idleSince !== undefined && performance.now() - one.idleSince >= this.#wait
  }
}

function note(one: Followed): void {
  one.reminders++
  one.idleSince = performance.now()
}
