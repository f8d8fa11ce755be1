import type { Config } from '../config/types.ts'
import type { KnownFailures } from '../domain/known-failures.ts'
import { type LongWork, paused } from '../domain/long-work.ts'
import type { UpdatePlan } from '../domain/plan-update.ts'
import { schedule } from '../domain/schedule.ts'
import { inSlices } from '../in-slices.ts'
import { entriesWith, failedEntries } from '../report/agenda-entries.ts'
import { dueUntil } from '../report/ledger-entries.ts'
import type { UpdateReport } from '../report/report.ts'
import type { PacedGate } from '../service/rate-limit.ts'
import type { RequestState } from '../snapshot/bucket/requests.ts'
import { sentOffLine, settledLine, settlingLine } from '../text/lines/sending.ts'
import type { Log } from '../text/log.ts'
import { count } from '../text/numbers.ts'
import { Counted, Progress } from '../text/progress.ts'
import type { Followed } from './followed.ts'
import { DoubtLooks } from './looks/doubt-looks.ts'
import { lookAgainAtUnlisted } from './looks/unlisted.ts'
import type { Origins } from './origins.ts'
import { type InBuckets, Outcome, type OutcomeInput } from './outcome.ts'
import type { Reasons } from './reasons.ts'
import { type SendResult, sendAll } from './sending/send-all.ts'
import type { Note } from './sending/send-one.ts'
import type { Turn } from './sending/turns.ts'
import { settle } from './settlement.ts'

export interface UpdateOutcome {
  readonly report: UpdateReport
  readonly inBuckets: InBuckets
  /** What the service has now, by its answers or by what a listing has shown since. */
  readonly followed: Followed
  /** Why answers did not count, of those that the service may have taken in and that no listing shows. */
  readonly unanswered: Reasons
  /** How many were not sent as the service may have them. */
  readonly inDoubt: number
  /** Why it is not known of some whether they are there. */
  readonly gaps: Reasons
  /** Why some were not asked for, for their own sake. */
  readonly leftAlone: Reasons
  /** The service refused all of them with origins, and takes them without. */
  readonly refusedOrigins: string | null
  /** The fault of the whole service that ended it. */
  readonly serviceError: unknown
}

export interface UpdateInput extends OutcomeInput {
  readonly plan: UpdatePlan
  /** Whether every bucket is proved complete: else nothing is sent, as some of it may be there already. */
  readonly isComplete: boolean
  readonly origins: Origins
  readonly gate: PacedGate
  readonly log: Log
}

type UpdateConfig = Pick<Config, 'failedRequests' | 'github' | 'settleTimeout'>

/**
 * Asks the service for what it lacks, waits until that is settled, and keeps the ledger as it goes. What the service may
 * have already is looked for first, and what may have been taken in is not sent a second time.
 * @param isDry the same, with nothing done
 */
export async function sendAndFollow(
  config: UpdateConfig,
  input: UpdateInput,
  isDry: boolean,
): Promise<UpdateOutcome> {
  const { plan, ledger } = input
  const before = await inSlices(ledger.known('update'))
  const outcome = new Outcome(plan.missing, input, before)
  const due = await inSlices(dueOf(config, input, before, outcome))
  const ended = isDry ? nothingSent : await carryOut(due, config, input, { outcome, before })
  for (const index of due) if (outcome.results.get(index) === 'open') outcome.notSent(index, false)

  const { length } = plan.missing
  const agenda = {
    length,
    at: (index: number) => outcome.turnOf(index),
    keyAt: (index: number) => plan.missing.keyAt(index),
    bucketAt: (index: number) => plan.missing.bucketAt(index),
  }
  return {
    report: {
      missing: length,
      ignored: plan.ignored,
      pinned: entriesWith(agenda, outcome.results, 'pinned'),
      resting: outcome.resting,
      failed: failedEntries(agenda, outcome.results, (key) => ledger.entry('update', key)),
      pending: entriesWith(agenda, outcome.results, 'pending'),
      unsent: entriesWith(agenda, outcome.results, 'unsent'),
    },
    inBuckets: await inSlices(outcome.inBuckets()),
    followed: outcome.followed,
    unanswered: outcome.unanswered,
    inDoubt: outcome.inDoubt,
    gaps: outcome.gaps,
    leftAlone: outcome.leftBe,
    ...ended,
  }
}

const nothingSent: Pick<UpdateOutcome, 'refusedOrigins' | 'serviceError'> = {
  refusedOrigins: null,
  serviceError: null,
}

/** What to send now; what is resting, or not to be sent in this run, has its outcome already. */
function* dueOf(
  config: UpdateConfig,
  { plan: { missing }, isComplete }: Pick<UpdateInput, 'plan' | 'isComplete'>,
  before: KnownFailures,
  outcome: Outcome,
): LongWork<Uint32Array> {
  const { results } = outcome
  const { due, resting } = yield* schedule(missing, before, dueUntil(config))
  outcome.resting = resting.length
  for (const index of resting) results.set(index, 'failed')
  const isHeld = (index: number) =>
    !isComplete ||
    missing.isInDoubt(index) ||
    (config.failedRequests === 'report' && missing.hasFailed(index))
  let length = 0
  yield* paused(due, (index) => {
    if (isHeld(index)) results.set(index, 'unsent')
    else due[length++] = index
  })
  return due.subarray(0, length)
}

async function carryOut(
  due: Uint32Array,
  config: UpdateConfig,
  input: UpdateInput,
  { outcome, before }: { readonly outcome: Outcome; readonly before: KnownFailures },
): Promise<Pick<UpdateOutcome, 'refusedOrigins' | 'serviceError'>> {
  const { missing } = input.plan
  const { doubts, buckets, time } = input
  const looks = await inSlices(
    DoubtLooks.prepare(missing, due, { doubts, buckets: buckets.listed, signal: time.inTime }),
  )
  const sent = await send(due, input, { outcome, looks, before })
  for (const index of due)
    if (outcome.results.get(index) === 'open') outcome.notSent(index, looks.isOpen(index))
  const followError = await follow(config, input, outcome)
  const serviceError =
    sent.serviceError ?? followError ?? (await lookAgainAtUnlisted(missing, outcome, input))
  outcome.blameSilent(serviceError)
  await inSlices(outcome.strikeOutSettled())
  return {
    refusedOrigins: sent.refusedOrigins,
    serviceError: serviceError ?? (outcome.isUnanswered ? sent.unanswered : null),
  }
}

async function send(
  due: Uint32Array,
  { plan, buckets, doubts, origins, gate, time, log }: UpdateInput,
  {
    outcome,
    looks,
    before,
  }: { readonly outcome: Outcome; readonly looks: DoubtLooks; readonly before: KnownFailures },
): Promise<SendResult> {
  const noteOf = ({ cid, bucket, failed }: Turn): Note => {
    const place = { bucket: buckets.idOf(bucket), key: cid.key }
    const failedCreated = failed?.created ?? null
    return {
      write: () => doubts.send({ ...place, failedCreated, at: buckets.clientOf(bucket).now }),
      withdraw: () => doubts.settle([place]),
      takeBack: () => doubts.takeBack(place),
      answer: (requestid) => doubts.answer(place, requestid),
    }
  }
  if (due.length === 0) return { refusedOrigins: null, serviceError: null, unanswered: null }
  const now = () => performance.now()
  const asked = new Counted('CIDs asked for', now(), due.length)
  const sent = await log.group(`Asking the service for ${count(due.length, 'missing CID')}`, async () => {
    using _ = new Progress({ line: () => asked.line(now()), log: (line) => log.info(line), now })
    outcome.onDone = () => asked.add(now())
    const edges = {
      clientOf: (bucket: string) => buckets.clientOf(bucket),
      noteOf,
      wasRefused: (index: number) => before.get(plan.missing.keyAt(index))?.requestCreated === null,
      origins,
      looks,
      events: outcome,
    }
    return await sendAll(plan.missing, due, edges, { width: () => gate.width, time })
  })
  log.info(sentOffLine(asked.done, due.length, outcome.takeFailures()))
  return sent
}

/** @returns a fault of the whole service; `null` for none */
async function follow(
  { settleTimeout }: UpdateConfig,
  { plan, buckets, time, log }: UpdateInput,
  outcome: Outcome,
): Promise<unknown> {
  const { followed } = outcome
  const all = followed.waiting
  if (all === 0) return null
  const now = () => performance.now()
  const settled = new Counted('requests settled', now(), all)
  let end = now() + settleTimeout
  const line = () => settlingLine(settled.line(now()), end - now(), Date.now())
  const fault = await log.group(`Waiting for ${count(all, 'request')} to settle`, async () => {
    using _ = new Progress({ line, log: (text) => log.info(text), now })
    const edges = {
      buckets,
      onSettled: (index: number, failed: RequestState | null) => {
        outcome.settled(index, failed)
        settled.add(now())
      },
      onLooked: (left: number) => {
        end = now() + left
      },
    }
    return await settle(plan.missing, followed, edges, { settleTimeout, time })
  })
  log.info(settledLine(settled.done, all, outcome.takeFailures()))
  return fault
}

/** An update that did not come to it, as it is not known what the node has. */
export const unknownUpdate: UpdateReport = {
  missing: 0,
  ignored: 0,
  resting: 0,
  pinned: [],
  failed: [],
  pending: [],
  unsent: [],
}
