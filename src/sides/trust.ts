import type { Config } from '../config/types.ts'
import { day, hasPassed, type Moment } from '../domain/moment.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { BothSides } from './list-both-sides.ts'
import { isByPerson } from './list-service.ts'
import { listingTrouble } from './trouble.ts'

/** What may be concluded from what was not found. */
export interface Trust {
  /** Every bucket is proved to hold what was listed, and nothing else. */
  readonly isProved: boolean
  /** A node that had thousands of pins and lists none may be another's, or look into an empty repository. */
  readonly isNodeBelieved: boolean
  /** Since when such a node lists none, ms by the box's clock; `null` where it is believed. */
  readonly nodeEmptySince: number | null
  /** Both sides were listed as well as they can be, and nothing is doubted: what was not found is not there. */
  readonly isWhole: boolean
}

/**
 * A node that had at least so many pins, and now lists none, is not believed at once. What is nobody's content counts on
 * neither side: a repository that was lost, and made anew, lists that.
 */
const manyPins = 1000

/**
 * @param before how many pins the node had when it was last believed, and since when it lists none
 * @param isConfirmed a person confirms what an earlier run saw
 */
function trustIn(
  { buckets, census, pins, identity }: BothSides,
  before: { readonly pins: number; readonly emptySince: Moment | undefined },
  { now, isConfirmed }: { readonly now: Moment; readonly isConfirmed: boolean },
): Trust {
  const isDoubted = buckets.some(({ result }) => result === undefined || result.vanished > 0)
  const isEmptyConfirmed =
    before.emptySince !== undefined && (isConfirmed || hasPassed(day, before.emptySince, now))
  const isNodeBelieved =
    identity === undefined || before.pins < manyPins || census.size > pins.nobodys || isEmptyConfirmed
  return {
    isProved: !isDoubted && buckets.every(({ result }) => result?.complete === true),
    isNodeBelieved,
    nodeEmptySince: isNodeBelieved ? null : (before.emptySince ?? now).here,
    isWhole:
      !isDoubted &&
      identity !== undefined &&
      isNodeBelieved &&
      buckets.every((bucket) => listingTrouble(bucket) === undefined),
  }
}

/** What may be trusted of both sides, by what earlier runs found. */
export function trustOf(config: Config, snapshot: Snapshot, sides: BothSides): Trust {
  const now = nowBy(sides.buckets.map(({ listedAt }) => listedAt))
  return trustIn(sides, nodePinsBefore(snapshot), { now, isConfirmed: isByPerson(config) })
}

/** Now, by the box's clock and, where the answers for any bucket told it, by the service's. */
function nowBy(moments: readonly Moment[]): Moment {
  return moments.find(({ service }) => service !== null) ?? { here: Date.now(), service: null }
}

/** What earlier runs found of the node. */
export function nodePinsBefore({ facts }: Snapshot): Parameters<typeof trustIn>[1] {
  const emptySince = facts.get('nodeEmptySince')
  return {
    pins: facts.get('nodePins') ?? 0,
    emptySince: emptySince === undefined ? undefined : (JSON.parse(emptySince) as Moment),
  }
}

/**
 * Remembers for the next run how many pins the node has; of a node that is not believed, only since when that is so.
 * What changed is worth a copy in the cache.
 * @param pinned how many this run has pinned on it since it was listed
 */
export function rememberNodePins(
  snapshot: Snapshot,
  { census, pins, buckets }: BothSides,
  { isNodeBelieved }: Trust,
  pinned: number,
): void {
  const { facts } = snapshot
  const before = nodePinsBefore(snapshot)
  if (isNodeBelieved) {
    // A cluster has CIDs that it had not pinned yet: they are in the census, and some are among those pinned since.
    const now = Math.max(census.size, pins.size + pinned) - pins.nobodys
    if (now === before.pins && before.emptySince === undefined) return
    facts.set('nodePins', now)
    facts.forget('nodeEmptySince')
  } else {
    if (before.emptySince !== undefined) return
    facts.set('nodeEmptySince', JSON.stringify(nowBy(buckets.map(({ listedAt }) => listedAt))))
  }
  snapshot.markChanged()
}
