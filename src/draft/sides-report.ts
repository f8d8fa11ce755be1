import type { BothSides } from '../sides/list-both-sides.ts'
import type { Trust } from '../sides/trust.ts'
import type { Standing } from '../update/with-accepted.ts'
import { bucketReport } from './bucket-report.ts'
import type { Filling } from './draft.ts'
import { nodeReport } from './node-report.ts'

/** What the report says of how both sides stand. */
export function sidesReport(
  { sides, standing }: { readonly sides: BothSides; readonly standing: Standing },
  trust: Trust,
): Pick<Filling, 'buckets' | 'listed' | 'node' | 'account' | 'standing'> {
  const { buckets, identity, kind, account } = sides
  const isListed = buckets.some(({ result }) => result !== undefined)
  return {
    buckets: buckets.map((bucket, index) =>
      bucketReport(bucket, standing.buckets[index], identity !== undefined),
    ),
    listed: isListed ? standing.totals.listed : null,
    account: account.found,
    standing: isListed && identity !== undefined ? standing : null,
    node: identity === undefined ? null : nodeReport(kind, identity, sides, standing, trust),
  }
}
