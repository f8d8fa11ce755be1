import type { Config } from '../config/types.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { UpdatePlan, Wanted } from '../domain/plan-update.ts'
import { schedule } from '../domain/schedule.ts'
import type { Log } from '../log.ts'
import { Progress } from '../report/progress.ts'
import type { UpdateReport } from '../report/report.ts'
import type { RunTime } from '../run-time.ts'
import type { PacedGate } from '../service/rate-limit.ts'
import type { Doubts } from '../snapshot/doubts.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { RequestState } from '../snapshot/requests.ts'
import type { Note } from './ask-service.ts'
import type { DelegateConnector } from './delegates.ts'
import { dueUntil, entryOf, failedEntriesOf } from './ledger-entries.ts'
import { type Looked, lookForDoubts } from './look-for-doubts.ts'
import { type Accepted, type Doubtful, type SendResult, sendAll } from './send.ts'
import { type Awaited, type Settlement, settle } from './settlement.ts'
import type { SettlingBuckets } from './settling-buckets.ts'

export interface UpdateOutcome extends Pick<SendResult, 'leftAlone' | 'refusedOrigins'> {
  readonly report: UpdateReport
  readonly accepted: readonly Accepted[]
  /** Why answers did not count, of those that the service may have taken in and that no listing shows. */
  readonly unanswered: readonly string[]
  /** How many were not sent as the service may have them. */
  readonly inDoubt: number
  /** The fault of the whole service that ended it. */
  readonly serviceError: unknown
}

export interface UpdateInput {
  readonly plan: UpdatePlan
  /** Whether every bucket is proved complete: else nothing is sent, as some of it may be there already. */
  readonly isComplete: boolean
  readonly buckets: SettlingBuckets
  readonly origins: readonly string[]
  readonly ledger: Ledger
  readonly doubts: Doubts
  readonly delegates: DelegateConnector
  readonly gate: PacedGate
  readonly time: RunTime
  readonly log: Log
}

type UpdateConfig = Pick<Config, 'failedRequests' | 'github' | 'settleTimeout'>

/** The log names so many; the summary and the report have more. */
const mostFailuresTold = 50

/**
 * Asks the service for what it lacks, waits until that is settled, and keeps the ledger as it goes. What the service may
 * have already is looked for first, and what may have been taken in is not sent a second time.
 */
export async function sendMissing(config: UpdateConfig, input: UpdateInput): Promise<UpdateOutcome> {
  const { plan, ledger, time } = input
  const { due, resting, held } = sort(config, input)
  const looked = await look(due, input)
  const outcome = new Outcome(input)
  for (const { wanted, request } of looked.found) outcome.accept(wanted, request)

  const isBroken = looked.error !== null
  const sent = await send(isBroken ? [] : looked.free, input, outcome)
  const awaited: Awaited[] = [
    ...looked.found.map(({ wanted, request }) => ({ wanted, created: request.created })),
    ...sent.accepted,
    ...sent.doubtful.map(({ wanted }) => ({ wanted, created: null })),
  ]
  const settled = await follow(awaited, config, input, outcome)
  outcome.conclude(sent, settled)

  const isTried = new Set(outcome.tried.map(({ cid }) => cid.key))
  const pending = settled.pending.map(({ wanted }) => wanted).filter(({ cid }) => !isTried.has(cid.key))
  return {
    report: {
      missing: plan.missing.length,
      ignored: plan.ignored,
      pinned: outcome.pinned.map(entryOf),
      failed: failedEntriesOf(
        ledger.get('update'),
        [...resting, ...outcome.tried].map(({ cid }) => cid),
      ),
      pending: [...pending, ...looked.doubted].map(entryOf),
      unsent: [...held, ...looked.left, ...sent.unsent].map(entryOf),
    },
    accepted: acceptedOf(looked, sent, settled),
    unanswered: sent.doubtful.flatMap(({ wanted, reason }) =>
      reason === null || settled.shown.has(wanted.cid.key) ? [] : [reason],
    ),
    inDoubt: looked.doubted.length,
    leftAlone: sent.leftAlone,
    refusedOrigins: sent.refusedOrigins,
    serviceError: (time.isOver ? null : looked.error) ?? sent.serviceError ?? settled.error,
  }
}

/** What becomes of each CID: kept in the ledger, in what is in doubt, and for the report. */
class Outcome {
  readonly pinned: Wanted[] = []
  /** Refused, or failed at the service. */
  readonly tried: Wanted[] = []
  readonly #input: UpdateInput
  readonly #before: ReadonlyMap<Wanted['cid']['key'], unknown>
  /** It is known what became of them: what was noted of them is struck out at the end. */
  readonly #settled: Wanted[] = []
  #failuresTold = 0

  constructor(input: UpdateInput) {
    this.#input = input
    this.#before = input.ledger.get('update')
  }

  accept(wanted: Wanted, request: PinRequest): void {
    // It fetches through these: best effort, and nothing waits for it.
    void this.#input.delegates.peerFor(request.delegates, this.#input.time.inTime)
    this.#askedAgain(wanted)
  }

  doubt(wanted: Wanted): void {
    this.#askedAgain(wanted)
  }

  refuse(wanted: Wanted, reason: string): void {
    this.#fail(wanted, reason)
  }

  settle(wanted: Wanted, state: RequestState): void {
    this.#settled.push(wanted)
    if (state.status === 'failed') this.#fail(wanted, reasonOf(state), state.created)
    else this.#pin(wanted)
  }

  #pin(wanted: Wanted): void {
    const { key } = wanted.cid
    this.pinned.push(wanted)
    if (wanted.failed !== null || this.#before.has(key)) this.#input.ledger.forget('update', [key])
  }

  /** Blames for their silence those at which the service breaks time and again, while it takes others. */
  conclude(sent: SendResult, settled: Settlement): void {
    const { doubts } = this.#input
    const noteOf = ({ cid, bucket }: Wanted) => ({ bucket: this.#input.buckets.idOf(bucket), key: cid.key })
    const open = sent.doubtful.filter(({ wanted }) => !settled.shown.has(wanted.cid.key))
    if (sent.serviceError !== null) doubts.forgive(open.map(({ wanted }) => noteOf(wanted)))
    else this.#blameSilent(open)
    if (this.#settled.length > 0) doubts.settle(this.#settled.map(noteOf))
  }

  #blameSilent(open: readonly Doubtful[]): void {
    if (open.length === 0) return
    const tries = new Map(this.#input.doubts.sent().map((note) => [note.key, note.tries]))
    for (const { wanted, reason } of open) {
      const sent = tries.get(wanted.cid.key) ?? 1
      if (reason !== null && sent > 1) this.#fail(wanted, `it was sent ${sent} times in vain: ${reason}`)
    }
  }

  /** Written down now that it is asked for again: should that fail too, its pause grows. */
  #askedAgain(wanted: Wanted): void {
    const { failed } = wanted
    if (failed === null) return
    const failure = { ...wanted, reason: reasonOf(failed), requestCreated: failed.created }
    this.#input.ledger.record('update', failure, Date.now())
  }

  #fail(wanted: Wanted, reason: string, requestCreated?: number): void {
    const { ledger, log } = this.#input
    this.tried.push(wanted)
    ledger.record(
      'update',
      { ...wanted, reason, ...(requestCreated !== undefined && { requestCreated }) },
      Date.now(),
    )
    if (++this.#failuresTold <= mostFailuresTold) log.info(`Failed: ${wanted.cid.text}: ${reason}`)
  }
}

async function look(due: readonly Wanted[], { doubts, buckets, time }: UpdateInput): Promise<Looked> {
  return lookForDoubts(due, { doubts, buckets: buckets.listed, signal: time.inTime })
}

async function send(
  due: readonly Wanted[],
  { buckets, doubts, ledger, origins, gate, time, log }: UpdateInput,
  outcome: Outcome,
): Promise<SendResult> {
  const known = ledger.get('update')
  const noteOf = ({ cid, bucket, failed }: Wanted): Note => {
    const place = { bucket: buckets.idOf(bucket), key: cid.key }
    const failedCreated = failed?.created ?? null
    return {
      write: () => doubts.send({ ...place, failedCreated, at: buckets.clientOf(bucket).now }),
      withdraw: () => doubts.settle([place]),
      answer: (requestid) => doubts.answer(place, requestid),
    }
  }
  return log.group(`Asking the service for ${due.length} missing CIDs`, async () => {
    using progress = new Progress({
      what: 'CIDs asked for',
      total: due.length,
      log: log.info,
      now: () => performance.now(),
    })
    const edges = {
      clientOf: (bucket: string) => buckets.clientOf(bucket),
      noteOf,
      hasFailed: ({ cid }: Wanted) => known.has(cid.key),
      origins,
      onAccepted: (wanted: Wanted, request: PinRequest) => {
        outcome.accept(wanted, request)
        progress.add()
      },
      onDoubtful: (wanted: Wanted) => {
        outcome.doubt(wanted)
        progress.add()
      },
      onRefused: (wanted: Wanted, reason: string) => {
        outcome.refuse(wanted, reason)
        progress.add()
      },
    }
    return await sendAll(due, edges, { width: () => gate.width, time })
  })
}

async function follow(
  awaited: readonly Awaited[],
  { settleTimeout }: UpdateConfig,
  { buckets, time, log }: UpdateInput,
  outcome: Outcome,
): Promise<Settlement> {
  return log.group(`Waiting for ${awaited.length} requests to settle`, async () => {
    const total = awaited.length
    using progress = new Progress({
      what: 'requests settled',
      total,
      log: log.info,
      now: () => performance.now(),
    })
    const onSettled = (wanted: Wanted, state: RequestState) => {
      outcome.settle(wanted, state)
      progress.add()
    }
    return await settle(awaited, { buckets, onSettled }, { settleTimeout, time })
  })
}

/** What the service has now, by its answers or by what a listing has shown since. */
function acceptedOf({ found }: Looked, sent: SendResult, { shown }: Settlement): readonly Accepted[] {
  const seen = sent.doubtful.flatMap(({ wanted }) => {
    const status = shown.get(wanted.cid.key)
    return status === undefined ? [] : [{ wanted, status }]
  })
  const known = found.map(({ wanted, request: { status } }) => ({ wanted, status }))
  return [...known, ...sent.accepted, ...seen]
}

/** What an update would do: the same counts, with nothing sent. */
export function unsentUpdate(
  config: UpdateConfig,
  input: Pick<UpdateInput, 'plan' | 'ledger' | 'isComplete'>,
): UpdateReport {
  const { due, resting, held } = sort(config, input)
  return {
    missing: input.plan.missing.length,
    ignored: input.plan.ignored,
    pinned: [],
    failed: failedEntriesOf(
      input.ledger.get('update'),
      resting.map(({ cid }) => cid),
    ),
    pending: [],
    unsent: [...held, ...due].map(entryOf),
  }
}

/** An update that did not come to it, as it is not known what the node has. */
export const unknownUpdate: UpdateReport = {
  missing: 0,
  ignored: 0,
  pinned: [],
  failed: [],
  pending: [],
  unsent: [],
}

/** What to send now, what failed and is to rest, and what is not to be sent in this run. */
function sort(
  config: UpdateConfig,
  { plan, ledger, isComplete }: Pick<UpdateInput, 'plan' | 'ledger' | 'isComplete'>,
): { due: readonly Wanted[]; resting: readonly Wanted[]; held: readonly Wanted[] } {
  const { due, resting } = schedule(plan.missing, ledger.get('update'), dueUntil(config))
  const isHeld = ({ isInDoubt, failed }: Wanted) =>
    !isComplete || isInDoubt || (failed !== null && config.failedRequests === 'report')
  return { due: due.filter((wanted) => !isHeld(wanted)), resting, held: due.filter(isHeld) }
}

function reasonOf({ failureReason }: Pick<RequestState, 'failureReason'>): string {
  return failureReason ?? 'the service did not say why'
}
