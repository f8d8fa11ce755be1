import type { CidKey } from '../domain/cid.ts'
import type { ComparedBucket, Comparison } from '../domain/compare.ts'
import { type LongWork, paused } from '../domain/long-work.ts'
import type { UpdateAgenda } from '../domain/plan-update.ts'
import type { Followed } from './followed.ts'

/** How both sides stand, by the comparison and by what the service has accepted since. */
export interface Standing {
  readonly buckets: readonly ComparedBucket[]
  /** Of these, what is listed has what was accepted since; the others are as they were when they were compared. */
  readonly totals: Comparison['totals']
  /** How many CIDs the service had pinned and the node lacked then. */
  readonly lackingOnNode: number
  /** The node's pins that no bucket has under any status. */
  onlyOnNode(): Iterable<CidKey>
  /** How many those are. */
  readonly countOnlyOnNode: number
}

/**
 * Takes what the service accepted into what the comparison found.
 * @param buckets their names, in the order in which they were compared
 */
export function* withAccepted(
  comparison: Comparison,
  buckets: readonly string[],
  agenda: UpdateAgenda,
  followed: Followed,
): LongWork<Standing> {
  const isAccepted = (key: CidKey) => {
    const index = agenda.indexOf(key)
    return index !== -1 && followed.isAtService(index)
  }
  const isNew = new Map<string | undefined, number>()
  let newlyListed = 0
  yield* paused(followed.atService(), (index) => {
    if (!comparison.isListed(agenda.keyAt(index))) newlyListed++
    const bucket = followed.bucketOf(index)
    if (!agenda.hasFailed(index)) isNew.set(bucket, (isNew.get(bucket) ?? 0) + 1)
  })
  return {
    totals: { ...comparison.totals, listed: comparison.totals.listed + newlyListed },
    lackingOnNode: comparison.lackingOnNode,
    buckets: comparison.buckets.map(({ cids, onNode, failedRequests, ...others }, index) => ({
      ...others,
      cids: cids + (isNew.get(buckets[index]) ?? 0),
      // What is sent is what the node has.
      onNode: onNode + (isNew.get(buckets[index]) ?? 0),
      failedRequests: failedRequests.filter(({ key }) => key === undefined || !isAccepted(key)),
    })),
    *onlyOnNode() {
      for (const key of comparison.onlyOnNode()) if (!isAccepted(key)) yield key
    },
    countOnlyOnNode: comparison.countOnlyOnNode - newlyListed,
  }
}
