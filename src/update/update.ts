import type { DelegateConnector } from '../delegates/connector.ts'
import type { LongWork } from '../domain/long-work.ts'
import { day, hasPassed } from '../domain/moment.ts'
import { nameMatcher } from '../domain/name-globs.ts'
import { planUpdate, type UpdatePlan } from '../domain/plan-update.ts'
import type { Problem } from '../domain/problem.ts'
import { problemOf } from '../errors.ts'
import { inSlices } from '../in-slices.ts'
import type { UpdateReport } from '../report/report.ts'
import type { BothSides } from '../sides/list-both-sides.ts'
import { withFigures } from '../sides/list-service.ts'
import type { Doubts, Sent } from '../snapshot/doubts.ts'
import type { Findings } from '../study.ts'
import type { Work } from '../work.ts'
import { Held } from './held.ts'
import { originsFor } from './origins.ts'
import type { InBuckets } from './outcome.ts'
import {
  heldForBuckets,
  heldInDoubt,
  noAnswerThatCounts,
  notAskedAgain,
  nothingSent,
  notKnown,
  sentWithoutOrigins,
  unprovedSince,
} from './problems.ts'
import { sendAndFollow, unknownUpdate } from './send-and-follow.ts'
import { SettlingBuckets } from './settling-buckets.ts'
import { whatIsUndiallable } from './undiallable.ts'
import { type Standing, withAccepted } from './with-accepted.ts'

export interface UpdateDone {
  readonly report: UpdateReport
  /** `null` where it came to nothing. */
  readonly inBuckets: InBuckets | null
  readonly problems: readonly Problem[]
  /** Its time was over with work left. */
  readonly isCutShort: boolean
  /** How both sides stand now, where that has changed. */
  readonly after: { readonly sides: BothSides; readonly standing: Standing } | null
}

/**
 * Node to service: asks the service for what it lacks, unless the run is dry. Nothing is sent while any bucket is not
 * proved complete, and nothing that the service may have already: it would be paid for twice.
 */
export async function update(work: Work, found: Findings, delegates: DelegateConnector): Promise<UpdateDone> {
  const { config, time, snapshot } = work
  const { sides, comparison } = found
  const nothing = { inBuckets: null, problems: [], isCutShort: false, after: null }
  // What was cut short is not to be held up: to plan takes seconds where there are many pins.
  if (sides.identity === undefined || time.wasCancelled) return { ...nothing, report: unknownUpdate }
  const held = await Held.find(config, sides.buckets, snapshot)
  const plan = await inSlices(planOf(work, found, held))
  const unproved = sides.buckets.filter(({ result }) => result?.complete !== true).map(({ name }) => name)
  const isComplete = unproved.length === 0
  const problems: Problem[] = [...heldForBuckets(await inSlices(held.countsIn(plan.missing)))]
  if (plan.missing.length > 0) {
    if (!isComplete) problems.push(nothingSent(unproved, plan.missing.length))
    problems.push(...(await whatIsUndiallable(work, sides.identity)))
  }
  const buckets = new SettlingBuckets(sides.buckets, snapshot, time.inTime)
  const doubts = snapshot.doubts
  const isDry = config.dryRun
  if (isComplete && !isDry) await inSlices(forgetSettled(doubts, found, plan))
  const origins = originsFor(work, sides.identity)
  const input = { ...work, doubts, plan, isComplete, origins, buckets, delegates }
  const outcome = await sendAndFollow(config, input, isDry)
  const { report, inBuckets, followed, serviceError, leftAlone, refusedOrigins, inDoubt, gaps, unanswered } =
    outcome
  if (unanswered.count > 0) problems.push(noAnswerThatCounts(unanswered))
  if (inDoubt > 0) problems.push(heldInDoubt(inDoubt))
  if (gaps.count > 0) problems.push(notKnown(gaps))
  if (leftAlone.count > 0) problems.push(notAskedAgain(leftAlone))
  if (refusedOrigins !== null) problems.push(sentWithoutOrigins(refusedOrigins))
  for (const [name, why] of buckets.unproved) problems.push(unprovedSince(name, why))
  if (serviceError !== null) problems.push(problemOf('service', serviceError))
  const isLeft = report.pending.length + report.unsent.length > 0
  const isCutShort = !isDry && serviceError === null && time.isOver && isLeft
  if (followed.atService().next().done === true)
    return { report, inBuckets, problems, isCutShort, after: null }
  snapshot.markChanged()
  const names = sides.buckets.map(({ name }) => name)
  const after = {
    sides: { ...sides, buckets: await withFigures(buckets.listed) },
    standing: await inSlices(withAccepted(comparison, names, plan.missing, followed)),
  }
  return { report, inBuckets, problems, isCutShort, after }
}

/** Strikes out what a complete listing shows, and what nobody wants to send any more. */
function* forgetSettled(
  doubts: Doubts,
  { sides, comparison }: Findings,
  { missing }: UpdatePlan,
): LongWork<void> {
  const listedAt = new Map(sides.buckets.map(({ requests, listedAt }) => [requests.id, listedAt]))
  const isOver = ({ bucket, key, at }: Sent) => {
    const now = listedAt.get(bucket)
    if (now === undefined) return false
    return comparison.isLiveAtService(key) || (missing.indexOf(key) === -1 && hasPassed(day, at, now))
  }
  yield* doubts.settleAll(doubts.sent().filter(isOver))
}

function* planOf(
  { config }: Pick<Work, 'config'>,
  { sides, comparison }: Findings,
  held: Held,
): LongWork<UpdatePlan> {
  const { targetBucket, ignore, onlyNames } = config
  if (targetBucket === undefined) throw new Error('an update has no target bucket, which the inputs rule out')
  const failedRequests = sides.buckets.flatMap(({ name: bucket }, index) =>
    (comparison.buckets[index]?.failedRequests ?? []).map((request) => ({ bucket, request })),
  )
  return yield* planUpdate(comparison, {
    targetBucket,
    failedRequests,
    ignore,
    isNameWanted: nameMatcher(onlyNames),
    inDoubt: held.marks,
  })
}
