import type { Config } from '../config/types.ts'
import { day, hasPassed } from '../domain/moment.ts'
import { nameMatcher } from '../domain/name-globs.ts'
import { publicOrigins } from '../domain/origins.ts'
import { planUpdate, type UpdatePlan } from '../domain/plan-update.ts'
import type { NodeIdentity } from '../node/node.ts'
import { recordSides } from '../report/record-sides.ts'
import {
  heldInDoubt,
  noAnswerThatCounts,
  notAskedAgain,
  nothingSent,
  sentWithoutOrigins,
  unprovedSince,
} from '../report/warnings.ts'
import { Doubts, type Sent } from '../snapshot/doubts.ts'
import { keysInDoubt } from '../snapshot/listed.ts'
import type { DelegateConnector } from './delegates.ts'
import type { Found, Work } from './phase.ts'
import { sendMissing, unknownUpdate, unsentUpdate } from './send-missing.ts'
import { SettlingBuckets } from './settling-buckets.ts'
import { warnWhereUndiallable } from './undiallable.ts'
import { withAccepted } from './with-accepted.ts'

/** Asks the service for what it lacks, unless the run is dry. */
export async function updatePhase(work: Work, found: Found, delegates: DelegateConnector): Promise<void> {
  const { config, ledger, record, time, snapshot } = work
  const { sides, trust } = found
  if (sides.identity === undefined) {
    record.found.update = unknownUpdate
    return
  }
  const plan = planOf(work, found)
  const unproved = sides.buckets.filter(({ result }) => result?.complete !== true).map(({ name }) => name)
  const isComplete = unproved.length === 0
  const origins = originsFor(config.origins, sides.identity)
  if (plan.missing.length > 0) {
    if (!isComplete) record.warnings.push(nothingSent(unproved, plan.missing.length))
    await warnWhereUndiallable(work, sides.identity)
  }
  if (config.dryRun) {
    record.found.update = unsentUpdate(config, { plan, ledger, isComplete })
    return
  }
  const buckets = new SettlingBuckets(sides.buckets, snapshot, time.inTime)
  const doubts = new Doubts(snapshot.db, () => snapshot.markChanged())
  if (isComplete) forgetSettled(doubts, found, plan)
  const outcome = await sendMissing(config, {
    ...work,
    doubts,
    plan,
    isComplete,
    origins,
    buckets,
    delegates,
  })
  const { report, accepted, serviceError, leftAlone, refusedOrigins, inDoubt, unanswered } = outcome
  record.found.update = report
  if (unanswered.length > 0) record.warnings.push(noAnswerThatCounts(unanswered))
  if (inDoubt > 0) record.warnings.push(heldInDoubt(inDoubt))
  if (leftAlone.length > 0) record.warnings.push(notAskedAgain(leftAlone))
  if (refusedOrigins !== null) record.warnings.push(sentWithoutOrigins(refusedOrigins))
  for (const [name, why] of buckets.unproved) record.warnings.push(unprovedSince(name, why))
  if (serviceError !== null) record.fail('service', serviceError)
  else if (time.isOver && report.pending.length + report.unsent.length > 0) record.outOfTime = true
  if (accepted.length === 0) return
  snapshot.markChanged()
  const plans = withAccepted(sides, found.plan.buckets, accepted)
  recordSides(record, { ...sides, buckets: buckets.listed }, plans, trust)
}

/** Strikes out what a complete listing shows, and what nobody wants to send any more. */
function forgetSettled(doubts: Doubts, { sides }: Found, plan: UpdatePlan): void {
  const isWanted = new Set(plan.missing.map(({ cid }) => cid.key))
  const listedAt = new Map(sides.buckets.map(({ requests, listedAt }) => [requests.id, listedAt]))
  const isOver = ({ bucket, key, at }: Sent) => {
    const now = listedAt.get(bucket)
    if (now === undefined) return false
    return sides.comparison.isLiveAtService(key) || (!isWanted.has(key) && hasPassed(day, at, now))
  }
  const over = doubts.sent().filter(isOver)
  if (over.length > 0) doubts.settle(over)
}

function planOf({ config, snapshot }: Work, { sides, plan }: Found): UpdatePlan {
  const { targetBucket, ignore, onlyNames } = config
  if (targetBucket === undefined) throw new Error('an update has no target bucket, which the inputs rule out')
  const { buckets, comparison } = sides
  const listed = buckets.map(({ requests }) => requests.id)
  for (const key of keysInDoubt(snapshot.db, listed)) comparison.doubt(key)
  const failedRequests = buckets.flatMap(({ name: bucket }, index) =>
    (plan.buckets[index]?.failedRequests ?? []).map((request) => ({ bucket, request })),
  )
  return planUpdate(comparison, {
    targetBucket,
    failedRequests,
    ignore,
    isNameWanted: nameMatcher(onlyNames),
  })
}

/** The addresses that the service is given to fetch from. */
function originsFor(origins: Config['origins'], { addresses }: NodeIdentity): readonly string[] {
  if (origins === 'none') return []
  return origins === 'auto' ? publicOrigins(addresses) : origins
}
