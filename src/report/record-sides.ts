import type { BothSides } from '../sides/list-both-sides.ts'
import type { Trust } from '../sides/trust.ts'
import type { Standing } from '../update/with-accepted.ts'
import { bucketReport } from './bucket-report.ts'
import { nodeReport } from './node-report.ts'
import type { RunRecord } from './run-record.ts'

/** Writes down how both sides stand. */
export function recordSides(
  record: RunRecord,
  { buckets, pins, identity }: BothSides,
  standing: Standing,
  trust: Trust,
): void {
  record.found.buckets = buckets.map((bucket, index) => bucketReport(bucket, standing.buckets[index]))
  if (buckets.some(({ result }) => result !== undefined)) record.listed = standing.listed
  if (identity !== undefined)
    record.found.node = nodeReport(identity, pins.size, standing.onlyOnNode(), trust)
}
