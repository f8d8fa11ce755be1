import type { BucketPlan } from '../domain/plan.ts'
import type { BothSides } from '../sync/list-both-sides.ts'
import type { Trust } from '../sync/trust.ts'
import { bucketReport } from './bucket-report.ts'
import { nodeReport } from './node-report.ts'
import type { RunRecord } from './run-record.ts'

/** Writes down how both sides stand. */
export function recordSides(
  record: RunRecord,
  { buckets, comparison, identity }: BothSides,
  plans: readonly BucketPlan[],
  trust: Trust,
): void {
  record.found.buckets = buckets.map((bucket, index) => bucketReport(bucket, plans[index]))
  if (buckets.some(({ result }) => result !== undefined)) record.listed = comparison.listed
  if (identity !== undefined) record.found.node = nodeReport(identity, comparison, trust)
}
