import type { Config } from '../config.ts'
import { nameMatcher } from '../domain/name-globs.ts'
import { publicOrigins } from '../domain/origins.ts'
import { planUpdate, type UpdatePlan } from '../domain/plan-update.ts'
import type { NodeIdentity } from '../node/node.ts'
import { recordSides } from '../report/record-sides.ts'
import { nothingSent } from '../report/warnings.ts'
import { keysInDoubt } from '../snapshot/listed.ts'
import type { DelegateConnector } from './delegates.ts'
import type { Found, Work } from './phase.ts'
import { sendMissing, unknownUpdate, unsentUpdate } from './send-missing.ts'
import { SettlingBuckets } from './settling-buckets.ts'
import { warnWhereUndiallable } from './undiallable.ts'
import { withAccepted } from './with-accepted.ts'

/** Asks the service for what it lacks, unless the run is dry. */
export async function updatePhase(work: Work, found: Found, delegates: DelegateConnector): Promise<void> {
  const { config, ledger, record, gate, inTime, snapshot } = work
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
  gate.widen(config.requestsPerSecond)
  const buckets = new SettlingBuckets(sides.buckets, snapshot, inTime)
  const outcome = await sendMissing(config, { ...work, plan, isComplete, origins, buckets, delegates })
  const { report, accepted, serviceError } = outcome
  record.found.update = report
  if (serviceError !== null) record.fail('service', serviceError)
  else if (inTime.aborted && report.pending.length + report.unsent.length > 0) record.outOfTime = true
  if (accepted.length === 0) return
  snapshot.markChanged()
  const plans = withAccepted(sides, found.plan.buckets, accepted)
  recordSides(record, { ...sides, buckets: buckets.listed }, plans, trust)
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
