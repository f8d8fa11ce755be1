import type { PeerTrouble } from '../../domain/peer-faults.ts'
import type { ReplicatedPin } from '../../domain/replication.ts'
import type { Turn } from '../../domain/rounds.ts'
import type { MissingPin } from '../missing-pins.ts'

/** So many CIDs that go on are in the node's hands at most: each poll tells of all of them. */
export const mostFollowed = 10_000
/**
 * Of those that wait for a peer in trouble so many are kept in sight, which takes some 60 MB. Any more are the next run's
 * to look at: nothing is expected of them in this one, unless the peer comes back.
 */
export const mostHindered = 50_000

/** A CID that is in the node's hands, and what was last seen of it. Times by `performance.now()`. */
export class Followed {
  readonly turn: Turn<MissingPin>
  readonly began = performance.now()
  /** The peers that had it already. */
  readonly #before: ReadonlySet<string>
  /** When what is seen of it last changed. */
  changed = this.began
  /** It was given to the node in this run. */
  readonly isGiven: boolean
  /** What is left of it is to be done by peers that have not heard of it. */
  isUnheard = false
  /** Since when peers do nothing about it that have lost it or not heard of it, or since they were last told. */
  idleSince: number | undefined
  /** How often they were told again. */
  reminders = 0
  /** Peers in trouble, which all that is left is to be done by. */
  hindered: readonly PeerTrouble[] | undefined
  #seen = ''

  constructor(turn: Turn<MissingPin>, pin: ReplicatedPin | undefined) {
    this.turn = turn
    this.isGiven = pin === undefined
    this.#before = new Set(pin === undefined ? [] : pinnedAt(pin))
  }

  /** @returns whether anything changed that is told both where it is looked at by itself and among all */
  see(pin: ReplicatedPin, now: number): boolean {
    const seen = pin.peers
      .filter(({ standing }) => standing !== 'pinned')
      .map(({ peerId, standing, tries }) => `${peerId} ${standing} ${tries}`)
      .sort()
      .join()
    if (seen === this.#seen) return false
    this.#seen = seen
    this.changed = now
    return true
  }

  /** The peers that came to have it. */
  newlyAt(pin: ReplicatedPin): readonly string[] {
    return pinnedAt(pin).filter((peerId) => !this.#before.has(peerId))
  }
}

function pinnedAt({ peers }: ReplicatedPin): string[] {
  return peers.filter(({ standing }) => standing === 'pinned').map(({ peerId }) => peerId)
}
