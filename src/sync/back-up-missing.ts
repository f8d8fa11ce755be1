import type { Config } from '../config.ts'
import type { BackupPlan } from '../domain/plan.ts'
import { schedule } from '../domain/schedule.ts'
import type { NodeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Node } from '../node/node.ts'
import { Progress } from '../report/progress.ts'
import type { DirectionReport } from '../report/report.ts'
import type { DelegateBook } from '../snapshot/delegates.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import { backUp, type FailedPin, type MissingPin } from './backup/backup.ts'
import type { DelegateConnector } from './delegates.ts'
import { dueUntil, entryOf, failedEntriesOf } from './ledger-entries.ts'

export interface BackupOutcome {
  readonly report: DirectionReport
  readonly nodeError: NodeError | null
}

export interface BackupInput {
  readonly plan: BackupPlan
  readonly node: Node
  readonly ledger: Ledger
  readonly book: DelegateBook
  readonly delegates: DelegateConnector
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
  /** Aborted when the run is cancelled, and when its time is over. */
  readonly inTime: AbortSignal
  readonly log: Log
}

/** The log names so many; the summary and the report have more. */
const mostFailuresTold = 50

/** Pins what is missing, and keeps the ledger as it goes. */
export async function backUpMissing(
  config: Pick<Config, 'concurrency' | 'stallTimeout' | 'attempts' | 'github'>,
  input: BackupInput,
): Promise<BackupOutcome> {
  const { plan, node, ledger, book, delegates, signal, inTime, log } = input
  const before = ledger.get('backup')
  const { due, resting } = schedule(plan.missing, before, dueUntil(config))
  const addressesOf = (set: number | null) => (set === null ? [] : book.addresses(set))
  const work = due.map(({ cid, name, bucket, delegates: set }) => ({
    cid,
    name,
    bucket,
    delegates: addressesOf(set),
  }))
  const result = await log.group(`Pinning ${due.length} missing CIDs`, async () => {
    const say = (line: string) => log.info(line)
    let failures = 0
    using progress = new Progress({ what: 'CIDs done', total: work.length, log: say, now: Date.now })
    const edges = {
      node,
      delegates,
      onPinned: ({ cid }: MissingPin) => {
        if (before.has(cid.key)) ledger.forget('backup', [cid.key])
        progress.add()
      },
      onFailed: ({ entry, reason }: FailedPin) => {
        ledger.record('backup', { ...entry, reason }, Date.now())
        if (++failures <= mostFailuresTold) log.info(`Failed: ${entry.cid.text}: ${reason}`)
        progress.add()
      },
    }
    return await backUp(work, edges, { ...config, signal, inTime })
  })
  const failures = ledger.get('backup')
  const failed = [...resting, ...result.failed.map(({ entry }) => entry)]
  return {
    report: {
      missing: plan.missing.length,
      ignored: plan.ignored,
      pinned: result.pinned.map(entryOf),
      failed: failedEntriesOf(
        failures,
        failed.map(({ cid }) => cid),
      ),
      pending: result.pending.map(entryOf),
    },
    nodeError: result.nodeError,
  }
}

/** A backup that did not come to it, as it is not known what the node lacks. */
export const unknownBackup: DirectionReport = { missing: 0, ignored: 0, pinned: [], failed: [], pending: [] }

/** What a backup would do: the same counts, with nothing tried. */
export function untriedBackup(
  config: Pick<Config, 'github'>,
  plan: BackupPlan,
  ledger: Ledger,
): DirectionReport {
  const failures = ledger.get('backup')
  const { due, resting } = schedule(plan.missing, failures, dueUntil(config))
  return {
    missing: plan.missing.length,
    ignored: plan.ignored,
    pinned: [],
    failed: failedEntriesOf(
      failures,
      resting.map(({ cid }) => cid),
    ),
    pending: due.map(entryOf),
  }
}
