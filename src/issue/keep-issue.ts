import type { Config } from '../config/types.ts'
import { parseCid } from '../domain/cid.ts'
import type { Http } from '../http/http.ts'
import { failedEntry } from '../report/ledger-entries.ts'
import type { RunRecord } from '../report/run-record.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { Snapshot } from '../snapshot-file/open.ts'
import type { Tracked } from './tracked.ts'
import { trackIssue } from './tracker.ts'

/**
 * Brings the tracking issue up to date with the ledger and with what the run found.
 * @param facts.isWhole whether the run saw everything: else what it did not see may still stand
 */
export async function keepIssue(
  config: Config,
  record: RunRecord,
  facts: {
    readonly ledger: Ledger
    readonly snapshot: Snapshot
    readonly isWhole: boolean
    readonly http: Http
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { ledger, snapshot, isWhole, http, signal } = facts
  const { delegates, buckets } = record.found
  const failures = (['backup', 'update'] as const).flatMap((direction) =>
    [...ledger.get(direction).values()].map((entry) => ({ ...failedEntry(entry), direction })),
  )
  // Those that are asked for again come and go; the ledger tells of them once.
  const askedAgain = ledger.get('update')
  const isAskedAgain = (text: string) => {
    const key = parseCid(text)?.key
    return key !== undefined && askedAgain.has(key)
  }
  const tracked: Tracked = {
    failures,
    failedRequests: buckets.flatMap(({ name: bucket, failedRequests }) =>
      failedRequests.filter(({ cid }) => !isAskedAgain(cid)).map((request) => ({ ...request, bucket })),
    ),
    unknownDelegates: delegates.unknown,
    knownDelegates: delegates.known,
    doubts: record.doubts,
    isWhole,
  }
  const hint = record.issueNumber
  const { number, warning } = await trackIssue(config, tracked, hint, { http, signal })
  record.issueNumber = number
  if (warning !== null) record.warn('issue', warning)
  if (number !== null && number !== hint) {
    snapshot.facts.set('issue', number)
    snapshot.markChanged()
  }
}
