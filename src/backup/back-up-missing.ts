import type { Config } from '../config/types.ts'
import type { Delegates } from '../delegates/connect.ts'
import type { KnownFailures } from '../domain/known-failures.ts'
import { Outcomes } from '../domain/outcomes.ts'
import type { BackupPlan } from '../domain/plan-backup.ts'
import type { ReasonClass } from '../domain/reasons/classes.ts'
import { schedule } from '../domain/schedule.ts'
import type { NodeError } from '../errors.ts'
import type { Gateways } from '../gateways/gateways.ts'
import { inSlices } from '../in-slices.ts'
import type { Node } from '../node/node.ts'
import { entriesWith, failedEntries } from '../report/agenda-entries.ts'
import { dueUntil } from '../report/ledger-entries.ts'
import type { DirectionReport } from '../report/report.ts'
import type { RunTime } from '../run-time.ts'
import type { DelegateBook } from '../snapshot/delegates.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { Log } from '../text/log.ts'
import { Progress } from '../text/progress.ts'
import { fetchByGateways } from './by-gateways.ts'
import { handOverAll } from './in-bulk/hand-over-all.ts'
import type { FailedPin, MissingPin, PinResults } from './missing-pins.ts'
import { pinAll } from './one-by-one/pin-all.ts'

export interface BackupOutcome {
  readonly report: DirectionReport
  /** The fault of the whole node that ended it. */
  readonly nodeError: NodeError | null
}

export interface BackupInput {
  readonly plan: BackupPlan
  readonly node: Node
  readonly ledger: Ledger
  readonly book: DelegateBook
  readonly delegates: Pick<Delegates, 'connector' | 'originsOf'>
  readonly gateways: Gateways
  readonly time: RunTime
  readonly log: Log
}

type BackupConfig = Pick<Config, 'concurrency' | 'stallTimeout' | 'attempts' | 'github'>

/** The log names so many; the summary and the report have more. */
const mostFailuresTold = 50

/**
 * Pins what is missing, and keeps the ledger as it goes.
 * @param isDry the same, with nothing done
 */
export async function backUpMissing(
  config: BackupConfig,
  input: BackupInput,
  isDry: boolean,
): Promise<BackupOutcome> {
  const { plan, ledger } = input
  const failures = await inSlices(ledger.known('backup'))
  const { due, resting } = await inSlices(schedule(plan.missing, failures, dueUntil(config)))
  const outcomes = new Outcomes(plan.missing.length)
  for (const index of resting) outcomes.set(index, 'failed')
  const nodeError = isDry ? null : await pinDue(due, outcomes, failures, config, input)
  for (const index of due) if (outcomes.get(index) === 'open') outcomes.set(index, 'pending')
  return {
    report: {
      missing: plan.missing.length,
      ignored: plan.ignored,
      pinned: entriesWith(plan.missing, outcomes, 'pinned'),
      failed: failedEntries(plan.missing, outcomes, (key) => ledger.entry('backup', key)),
      pending: entriesWith(plan.missing, outcomes, 'pending'),
    },
    nodeError,
  }
}

async function pinDue(
  due: Uint32Array,
  outcomes: Outcomes,
  failuresBefore: KnownFailures,
  config: BackupConfig,
  { plan, node, ledger, book, delegates, gateways, time, log }: BackupInput,
): Promise<NodeError | null> {
  const wanted = {
    length: due.length,
    at(place: number): MissingPin {
      const index = due[place] as number
      const { delegates: set, ...pin } = plan.missing.at(index)
      return { ...pin, index, delegates: set === null ? [] : book.addresses(set) }
    },
  }
  return log.group(`Pinning ${due.length} missing CIDs`, async () => {
    let failuresTold = 0
    using progress = new Progress({
      what: 'CIDs done',
      total: due.length,
      log: (line) => log.info(line),
      now: () => performance.now(),
    })
    const results: PinResults = {
      onPinned: ({ index, cid }: MissingPin) => {
        outcomes.set(index, 'pinned')
        if (failuresBefore.has(cid.key)) ledger.forget('backup', [cid.key])
        progress.add()
      },
      onFailed: ({ entry, reason, class: reasonClass }: FailedPin) => {
        outcomes.set(entry.index, 'failed')
        ledger.record('backup', { ...entry, reason, class: reasonClass }, Date.now())
        if (++failuresTold <= mostFailuresTold) log.info(`Failed: ${entry.cid.text}: ${reason}`)
        progress.add()
      },
    }
    const options = { ...config, signal: time.cancelled, inTime: time.inTime }
    const { pinning, intake } = node
    if (pinning.how !== 'one-by-one')
      return await handOverAll(wanted, { node: pinning, originsOf: delegates.originsOf, ...results }, options)
    const edges = { node: pinning, delegates: delegates.connector, ...results }
    const nodeError = await pinAll(wanted, edges, options)
    if (nodeError !== null || intake === undefined || !gateways.areAny) return nodeError
    const isLeft = ({ index, cid }: MissingPin) =>
      outcomes.get(index) === 'failed' && isOfPeers(ledger.entry('backup', cid.key)?.class)
    const onPinned = ({ index, cid }: MissingPin) => {
      outcomes.set(index, 'pinned')
      ledger.forget('backup', [cid.key])
      log.info(`Pinned by way of a gateway: ${cid.text}`)
    }
    return await fetchByGateways(wanted, { isLeft, intake, gateways, pins: edges, onPinned }, options)
  })
}

/** Whether it failed as no peer gave its blocks. */
function isOfPeers(reasonClass: ReasonClass | undefined): boolean {
  return reasonClass === 'no-block' || reasonClass === 'stalled'
}

/** A backup that did not come to it, as it is not known what the node lacks. */
export const unknownBackup: DirectionReport = { missing: 0, ignored: 0, pinned: [], failed: [], pending: [] }
