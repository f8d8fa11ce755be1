import type { Config } from './config.ts'
import { type CidKey, cidV1 } from './domain/cid.ts'
import { type BackupPlan, planBackup } from './domain/plan.ts'
import type { Http } from './http.ts'
import type { Log } from './log.ts'
import { Kubo } from './node/kubo.ts'
import { bucketReport, listingError } from './report/bucket-report.ts'
import { delegateReport } from './report/delegate-report.ts'
import type { RunRecord } from './report/run-record.ts'
import { trackIssue } from './report/tracker.ts'
import { DelegateBook } from './snapshot/delegates.ts'
import { Ledger } from './snapshot/ledger.ts'
import { listedRequests } from './snapshot/listed.ts'
import type { Snapshot } from './snapshot/open.ts'
import { backUpMissing, clearLedger, failedEntry, untriedBackup } from './sync/back-up-missing.ts'
import { knownDelegates } from './sync/known-delegates.ts'
import { type BothSides, listBothSides } from './sync/list-both-sides.ts'

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
/** A node that had so many pins and now lists none is not believed at once. */
const manyPins = 1000

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
  recordListing(record, sides, plan, inTime)
  record.outOfTime = wasCutShort(sides, inTime)
  const seen = book.seenIn(sides.buckets.map(({ name, requests }) => ({ name, id: requests.id })))
  const { known, notice } = knownDelegates(config.delegates, seen, snapshot)
  if (notice !== null) record.warn('delegates', notice)
  record.found.delegates = delegateReport(seen, known, [])

  if (sides.identity !== undefined) {
    const isProved = sides.buckets.every(({ result }) => result?.complete === true && result.vanished === 0)
    const isBelieved = isNodeBelieved(snapshot, sides, record)
    if (config.dryRun || !isBelieved) record.found.backup = untriedBackup(config, plan, ledger)
    else {
      clearLedger(ledger, plan, sides.comparison, { ignore: config.ignore, isProved })
      const backup = await backUpMissing(config, { plan, node, ledger, book, known, deadline, signal, log })
      record.found.backup = backup.report
      record.found.delegates = delegateReport(seen, known, backup.delegates)
      if (backup.nodeError !== null) record.fail('node', backup.nodeError)
      else if (backup.report.pending.length > 0) record.outOfTime = true
    }
  }
  record.cancelled = signal.aborted

  if (config.issue && !config.dryRun && !signal.aborted) await keepIssue(config, edges, record, ledger)
}

/** Whether the clock or a person ended a listing: no error of anybody's, but not all of the work either. */
function wasCutShort({ buckets, nodeError }: BothSides, { reason, aborted }: AbortSignal): boolean {
  return aborted && [nodeError, ...buckets.map(({ error }) => error)].includes(reason)
}

function recordListing(record: RunRecord, sides: BothSides, plan: BackupPlan, inTime: AbortSignal): void {
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
    onlyHere,
    onlyHereExamples: examples.map(cidV1),
  }
}

/** A node that had thousands of pins and lists none may be another's, or look into an empty repository. */
function isNodeBelieved(snapshot: Snapshot, { comparison }: BothSides, record: RunRecord): boolean {
  const before = snapshot.facts.get('nodePins') ?? 0
  snapshot.facts.set('nodePins', comparison.nodePins)
  if (before < manyPins || comparison.nodePins > 0) return true
  // What the next run has to know to confirm it.
  snapshot.markChanged()
  record.warn(
    'node',
    `the node lists no pins, and had ${before} in the last run: nothing is pinned before a further run sees the same. Check that \`node-url\` leads to the right node and that its repository is mounted`,
  )
  return false
}

async function keepIssue(
  config: Config,
  { snapshot, signal }: Edges,
  record: RunRecord,
  ledger: Ledger,
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
