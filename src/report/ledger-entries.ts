import type { Config } from '../config/types.ts'
import type { Entry } from '../domain/pin.ts'
import type { LedgerEntry } from '../snapshot/ledger.ts'
import type { FailedEntry } from './report.ts'

/** Someone who starts a run by hand wants everything tried. */
export function dueUntil({ github }: Pick<Config, 'github'>): number {
  return github.manual ? Number.POSITIVE_INFINITY : Date.now()
}

/** How report and summary name a CID of a plan. */
export function entryOf({ cid, name, bucket }: Pick<LedgerEntry, 'cid' | 'name' | 'bucket'>): Entry {
  return { cid: cid.text, name, bucket }
}

/** How report and issue show an entry of the ledger. */
export function failedEntry(entry: LedgerEntry): FailedEntry {
  const { cid, name, bucket, reason, retry, attempts, firstFailed, nextAttempt } = entry
  return {
    cid: cid.text,
    name,
    bucket,
    reason,
    class: entry.class,
    retry,
    attempts,
    firstFailedAt: new Date(firstFailed).toISOString(),
    nextAttemptAt: new Date(nextAttempt).toISOString(),
  }
}
