import type { Config } from '../config/types.ts'
import type { Delegates } from '../delegates/connect.ts'
import type { CidKey } from '../domain/cid.ts'
import type { KnownFailures } from '../domain/known-failures.ts'
import { Outcomes } from '../domain/outcomes.ts'
import type { BackupPlan } from '../domain/plan-backup.ts'
import type { Problem } from '../domain/problem.ts'
import { patience } from '../domain/rounds.ts'
import { schedule } from '../domain/schedule.ts'
import { sizesOf } from '../domain/storage.ts'
import { waitingAllowed } from '../domain/waiting.ts'
import type { NodeError } from '../errors.ts'
import type { Gateways } from '../gateways/gateways.ts'
import { inSlices } from '../in-slices.ts'
import type { Intake, StoppedBy } from '../intake.ts'
import type { Node } from '../node/node.ts'
import { entriesWith, failedEntries } from '../report/agenda-entries.ts'
import { dueUntil } from '../report/ledger-entries.ts'
import type { DirectionReport, StorageReport } from '../report/report.ts'
import { nothingSeen, roomNow, type SeenRoom, watchRoom } from '../room-watch.ts'
import type { RunTime } from '../run-time.ts'
import type { DelegateBook } from '../snapshot/delegates.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { RoundRules } from '../text/lines/pinning.ts'
import type { Log } from '../text/log.ts'
import { count } from '../text/numbers.ts'
import { PinningLog } from '../text/pinning-log.ts'
import { pinByGateways } from './by-gateways.ts'
import { mostFollowed } from './in-bulk/followed.ts'
import { handOverAll } from './in-bulk/hand-over-all.ts'
import type { BackupEvents, FailedPin, MissingPin, PinResults } from './missing-pins.ts'
import { pinAll } from './one-by-one/pin-all.ts'
import { mayNotFit, noRoom, untoldRoom } from './problems.ts'

export interface BackupOutcome {
  readonly report: DirectionReport
  /** The keys of what was pinned. */
  readonly pinned: Iterable<CidKey>
  /** Of how many that were pinned each bucket has a pinned request, in the order of the buckets. */
  readonly pinnedIn: readonly number[]
  /** What held pins back, besides time. */
  readonly heldBackBy: readonly StoppedBy[]
  /** `null` where nothing was missing. */
  readonly storage: StorageReport | null
  /** Besides that fault. */
  readonly problems: readonly Problem[]
  /** The fault of the whole node that ended it. */
  readonly nodeError: NodeError | null
}

export interface BackupInput {
  readonly plan: BackupPlan
  readonly node: Node
  readonly ledger: Ledger
  readonly book: DelegateBook
  readonly delegates: Pick<Delegates, 'connector' | 'originsOf'>
  readonly intake: Intake
  readonly gateways: Gateways
  readonly time: RunTime
  readonly log: Log
}

type BackupConfig = Pick<Config, 'concurrency' | 'stallTimeout' | 'attempts' | 'github' | 'keepFree'>

/**
 * Pins what is missing, and keeps the ledger as it goes.
 * @param isDry the same, with nothing done
 */
export async function backUpMissing(
  config: BackupConfig,
  input: BackupInput,
  isDry: boolean,
): Promise<BackupOutcome> {
  const { plan, ledger, intake } = input
  const failures = await inSlices(ledger.known('backup'))
  const { due, resting } = await inSlices(schedule(plan.missing, failures, dueUntil(config)))
  const outcomes = new Outcomes(plan.missing.length)
  for (const index of resting) outcomes.set(index, 'failed')
  const { bytes: room, untold } = plan.missing.length === 0 ? nothingSeen : await roomAtFirst(config, input)
  if (room !== null) intake.see(room)
  const sizeAt = (index: number) => plan.missing.sizeAt(index)
  const toCome = await inSlices(sizesOf(due, sizeAt))
  const others = await inSlices(sizesOf(resting, sizeAt))
  const problems = [...mayNotFit(toCome, room, config.keepFree), ...untoldRoom(untold)]
  for (const { message } of problems) input.log.info(`Room: ${message}`)
  const nodeError = isDry ? null : await pinDue(due, outcomes, failures, config, input)
  for (const index of due) if (outcomes.get(index) === 'open') outcomes.set(index, 'pending')
  const heldBackBy = intake.heldBackBy
  if (nodeError === null && heldBackBy.includes('keep-free'))
    problems.push(noRoom(waitForRoom(intake, outcomes), intake.tooLarge, config.keepFree))
  return {
    problems,
    pinned: outcomes.indexesOf('pinned').map((index) => plan.missing.keyAt(index)),
    heldBackBy,
    pinnedIn: await inSlices(plan.missing.countsIn((index) => outcomes.get(index) === 'pinned')),
    storage:
      plan.missing.length === 0
        ? null
        : {
            missing: toCome.bytes + others.bytes,
            unknown: toCome.unknown + others.unknown,
            room,
            fetched: input.node.pinning.how === 'one-by-one' ? intake.fetched : null,
            stoppedBy: heldBackBy[0] ?? null,
          },
    report: {
      missing: plan.missing.length,
      ignored: plan.ignored,
      pinned: entriesWith(plan.missing, outcomes, 'pinned'),
      resting: resting.length,
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
  input: BackupInput,
): Promise<NodeError | null> {
  const { plan, node, ledger, book, delegates, gateways, time, log, intake } = input
  const wanted = {
    length: due.length,
    at(place: number): MissingPin {
      const index = due[place] as number
      const { delegates: set, ...pin } = plan.missing.at(index)
      return { ...pin, index, delegates: set === null ? [] : book.addresses(set) }
    },
  }
  if (due.length === 0) return null
  const { pinning } = node
  using told = new PinningLog(due.length, roundRules(pinning.how, config), log, () => time.left)
  const { onTry, onTried, onAway } = told
  const edges: PinResults & BackupEvents = {
    onPinned: ({ index, cid }: MissingPin) => {
      outcomes.set(index, 'pinned')
      if (failuresBefore.has(cid.key)) ledger.forget('backup', [cid.key], 'done')
    },
    onFailed: ({ entry, reason, class: reasonClass }: FailedPin) => {
      const why = { reason, class: reasonClass }
      outcomes.set(entry.index, 'failed')
      ledger.record('backup', { ...entry, ...why }, Date.now())
      told.failed(why)
    },
    onTry,
    onTried,
    onAway,
  }
  const options = { ...config, signal: time.cancelled, inTime: time.inTime }
  await using _ = watchRoom(node, intake, { keepFree: config.keepFree, signal: time.inTime })
  const nodeError = await log.group(`Pinning ${count(due.length, 'missing CID')}`, () =>
    pinning.how === 'one-by-one'
      ? pinAll(wanted, { node: pinning, delegates: delegates.connector, intake, ...edges }, options)
      : handOverAll(wanted, { node: pinning, originsOf: delegates.originsOf, ...edges }, options),
  )
  log.info(told.result)
  if (nodeError !== null || pinning.how !== 'one-by-one') return nodeError
  const pins = { node: pinning, delegates: delegates.connector }
  const { importing } = node
  return await pinByGateways(wanted, outcomes, { importing, gateways, ledger, pins, log }, options)
}

/** Where nothing more may begin, all that is left does; else only what is too large for the room there is. */
function waitForRoom({ heldBackBy: [first], isClosed, tooLarge }: Intake, outcomes: Outcomes): number {
  return isClosed && first === 'keep-free' ? outcomes.count('pending') : tooLarge.cids
}

/** What is said of the rounds while they go on. */
function roundRules(how: Node['pinning']['how'], config: BackupConfig): RoundRules {
  const { attempts, concurrency, stallTimeout } = config
  return how === 'one-by-one'
    ? {
        attempts,
        patience: (round) => patience(round, config),
        atOnce: concurrency + waitingAllowed(concurrency),
      }
    : { attempts, patience: () => stallTimeout, atOnce: mostFollowed }
}

/** Before the first pin. At the end of time it is not waited for. */
async function roomAtFirst(
  { keepFree }: Pick<Config, 'keepFree'>,
  { node, time }: Pick<BackupInput, 'node' | 'time'>,
): Promise<SeenRoom> {
  try {
    return await roomNow(node, keepFree, time.inTime)
  } catch (error) {
    if (!time.isOver) throw error
    return nothingSeen
  }
}
