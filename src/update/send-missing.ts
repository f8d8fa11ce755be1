import type { Config } from '../config/types.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { UpdatePlan, Wanted } from '../domain/plan-update.ts'
import { schedule } from '../domain/schedule.ts'
import { dueUntil, entryOf, failedEntriesOf } from '../report/ledger-entries.ts'
import type { UpdateReport } from '../report/report.ts'
import { inStep } from '../service/in-step.ts'
import type { PacedGate } from '../service/rate-limit.ts'
import type { RequestState } from '../snapshot/requests.ts'
import { Progress } from '../text/progress.ts'
import type { Note } from './ask-service.ts'
import { failureOf } from './failure-of.ts'
import { DoubtLooks, type Found } from './look-for-doubts.ts'
import type { Origins } from './origins.ts'
import { Outcome, type OutcomeInput } from './outcome.ts'
import { type Accepted, type SendResult, sendAll } from './send.ts'
import { type Awaited, type Settlement, settle } from './settlement.ts'

export interface UpdateOutcome extends Pick<SendResult, 'leftAlone' | 'refusedOrigins' | 'gaps'> {
  readonly report: UpdateReport
  readonly accepted: readonly Accepted[]
  /** Why answers did not count, of those that the service may have taken in and that no listing shows. */
  readonly unanswered: readonly string[]
  /** How many were not sent as the service may have them. */
  readonly inDoubt: number
  /** The fault of the whole service that ended it. */
  readonly serviceError: unknown
}

export interface UpdateInput extends OutcomeInput {
  readonly plan: UpdatePlan
  /** Whether every bucket is proved complete: else nothing is sent, as some of it may be there already. */
  readonly isComplete: boolean
  readonly origins: Origins
  readonly gate: PacedGate
}

type UpdateConfig = Pick<Config, 'failedRequests' | 'github' | 'settleTimeout'>

/**
 * Asks the service for what it lacks, waits until that is settled, and keeps the ledger as it goes. What the service may
 * have already is looked for first, and what may have been taken in is not sent a second time.
 */
export async function sendMissing(config: UpdateConfig, input: UpdateInput): Promise<UpdateOutcome> {
  const { plan, ledger, time, doubts, buckets } = input
  const { due, resting, held } = sort(config, input)
  const outcome = new Outcome(input)
  const looks = new DoubtLooks(due, { doubts, buckets: buckets.listed, signal: time.inTime })
  const sent = await send(due, input, { outcome, looks })
  const settled = await follow(awaitedOf(sent), config, input, outcome)
  const error =
    sent.serviceError ?? settled.error ?? (await lookAgain(sent, settled, { input, outcome, looks }))
  outcome.conclude(sent, settled)

  const isKnown = new Set([...outcome.tried, ...outcome.pinned].map(({ cid }) => cid.key))
  const pending = settled.pending.map(({ wanted }) => wanted).filter(({ cid }) => !isKnown.has(cid.key))
  return {
    report: {
      missing: plan.missing.length,
      ignored: plan.ignored,
      pinned: outcome.pinned.map(entryOf),
      failed: failedEntriesOf(
        ledger.get('update'),
        [...resting, ...outcome.tried].map(({ cid }) => cid),
      ),
      pending: [...pending, ...sent.doubted].map(entryOf),
      unsent: [...held, ...sent.unsent].map(entryOf),
    },
    accepted: acceptedOf(sent, settled),
    unanswered: sent.doubtful.flatMap(({ wanted: { cid }, reason }) =>
      reason === null || settled.shown.has(cid.key) || isKnown.has(cid.key) ? [] : [reason],
    ),
    inDoubt: sent.doubted.length,
    gaps: sent.gaps,
    leftAlone: sent.leftAlone,
    refusedOrigins: sent.refusedOrigins,
    serviceError: error,
  }
}

/** What is to be followed; what is known to be pinned is not, though no listing shows it. */
function awaitedOf({ accepted, found, doubtful }: SendResult): readonly Awaited[] {
  return [
    ...accepted.map(({ wanted, created }) => ({ wanted, created, isSure: true })),
    ...found
      .filter(({ request }) => request.status !== 'pinned')
      .map(({ wanted, request: { created } }) => ({ wanted, created, isSure: false })),
    ...doubtful.map(({ wanted }) => ({ wanted, created: null, isSure: false })),
  ]
}

/**
 * A request that failed, and that no listing shows: its second look.
 * @returns a fault of the whole service
 */
async function lookAgain(
  { found }: SendResult,
  { pending }: Settlement,
  { input, outcome, looks }: { input: UpdateInput; outcome: Outcome; looks: DoubtLooks },
): Promise<unknown> {
  const isPending = new Set(pending.map(({ wanted }) => wanted.cid.key))
  const failed = found.filter(
    ({ wanted, request }) => request.status === 'failed' && isPending.has(wanted.cid.key),
  )
  try {
    await inStep(
      failed,
      () => input.gate.width,
      async (one) => {
        const request = await looks.lookAgain(one)
        if (request !== undefined) outcome.seeAgain(one.wanted, request)
      },
    )
    return null
  } catch (error) {
    if (input.time.isCutShort(error)) return null
    if (failureOf(error) === undefined) throw error
    return error
  }
}

async function send(
  due: readonly Wanted[],
  { buckets, doubts, ledger, origins, gate, time, log }: UpdateInput,
  { outcome, looks }: { outcome: Outcome; looks: DoubtLooks },
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
      wasRefused: ({ cid }: Wanted) => known.get(cid.key)?.requestCreated === null,
      origins,
      onAccepted: (wanted: Wanted, request: PinRequest) => {
        outcome.accept(wanted, request)
        progress.add()
      },
      looks,
      onFound: (found: Found) => {
        outcome.find(found)
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
function acceptedOf(sent: SendResult, { shown }: Settlement): readonly Accepted[] {
  const seen = sent.doubtful.flatMap(({ wanted }) => {
    const status = shown.get(wanted.cid.key)
    return status === undefined ? [] : [{ wanted, status }]
  })
  const known = sent.found.map(({ wanted, request: { status } }) => ({ wanted, status }))
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
  const scheduled = schedule(plan.missing, ledger.get('update'), dueUntil(config))
  const [due, resting] = [scheduled.due, scheduled.resting].map((indexes) =>
    Array.from(indexes, (index) => plan.missing.at(index)),
  ) as [Wanted[], Wanted[]]
  const isHeld = ({ isInDoubt, failed }: Wanted) =>
    !isComplete || isInDoubt || (failed !== null && config.failedRequests === 'report')
  return { due: due.filter((wanted) => !isHeld(wanted)), resting, held: due.filter(isHeld) }
}
