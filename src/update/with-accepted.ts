import type { CidKey } from '../domain/cid.ts'
import type { ComparedBucket, Comparison } from '../domain/compare.ts'
import type { Accepted } from './send.ts'

/** How both sides stand, by the comparison and by what the service has accepted since. */
export interface Standing {
  readonly buckets: readonly ComparedBucket[]
  /** Distinct CIDs with a request of any status in any bucket. */
  readonly listed: number
  /** The node's pins that no bucket has under any status. */
  onlyOnNode(): Iterable<CidKey>
}

/** Takes what the service accepted into what the comparison found. */
export function withAccepted(
  comparison: Comparison,
  buckets: readonly string[],
  accepted: readonly Accepted[],
): Standing {
  const isAccepted = new Set(accepted.map(({ wanted }) => wanted.cid.key))
  const isNew = new Map<string, number>()
  let listed = comparison.listed
  for (const { wanted } of accepted) {
    if (!comparison.isListed(wanted.cid.key)) listed++
    if (wanted.failed === null) isNew.set(wanted.bucket, (isNew.get(wanted.bucket) ?? 0) + 1)
  }
  return {
    listed,
    buckets: comparison.buckets.map(({ cids, failedRequests }, index) => ({
      cids: cids + (isNew.get(buckets[index] ?? '') ?? 0),
      failedRequests: failedRequests.filter(({ key }) => key === undefined || !isAccepted.has(key)),
    })),
    *onlyOnNode() {
      for (const key of comparison.onlyOnNode()) if (!isAccepted.has(key)) yield key
    },
  }
}
