import { parseCid } from '../../domain/cid.ts'
import type { PinRequest } from '../../domain/pin.ts'
import type { UpdateAgenda } from '../../domain/plan-update.ts'
import type { RunTime } from '../../run-time.ts'
import { inStep } from '../../service/in-step.ts'
import type { BucketClient } from '../../service/pinning-service.ts'
import type { PacedGate } from '../../service/rate-limit.ts'
import type { Outcome } from '../outcome.ts'
import { failureOf, isOfMoreThanOne } from '../sending/failure-of.ts'
import type { SettlingBuckets } from '../settling-buckets.ts'

/**
 * The second look at requests that failed, and that no listing shows.
 * @returns a fault of the whole service; `null` for none
 */
export async function lookAgainAtUnlisted(
  agenda: UpdateAgenda,
  outcome: Outcome,
  {
    buckets,
    gate,
    time,
  }: { readonly buckets: SettlingBuckets; readonly gate: PacedGate; readonly time: RunTime },
): Promise<unknown> {
  const waiting = outcome.unlistedFailures.entries().filter(([index]) => outcome.followed.waits(index))
  try {
    await inStep(
      waiting,
      () => gate.width,
      async ([index, { bucket, requestid }]) => {
        const request = await requestOf(buckets.clientOf(bucket), requestid, time.inTime)
        if (request !== undefined && parseCid(request.cid)?.key === agenda.keyAt(index))
          outcome.seenAgain(index, request)
      },
    )
    return null
  } catch (error) {
    if (time.isCutShort(error)) return null
    if (failureOf(error) === undefined) throw error
    return error
  }
}

/** As it is now; `undefined` where that is not known. */
async function requestOf(
  client: BucketClient,
  requestid: string,
  signal: AbortSignal,
): Promise<PinRequest | undefined> {
  try {
    return await client.get(requestid, signal)
  } catch (error) {
    if (isOfMoreThanOne(error)) throw error
    return undefined
  }
}
