import { parseCid } from '../domain/cid.ts'
import type { Problem } from '../domain/problem.ts'
import { failedEntry } from '../report/ledger-entries.ts'
import type { Report, RunError } from '../report/report.ts'
import type { Work } from '../work.ts'
import type { Tracked } from './tracked.ts'
import { trackIssue } from './tracker.ts'

/**
 * Brings the tracking issue up to date with the ledger and with what the run found.
 * @param seen.isWhole whether the run saw everything: else what it did not see may still stand
 * @returns its number, and what kept it from being kept
 */
export async function keepIssue(
  { config, http, ledger, snapshot, time }: Work,
  seen: Pick<Report, 'buckets' | 'delegates' | 'node'> & {
    /** What is not believed before a later run, or a person, confirms it. */
    readonly doubts: readonly RunError[]
    /** As the last run left it; `null` for none. */
    readonly issueNumber: number | null
    readonly isWhole: boolean
  },
): Promise<{ readonly number: number | null; readonly problems: readonly Problem[] }> {
  const { buckets, delegates, node, doubts, issueNumber: hint, isWhole } = seen
  const failures = (['backup', 'update', 'verify'] as const).flatMap((direction) =>
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
    troubledPeers: (node?.peers ?? []).flatMap(({ trouble, since, ...peer }) =>
      trouble === null || since === null ? [] : [{ ...peer, trouble, since }],
    ),
    doubts,
    isWhole,
  }
  const { number, warning } = await trackIssue(config, tracked, hint, { http, time })
  if (number !== null && number !== hint) {
    snapshot.facts.set('issue', number)
    snapshot.markChanged()
  }
  return { number, problems: warning === null ? [] : [{ where: 'issue', message: warning, isError: false }] }
}
