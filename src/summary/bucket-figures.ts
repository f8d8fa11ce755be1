import type { BucketEntries } from '../domain/entries.ts'
import type { BucketReport, DirectionReport, Report } from '../report/report.ts'
import type { GivenUp } from './counts.ts'
import type { FailureGroup } from './failure-groups.ts'

/** What a run came to in one bucket, in CIDs. */
export interface BucketFigures {
  readonly pinned: number
  readonly left: number
  readonly failed: number
  readonly sent: number
  readonly onTheWay: number
  readonly unsent: number
  readonly failedThere: number
  readonly givenUp: number
}

/** The figures of each bucket, by its name. */
export function figuresByBucket(
  { backup, update, buckets }: Report,
  groups: readonly FailureGroup[],
  givenUp: BucketEntries<GivenUp>,
): (name: string) => BucketFigures {
  const count = (entries: DirectionReport['pinned'] | undefined) => countByBucket(buckets, entries)
  const counts = {
    pinned: count(backup?.pinned),
    left: count(backup?.pending),
    failed: failedByBucket(groups, 'backup'),
    sent: count(update?.pinned),
    onTheWay: count(update?.pending),
    unsent: count(update?.unsent),
    failedThere: failedByBucket(groups, 'update'),
    givenUp: countByBucket(buckets, givenUp),
  }
  return (name) => {
    const of = (which: keyof typeof counts) => counts[which].get(name) ?? 0
    return {
      pinned: of('pinned'),
      left: of('left'),
      failed: of('failed'),
      sent: of('sent'),
      onTheWay: of('onTheWay'),
      unsent: of('unsent'),
      failedThere: of('failedThere'),
      givenUp: of('givenUp'),
    }
  }
}

/** Of each bucket, how many of the entries are its own. With one bucket all of them are. */
function countByBucket(
  buckets: readonly BucketReport[],
  entries: BucketEntries<{ readonly bucket: string }> = [],
): Map<string, number> {
  const counts = new Map<string, number>()
  const [only, ...others] = buckets
  if (only !== undefined && others.length === 0) return counts.set(only.name, entries.length)
  if (entries.length === 0) return counts
  for (const name of entries.buckets?.() ?? Iterator.from(entries).map(({ bucket }) => bucket))
    counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function failedByBucket(groups: readonly FailureGroup[], of: FailureGroup['direction']): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { direction, buckets } of groups)
    if (direction === of)
      for (const { name, count } of buckets) counts.set(name, (counts.get(name) ?? 0) + count)
  return counts
}
