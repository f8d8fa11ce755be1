import type { Config } from '../config/types.ts'
import { parseCid } from '../domain/cid.ts'
import { atOnce } from '../domain/long-work.ts'
import type { Draft, Filling } from '../draft/draft.ts'
import type { Http } from '../http/http.ts'
import { inSlices } from '../in-slices.ts'
import type { BucketReport } from '../report/report.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { LedgerFigures } from '../snapshot/ledger-figures.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { FailedRequests } from './failed-requests/failed-requests.ts'
import { NamedRequests } from './failed-requests/named-requests.ts'
import { type AlikeInBucket, summedUp } from './failures.ts'
import type { WaitingTime } from './github.ts'
import { leastFailing } from './streak.ts'
import type { FailedAlike, FailingRuns, Tracked } from './tracked.ts'
import { type TrackerConfig, trackIssue } from './tracker.ts'
import { unmirroredNow } from './unmirrored.ts'
import { knownIn } from './unseen.ts'

/** CIDs of one reason that are told at most. */
const mostCids = 500

/**
 * Brings the tracking issue up to date with the ledger, with what the run found, and with how the last runs ended. It
 * comes when all else is known, and is left alone by runs that mirror nothing, by those that were cancelled, and where
 * another run of the mirror is at work, which keeps it.
 * @param edges.snapshot `undefined` where it could not be opened
 * @param draft takes its number, and what kept it from being kept
 */
export async function keepIssue(
  config: TrackerConfig & Pick<Config, 'issue'> & Partial<Pick<Config, 'accountCheck'>>,
  {
    http,
    time,
    snapshot,
  }: { readonly http: Http; readonly time: WaitingTime; readonly snapshot: Snapshot | undefined },
  draft: Draft,
): Promise<void> {
  const { filling, run } = draft
  if (!config.issue || run === null || filling.cancelled || filling.isBusy) return
  const failing = failingRuns(draft)
  // It came to nothing that could be told.
  if (snapshot !== undefined && filling.isWhole === null && (failing?.runs ?? 0) < leastFailing) return
  const hint = filling.issueNumber
  const tracked =
    snapshot === undefined ? unopened(failing) : await trackedIn(config, snapshot, filling, failing)
  const { number, warning } = await trackIssue(config, tracked, hint, { http, time })
  if (snapshot !== undefined && number !== null && number !== hint) {
    snapshot.facts.set('issue', number)
    snapshot.markChanged()
  }
  draft.fill({ issueNumber: number })
  if (warning !== null) draft.note({ where: 'issue', message: warning, isError: false })
}

function failingRuns(draft: Draft): FailingRuns | null {
  const { failing, errors, history } = draft.report()
  const well = history.findLast(({ conclusion }) => conclusion !== 'error' && conclusion !== 'cancelled')
  return failing && { ...failing, errors, wellAt: well?.startedAt }
}

/** What is known where the snapshot could not be opened. */
function unopened(failing: FailingRuns | null): Tracked {
  const failures = atOnce(summedUp([], () => ({ reason: '', first: [] })))
  return {
    failing,
    failures,
    ledgerDigest: '',
    departed: [],
    failedRequests: new NamedRequests(),
    unknownDelegates: [],
    knownDelegates: [],
    doubts: [],
    troubledPeers: [],
    unmirrored: [],
    sight: 'unopened',
    knows: () => false,
    newerThan: async () => ({ failures, cids: [] }),
  }
}

async function trackedIn(
  { accountCheck }: Partial<Pick<Config, 'accountCheck'>>,
  snapshot: Snapshot,
  filling: Filling,
  failing: FailingRuns | null,
): Promise<Tracked> {
  const { ledger } = snapshot
  const { buckets, delegates, node, doubts, isWhole } = filling
  const { figures } = ledger
  const requests = await failedRequests(ledger, buckets)
  const details = ({ kind, class: reasonClass }: Pick<FailedAlike, 'kind' | 'class'>) => {
    if (kind === 'request') return requests.detailsOf(reasonClass)
    const which = { direction: kind, class: reasonClass }
    return { reason: figures.reasonOf(which), first: figures.cidsOf(which, mostCids) }
  }
  return {
    failing,
    failures: await inSlices(summedUp(allRows(requests, figures), details)),
    ledgerDigest: await inSlices(figures.digest()),
    departed: ledger.departed,
    failedRequests: requests.named,
    unknownDelegates: delegates.unknown,
    knownDelegates: delegates.known,
    troubledPeers: (node?.peers ?? []).flatMap(({ trouble, since, ...peer }) =>
      trouble === null || since === null ? [] : [{ ...peer, trouble, since }],
    ),
    doubts,
    unmirrored: unmirroredNow(accountCheck, filling.account, snapshot),
    sight: isWhole === null ? 'blind' : isWhole ? 'whole' : 'part',
    knows: knownIn(filling),
    newerThan: async (instant) => ({
      failures: await inSlices(summedUp(ledgerRows(figures, instant), details)),
      cids: figures.cidsSince(instant, mostCids),
    }),
  }
}

function* allRows(requests: FailedRequests, figures: LedgerFigures): Generator<AlikeInBucket> {
  yield* requests.rows()
  yield* ledgerRows(figures)
}

function* ledgerRows(figures: LedgerFigures, since?: number): Generator<AlikeInBucket> {
  for (const { direction: kind, ...row } of figures.alike(since)) yield { ...row, kind }
}

/** Those that nobody asks for again: the others come and go, and the ledger tells of them once. */
async function failedRequests(ledger: Ledger, buckets: readonly BucketReport[]): Promise<FailedRequests> {
  const askedAgain = await inSlices(ledger.known('update'))
  const isAskedAgain = (text: string) => {
    const key = askedAgain.size === 0 ? undefined : parseCid(text)?.key
    return key !== undefined && askedAgain.has(key)
  }
  return await inSlices(FailedRequests.in(buckets, { isAskedAgain, mostCids }))
}
