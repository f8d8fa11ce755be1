import type { BothSides } from '../sides/list-both-sides.ts'
import type { Trust } from '../sides/trust.ts'
import type { Standing } from '../update/with-accepted.ts'
import { bucketReport } from './bucket-report.ts'
import type { Filling } from './draft.ts'
import { nodeReport } from './node-report.ts'

/** What the report says of how both sides stand. */
export function sidesReport(
  sides: BothSides,
  standing: Standing,
  trust: Trust,
): Pick<Filling, 'buckets' | 'listed' | 'node'> {
  const { buckets, identity, kind } = sides
  return {
    buckets: buckets.map((bucket, index) =>
      bucketReport(bucket, standing.buckets[index], identity !== undefined),
    ),
    listed: buckets.some(({ result }) => result !== undefined) ? standing.listed : null,
    node: identity === undefined ? null : nodeReport(kind, identity, sides, standing, trust),
  }
}
