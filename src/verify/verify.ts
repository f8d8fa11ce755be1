import type { Delegates } from '../delegates/connect.ts'
import type { KnownFailures } from '../domain/known-failures.ts'
import type { PinnedSince } from '../domain/pinned-since.ts'
import type { Problem } from '../domain/problem.ts'
import { Verifiable } from '../domain/verifiable.ts'
import { type Day, dayOf } from '../domain/verifying.ts'
import { NodeError } from '../errors.ts'
import { inSlices } from '../in-slices.ts'
import type { VerifyingNode } from '../node/node.ts'
import { dueUntil } from '../report/ledger-entries.ts'
import type { VerifyReport } from '../report/report.ts'
import { watchRoom } from '../room-watch.ts'
import type { Findings } from '../study.ts'
import { Counted, Progress } from '../text/progress.ts'
import type { Work } from '../work.ts'
import { End } from './end.ts'
import { Mender } from './mend.ts'
import { deaf, stopped, unread } from './problems.ts'
import { readAll } from './read-all.ts'
import { reportOf, reportOfKnown } from './report.ts'
import { Results } from './results.ts'
import { Sources } from './sources.ts'

export interface VerifyDone {
  /** `null` where nothing was to be read, or could be, and nothing is known to be broken. */
  readonly report: VerifyReport | null
  readonly problems: readonly Problem[]
}

/**
 * Reads again, for `verify-time`, what the node pins and a bucket has pinned: what was verified longest ago first. A block
 * that is missing is fetched; one that is corrupt is told, and left as it is. No pin is added, changed or taken away.
 */
export async function verify(
  work: Work,
  found: Findings,
  { connector, pinned }: Pick<Delegates, 'connector'> & { readonly pinned: PinnedSince },
): Promise<VerifyDone> {
  const { config, node, snapshot, time } = work
  const { sides, trust, comparison } = found
  const { verifying } = node
  if (sides.identity === undefined || config.direction === 'update') return { report: null, problems: [] }
  const isWanted = config.verifyTime > 0 && !config.dryRun && trust.isNodeBelieved
  if (!isWanted || verifying === undefined || time.wasCancelled)
    return { report: reportOfKnown(work.ledger), problems: [] }
  const today = dayOf(Date.now())
  const buckets = sides.buckets.map(({ requests }) => requests.id)
  const pins = new Verifiable(comparison, { buckets, pinned, ignore: config.ignore })
  await inSlices(snapshot.verified.follow(pins), time.cancelled)
  snapshot.readings.clear()
  const failures = await inSlices(snapshot.ledger.known('verify'), time.cancelled)
  const results = new Results({
    ...work,
    failures,
    verified: snapshot.verified,
    readings: snapshot.readings,
    comparison,
    buckets: new Map(sides.buckets.map(({ name, requests }) => [requests.id, name])),
    today,
    cancelled: time.cancelled,
  })
  const fetchedBefore = work.intake.fetched
  const problems = await readInTime(work, found, { node: verifying, connector, results, failures, today })
  results.counts.fetched = work.intake.fetched - fetchedBefore
  return {
    report: reportOf(work, sides.buckets, results.counts, today),
    problems: [...problems, ...work.gateways.takeProblems()],
  }
}

interface Edges extends Pick<Delegates, 'connector'> {
  readonly node: VerifyingNode
  readonly results: Results
  readonly failures: KnownFailures
  readonly today: Day
}

async function readInTime(
  { config, node: whole, gateways, intake, snapshot, log, time }: Work,
  { seen }: Findings,
  { node, connector, results, failures, today }: Edges,
): Promise<Problem[]> {
  if (time.isOver || !snapshot.verified.hasDue(today)) return []
  return log.group('Verifying what is pinned', async () => {
    using end = new End(time, config.verifyTime)
    const { signal } = end
    const { counts } = results
    const now = () => performance.now()
    const read = new Counted('CIDs verified', now())
    using _ = new Progress({ line: () => read.line(now()), log: (line) => log.info(line), now })
    try {
      await using _room = watchRoom(whole, intake, { keepFree: config.keepFree, signal })
      if (!(await node.isHeard(signal))) return [deaf]
      const sources = new Sources(snapshot, node, { failures, now: dueUntil(config), today })
      const mender = new Mender(
        { node, importing: whole.importing, gateways, delegates: connector, seen },
        config,
      )
      const onRead = () => read.add(now())
      const options = { atOnce: config.concurrency, signal }
      const nodeError = await readAll({ node, sources, mender, results, onRead }, options)
      log.info(results.line)
      if (nodeError !== null) return [stopped(nodeError)]
      return results.lastUnread === null ? [] : [unread(counts.unread, results.lastUnread)]
    } catch (error) {
      if (signal.aborted && error === signal.reason) return []
      if (error instanceof NodeError) return [stopped(error)]
      throw error
    }
  })
}
