import type { ReasonClass } from '../domain/reasons/classes.ts'
import type { FailedEntry, Report, VerifyReport } from '../report/report.ts'
import type { LedgerDirection } from '../snapshot/ledger.ts'

/** CIDs that failed for the same reason, in the same direction, or that are pinned and broken for the same reason. */
export interface FailureGroup {
  readonly direction: LedgerDirection
  readonly class: ReasonClass
  readonly retry: FailedEntry['retry']
  /** Of one of them. */
  readonly reason: string
  readonly count: number
  /** How many in each bucket, most first. */
  readonly buckets: readonly { readonly name: string; readonly count: number }[]
  /** Of that which is tried first. */
  readonly nextAttemptAt: string
  /** The first of them. */
  readonly cids: readonly string[]
}

interface Growing {
  readonly first: FailedEntry
  readonly direction: FailureGroup['direction']
  readonly buckets: Map<string, number>
  readonly cids: string[]
  nextAttemptAt: string
  count: number
}

/** A service may bring any number of reasons: those after so many are one. */
const mostGroups = 30
/** What those are called. */
export const otherReasons = 'other-reasons' satisfies ReasonClass
const mostCids = 1000

/** What failed, by reason: what will never do first, then the largest. There may be a million. */
export function failureGroups({
  backup,
  update,
  verify,
}: Pick<Report, 'backup' | 'update' | 'verify'>): FailureGroup[] {
  return [...groupsIn('backup', backup), ...groupsIn('update', update), ...groupsIn('verify', verify)]
    .map(({ first, buckets, ...group }) => ({
      ...group,
      class: first.class,
      retry: first.retry,
      reason: first.reason,
      buckets: [...buckets]
        .map(([name, count]) => ({ name, count }))
        .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)),
    }))
    .toSorted((a, b) => Number(b.retry === 'never') - Number(a.retry === 'never') || b.count - a.count)
}

function groupsIn(
  direction: FailureGroup['direction'],
  report: Pick<VerifyReport, 'failed'> | null,
): Growing[] {
  const groups = new Map<string, Growing>()
  for (const entry of report?.failed ?? []) {
    const isKnown = groups.has(entry.class) || groups.size < mostGroups
    const key = isKnown ? entry.class : `${otherReasons} ${entry.retry}`
    const group = groups.get(key) ?? begin(direction, isKnown ? entry : { ...entry, class: otherReasons })
    groups.set(key, group)
    group.count++
    group.buckets.set(entry.bucket, (group.buckets.get(entry.bucket) ?? 0) + 1)
    if (group.cids.length < mostCids) group.cids.push(entry.cid)
    if (entry.nextAttemptAt < group.nextAttemptAt) group.nextAttemptAt = entry.nextAttemptAt
  }
  return [...groups.values()]
}

function begin(direction: FailureGroup['direction'], first: FailedEntry): Growing {
  return { first, direction, buckets: new Map(), cids: [], nextAttemptAt: first.nextAttemptAt, count: 0 }
}
