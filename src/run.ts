import { backupPhase } from './backup/backup.ts'
import type { Config } from './config/types.ts'
import { connectDelegates, recordDelegates } from './delegates/connect.ts'
import { delegatesIn } from './delegates/known.ts'
import { compare } from './domain/compare.ts'
import type { Http } from './http/http.ts'
import { inspectPhase } from './inspect/inspect.ts'
import { keepIssue } from './issue/keep-issue.ts'
import { Kubo } from './node/kubo/kubo.ts'
import { delegateReport } from './report/delegate-report.ts'
import { recordSides } from './report/record-sides.ts'
import { recordTrouble } from './report/record-trouble.ts'
import type { RunRecord } from './report/run-record.ts'
import { emptyNode, largeDrops, leftOutBuckets, unparsedDelegates } from './report/warnings.ts'
import { RunTime } from './run-time.ts'
import { BucketClient } from './service/pinning-service.ts'
import { RateLimit } from './service/rate-limit.ts'
import { type BothSides, listBothSides } from './sides/list-both-sides.ts'
import { isByPerson } from './sides/list-service.ts'
import { settledFailures } from './sides/settled-failures.ts'
import { keepNodePins, nodePinsBefore, nowBy, trustIn } from './sides/trust.ts'
import { leftOut } from './snapshot/buckets.ts'
import { DelegateBook } from './snapshot/delegates.ts'
import { Ledger } from './snapshot/ledger.ts'
import { listedRequests } from './snapshot/listed.ts'
import type { Snapshot } from './snapshot-file/open.ts'
import type { Log } from './text/log.ts'
import { updatePhase } from './update/update.ts'
import type { Found, Work } from './work.ts'

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
  await using delegates = await connectDelegates(work, found, self)
  if (direction !== 'update') await backupPhase(work, found, delegates.connector)
  if (direction !== 'backup') await updatePhase(work, found, delegates.connector)
  if (self !== undefined) recordDelegates(work, found, delegates)
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
  const { buckets } = sides
  const comparison = compare(
    sides.pins,
    buckets.map(({ requests }) => listedRequests(snapshot.db, requests.id)),
  )
  const before = nodePinsBefore(snapshot)
  const now = nowBy(buckets.map(({ listedAt }) => listedAt))
  const trust = trustIn(sides, before, { now, isConfirmed: isByPerson(config) })
  recordSides(record, sides, comparison, trust)
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
  return { sides, comparison, trust, seen, known }
}
