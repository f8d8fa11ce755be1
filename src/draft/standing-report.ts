import type { BucketReport, Standing } from '../report/report.ts'
import type { Filling } from './draft.ts'

/** How both sides stood when they were compared, and what this run has changed of it. */
type Stood = Pick<Filling, 'standing' | 'backup' | 'update' | 'pinnedIn' | 'sentIn'>

/** All buckets together. */
export function standingReport({ standing, backup, update }: Stood): Standing | null {
  if (standing === null) return null
  const { pinnedAtService, ignored, liveOnNode } = standing.totals
  const [came, sent] = [backup?.pinned.length ?? 0, update?.pinned.length ?? 0]
  return {
    atService: pinnedAtService - ignored + sent,
    onNode: liveOnNode + came + (update?.missing ?? 0),
    onBoth: pinnedAtService - standing.lackingOnNode + came + sent,
  }
}

/** Each of them. */
export function withStandings(
  buckets: readonly BucketReport[],
  { standing, pinnedIn, sentIn }: Stood,
): readonly BucketReport[] {
  if (standing === null) return buckets
  return buckets.map((bucket, index) => {
    const stood = standing.buckets[index]
    if (stood === undefined) return bucket
    const [came, sent] = [pinnedIn[index] ?? 0, sentIn?.pinned[index] ?? 0]
    return {
      ...bucket,
      standing: {
        atService: stood.pinned + sent,
        onNode: stood.liveOnNode + came + (sentIn?.missing[index] ?? 0),
        onBoth: stood.pinnedOnNode + came + sent,
      },
    }
  })
}
