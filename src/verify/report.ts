import type { Entries } from '../domain/entries.ts'
import { type Coverage, type Day, dateOf } from '../domain/verifying.ts'
import { failedEntry } from '../report/ledger-entries.ts'
import type { BucketVerification, FailedEntry, VerifyReport } from '../report/report.ts'
import type { ListedBucket } from '../sides/list-service.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { Work } from '../work.ts'
import { type Counts, nothingRead } from './results.ts'

/** What the report says of what was read again, and of how far all is verified. */
export function reportOf(
  { snapshot, ledger }: Pick<Work, 'snapshot' | 'ledger'>,
  buckets: readonly ListedBucket[],
  counts: Counts,
  today: Day,
): VerifyReport {
  const coverage = snapshot.verified.coverage(today)
  const days = coverage.values().flatMap(({ oldest }) => (oldest === null ? [] : [oldest]))
  const oldest = days.reduce<Day | null>((a, b) => (a === null || b < a ? b : a), null)
  return {
    ...counts,
    oldest: oldest === null ? null : dateOf(oldest),
    failed: brokenIn(ledger),
    buckets: buckets.map(({ name, requests }) => bucketOf(name, coverage.get(requests.id))),
  }
}

/** Of a run that reads nothing: what is known to be broken stays so. How far all is verified it does not look up. */
export function reportOfKnown(ledger: Ledger): VerifyReport | null {
  const failed = brokenIn(ledger)
  return failed.length === 0 ? null : { ...nothingRead(), oldest: null, failed, buckets: [] }
}

/** Each is made as it is read: there may be a million. */
function brokenIn(ledger: Ledger): Entries<FailedEntry> {
  const alike = Iterator.from(ledger.figures.alike())
  return {
    length: alike.reduce((sum, { direction, cids }) => sum + (direction === 'verify' ? cids : 0), 0),
    *[Symbol.iterator]() {
      for (const [, entry] of ledger.entries('verify')) yield failedEntry(entry)
    },
  }
}

function bucketOf(name: string, coverage: Coverage | undefined): BucketVerification {
  const { oldest, ...rest } = coverage ?? {
    cids: 0,
    bytes: 0,
    recent: 0,
    recentBytes: 0,
    never: 0,
    broken: 0,
    oldest: null,
  }
  return { name, ...rest, oldest: oldest === null ? null : dateOf(oldest) }
}
