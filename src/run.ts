import type { Config } from './config.ts'
import { type CidKey, cidV1 } from './domain/cid.ts'
import type { SeenDelegate } from './domain/delegate.ts'
import { type BackupPlan, planBackup } from './domain/plan.ts'
import type { Http } from './http.ts'
import type { Log } from './log.ts'
import { Kubo } from './node/kubo.ts'
import { bucketReport, listingError } from './report/bucket-report.ts'
import { delegateReport } from './report/delegate-report.ts'
import type { RunRecord } from './report/run-record.ts'
import { trackIssue } from './report/tracker.ts'
import { leftOut } from './snapshot/buckets.ts'
import { DelegateBook } from './snapshot/delegates.ts'
import { Ledger } from './snapshot/ledger.ts'
import { listedRequests } from './snapshot/listed.ts'
import type { Snapshot } from './snapshot/open.ts'
import {
  backUpMissing,
  failedEntry,
  settledFailures,
  unknownBackup,
  untriedBackup,
} from './sync/back-up-missing.ts'
import { knownDelegates } from './sync/known-delegates.ts'
import { type BothSides, listBothSides } from './sync/list-both-sides.ts'
import { type Trust, trustIn } from './sync/trust.ts'

/** What the run reaches the world through. */
export interface Edges {
  readonly http: Http
  readonly log: Log
  readonly snapshot: Snapshot
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/** Of the node's pins that no bucket has, the report names so many. */
const mostExamples = 20

/**
 * The run: list the service and the node at the same time, plan, back up, keep the issue. What it finds goes into
 * the record as it goes; it throws only what nobody expected.
 */
export async function run(config: Config, edges: Edges, record: RunRecord): Promise<void> {
  const { http, log, snapshot, signal } = edges
  const deadline = Date.now() + config.timeLimit
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(config.timeLimit)])
  const book = new DelegateBook(snapshot.db, Date.now())
  record.issueNumber = snapshot.facts.get('issue') ?? null
  const ledger = new Ledger(snapshot.db, () => snapshot.markChanged())
  const node = new Kubo({ http, url: config.nodeUrl, authorization: config.nodeAuthorization })

  const sides = await listBothSides(config, { http, log, snapshot, book, node, signal: inTime })
  const plan = planBackup(
    sides.comparison,
    sides.buckets.map(({ name, requests }) => ({ name, requests: listedRequests(snapshot.db, requests.id) })),
    config.ignore,
  )
  const pinsBefore = snapshot.facts.get('nodePins') ?? 0
  const trust = trustIn(sides, pinsBefore)
  recordListing(record, sides, plan, { ...trust, inTime })
  record.outOfTime = wasCutShort(sides, inTime)
  const seen = book.seenIn(sides.buckets.map(({ name, requests }) => ({ name, id: requests.id })))
  const isListed = sides.buckets.every(({ result }) => result !== undefined)
  const { known, notice } = knownDelegates(config.delegates, seen, isListed, snapshot)
  if (notice !== null) record.warn('delegates', notice)
  warnOfUnparsed(record, seen)
  warnOfLeftOut(record, leftOut(snapshot.db, config.buckets))
  record.found.delegates = delegateReport(seen, known, [])
  if (!trust.isNodeBelieved) warnOfEmptyNode(record, pinsBefore)

  if (sides.identity !== undefined) {
    const settled = settledFailures(ledger, sides.comparison, { ...config, ...trust })
    if (config.dryRun || !trust.isNodeBelieved) record.found.backup = untriedBackup(config, plan, ledger)
    else {
      ledger.forget('backup', settled)
      const backup = await backUpMissing(config, { plan, node, ledger, book, known, deadline, signal, log })
      record.found.backup = backup.report
      record.found.delegates = delegateReport(seen, known, backup.delegates)
      if (backup.nodeError !== null) record.fail('node', backup.nodeError)
      else if (backup.report.pending.length > 0) record.outOfTime = true
    }
    const isSettled = new Set(settled)
    record.stillFailing = ledger
      .get('backup')
      .keys()
      .some((key) => !isSettled.has(key))
  } else record.found.backup = unknownBackup
  record.cancelled = signal.aborted

  if (config.issue && !config.dryRun && !signal.aborted)
    await keepIssue(config, edges, record, { ledger, isWhole: trust.isWhole })
  // Last: a run that is killed before its end confirms nothing, and a dry one never does.
  if (sides.identity !== undefined && !config.dryRun) {
    snapshot.facts.set('nodePins', sides.comparison.nodePins)
    if (!trust.isNodeBelieved) snapshot.markChanged()
  }
}

function warnOfEmptyNode(record: RunRecord, pinsBefore: number): void {
  record.warn(
    'node',
    `the node lists no pins, and had ${pinsBefore} in the last run: nothing is pinned before a further run sees the same. Check that \`node-url\` leads to the right node and that its repository is mounted`,
  )
}

/** A bucket that is forgotten, or has another name now, would else go missing without a word. */
function warnOfLeftOut(record: RunRecord, names: readonly string[]): void {
  for (const name of names)
    record.warn(
      `bucket ${name}`,
      'earlier runs listed it, and `buckets` does not name it now: it is not backed up. If that is meant, give the job another `cache-key` to start afresh without it',
    )
}

function warnOfUnparsed(record: RunRecord, seen: readonly SeenDelegate[]): void {
  const unparsed = seen.filter(({ peerId }) => peerId === null)
  if (unparsed[0] === undefined) return
  record.warn(
    'delegates',
    `${unparsed.length} of the service's delegates are no multiaddr of a peer, such as ${unparsed[0].address}. They are left out`,
  )
}

/** Whether the clock or a person ended a listing: no error of anybody's, but not all of the work either. */
function wasCutShort({ buckets, nodeError }: BothSides, { reason, aborted }: AbortSignal): boolean {
  return aborted && [nodeError, ...buckets.map(({ error }) => error)].includes(reason)
}

function recordListing(
  record: RunRecord,
  sides: BothSides,
  plan: BackupPlan,
  { isProved, isNodeBelieved, inTime }: Trust & { readonly inTime: AbortSignal },
): void {
  const { buckets, comparison, identity, nodeError } = sides
  record.found.buckets = buckets.map((bucket, index) => bucketReport(bucket, plan.buckets[index]))
  if (buckets.some(({ result }) => result !== undefined)) record.listed = comparison.listed
  // What the clock or a person cut short is no error of the service.
  for (const bucket of buckets) {
    const isCutShort = inTime.aborted && bucket.error === inTime.reason
    const error = isCutShort ? undefined : listingError(bucket)
    if (error !== undefined) record.errors.push(error)
    const invalid = bucket.requests.invalid()
    if (invalid[0] !== undefined) {
      const { requestid, cid } = invalid[0]
      record.warn(
        `bucket ${bucket.name}`,
        `${invalid.length} requests have a CID that does not parse, such as ${requestid}: ${cid}. They are left alone`,
      )
    }
  }
  if (identity === undefined) {
    if (nodeError !== inTime.reason) record.fail('node', nodeError)
    return
  }
  let onlyHere = 0
  const examples: CidKey[] = []
  for (const key of comparison.onlyOnNode()) if (onlyHere++ < mostExamples) examples.push(key)
  record.found.node = {
    kind: 'kubo',
    version: identity.version,
    peerId: identity.peerId,
    pins: comparison.nodePins,
    believed: isNodeBelieved,
    onlyHere,
    onlyHereProved: isProved,
    onlyHereExamples: examples.map(cidV1),
  }
}

async function keepIssue(
  config: Config,
  { snapshot, signal }: Edges,
  record: RunRecord,
  { ledger, isWhole }: { readonly ledger: Ledger; readonly isWhole: boolean },
): Promise<void> {
  const { delegates, buckets } = record.found
  const tracked = {
    failures: (['backup', 'update'] as const).flatMap((direction) =>
      [...ledger.get(direction).values()].map((entry) => ({ ...failedEntry(entry), direction })),
    ),
    failedRequests: buckets.flatMap(({ name: bucket, failedRequests }) =>
      failedRequests.map((request) => ({ ...request, bucket })),
    ),
    unknownDelegates: delegates.unknown,
    knownDelegates: delegates.known,
    isWhole,
  }
  const hint = record.issueNumber
  const { number, warning } = await trackIssue(config, tracked, hint, signal)
  record.issueNumber = number
  if (warning !== null) record.warn('issue', warning)
  if (number !== null && number !== hint) {
    snapshot.facts.set('issue', number)
    snapshot.markChanged()
  }
}
