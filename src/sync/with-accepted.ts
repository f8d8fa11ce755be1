import type { BucketPlan } from '../domain/plan.ts'
import type { BothSides } from './list-both-sides.ts'
import type { Accepted } from './send.ts'

/** Takes what the service accepted into the comparison, and into what the plan says of the buckets. */
export function withAccepted(
  { buckets, comparison }: BothSides,
  plans: readonly BucketPlan[],
  accepted: readonly Accepted[],
): readonly BucketPlan[] {
  const isAccepted = new Set(accepted.map(({ wanted }) => wanted.cid.key))
  const isNew = new Map<string, number>()
  for (const { wanted, status } of accepted) {
    const bucket = buckets.findIndex(({ name }) => name === wanted.bucket)
    comparison.addRequest(bucket + 1, wanted.cid.key, status)
    if (wanted.failed === null) isNew.set(wanted.bucket, (isNew.get(wanted.bucket) ?? 0) + 1)
  }
  return plans.map(({ cids, failedRequests }, index) => ({
    cids: cids + (isNew.get(buckets[index]?.name ?? '') ?? 0),
    failedRequests: failedRequests.filter(({ key }) => key === undefined || !isAccepted.has(key)),
  }))
}
