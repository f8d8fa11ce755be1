import type { Config } from './config/types.ts'
import { planBackup } from './domain/plan.ts'
import type { Http } from './http.ts'
import type { Log } from './log.ts'
import { Kubo } from './node/kubo.ts'
import { delegateReport } from './report/delegate-report.ts'
import { keepIssue } from './report/keep-issue.ts'
import { recordSides } from './report/record-sides.ts'
import { recordTrouble } from './report/record-trouble.ts'
import type { RunRecord } from './report/run-record.ts'
import { emptyNode, largeDrops, leftOutBuckets, unparsedDelegates } from './report/warnings.ts'
import { RunTime } from './run-time.ts'
import { BucketClient } from './service/pinning-service.ts'
import { RateLimit } from './service/rate-limit.ts'
import { leftOut } from './snapshot/buckets.ts'
import { DelegateBook } from './snapshot/delegates.ts'
import { Ledger } from './snapshot/ledger.ts'
import { listedRequests } from './snapshot/listed.ts'
import type { Snapshot } from './snapshot/open.ts'
import { backupPhase } from './sync/backup-phase.ts'
import { connectDelegates, recordDelegates } from './sync/delegates-phase.ts'
import { inspectPhase } from './sync/inspect-phase.ts'
import { delegatesIn } from './sync/known-delegates.ts'
import { type BothSides, listBothSides } from './sync/list-both-sides.ts'
import { isByPerson } from './sync/list-service.ts'
import type { Found, Work } from './sync/phase.ts'
import { settledFailures } from './sync/settled-failures.ts'
import { keepNodePins, nodePinsBefore, nowBy, trustIn } from './sync/trust.ts'
import { updatePhase } from './sync/update-phase.ts'

/** What the run reaches the world through. */
export interface Edges {
  readonly http: Http
  readonly log: Log
  readonly snapshot: Snapshot
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/**
 * The run: where CIDs are to be inspected, do only that; else list the service and the node at the same time, plan, connect to delegates, back up, update, keep the issue. What it finds goes
 * into the record as it goes; it throws only what nobody expected.
 */
export async function run(config: Config, edges: Edges, record: RunRecord): Promise<void> {
  const { http, log, snapshot, signal } = edges
  const { direction, endpoint, dryRun } = config
  using time = new RunTime(signal, config.timeLimit)
  using gate = new RateLimit(config.requestsPerSecond)
  const work: Work = {
    config,
    log,
    snapshot,
    time,
    record,
    gate,
    node: new Kubo({ http, url: config.nodeUrl, authorization: config.nodeAuthorization }),
    ledger: new Ledger(snapshot.db, () => snapshot.markChanged()),
    book: new DelegateBook(snapshot.db, Date.now()),
  }
  record.issueNumber = snapshot.facts.get('issue') ?? null
  const clients = config.buckets.map((bucket) => new BucketClient(bucket, { http, endpoint, gate }))

  // Awaited: without it the run's time and gate would end here.
  if (config.inspect.length > 0) return await inspectPhase(work, clients)
  const sides = await listBothSides(config, { ...work, clients, signal: time.inTime })
  const found = study(work, sides)
  const { trust } = found
  const settled = settledFailures(work, found)
  if (sides.identity !== undefined && trust.isNodeBelieved && !dryRun) settled.forget()

  const self = dryRun ? undefined : sides.identity?.peerId
  {
    // Let go before the issue is kept, which may take long.
    await using delegates = await connectDelegates(work, found, self)
    if (direction !== 'update') await backupPhase(work, found, delegates.connector)
    if (direction !== 'backup') await updatePhase(work, found, delegates.connector)
    if (self !== undefined) recordDelegates(work, found, delegates)
  }
  if (sides.identity !== undefined) record.stillFailing = settled.areOthersLeft()
  record.cancelled = time.wasCancelled

  if (config.issue && !dryRun && !time.wasCancelled)
    await keepIssue(config, record, { ...work, http, isWhole: trust.isWhole, signal: time.cancelled })
  // Last: a run that is killed before its end confirms nothing, and a dry one never does.
  if (sides.identity !== undefined && !dryRun) {
    keepNodePins(snapshot, sides, trust)
  }
}

/** Holds both sides against each other, and writes down how they stand. */
function study(work: Work, sides: BothSides): Found {
  const { config, snapshot, record, time } = work
  const { buckets, comparison } = sides
  const plan = planBackup(
    comparison,
    buckets.map(({ name, requests }) => ({ name, requests: listedRequests(snapshot.db, requests.id) })),
    config.ignore,
  )
  const before = nodePinsBefore(snapshot)
  const now = nowBy(buckets.map(({ listedAt }) => listedAt))
  const trust = trustIn(sides, before, { now, isConfirmed: isByPerson(config) })
  recordSides(record, sides, plan.buckets, trust)
  recordTrouble(record, sides, time)
  const { seen, known } = delegatesIn(work, sides)
  for (const doubt of largeDrops(buckets)) record.doubts.push(doubt)
  if (!trust.isNodeBelieved) record.doubts.push(emptyNode(before.pins))
  const warnings = [
    ...record.doubts,
    ...unparsedDelegates(seen),
    ...leftOutBuckets(leftOut(snapshot.db, config.buckets), config.direction),
  ]
  for (const warning of warnings) record.warnings.push(warning)
  record.found.delegates = delegateReport(seen, known, [])
  return { sides, plan, trust, seen, known }
}
