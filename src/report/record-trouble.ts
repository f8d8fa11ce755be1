import type { RunTime } from '../run-time.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import type { BothSides } from '../sides/list-both-sides.ts'
import { listingError } from './bucket-report.ts'
import type { RunError } from './report.ts'
import type { RunRecord } from './run-record.ts'
import { invalidCids } from './warnings.ts'

/**
 * Writes down what of both sides could not be listed. What the clock or a person cut short is no error of anybody's,
 * unless the time was over before there was a single answer.
 */
export function recordTrouble(record: RunRecord, sides: BothSides, time: RunTime): void {
  const { buckets, identity, nodeError, hasNodeAnswered } = sides
  for (const bucket of buckets) {
    const isCut = time.isCutShort(bucket.error)
    const error = isCut ? silenceOf(bucket.client, time) : listingError(bucket)
    if (error !== undefined) record.errors.push(error)
    for (const warning of invalidCids(bucket)) record.warnings.push(warning)
  }
  if (identity === undefined && !time.isCutShort(nodeError)) record.fail('node', nodeError)
  else if (!hasNodeAnswered && !time.wasCancelled) record.errors.push(silence('node', 'node-url'))
  record.outOfTime = [nodeError, ...buckets.map(({ error }) => error)].some((error) => time.isCutShort(error))
}

/** Why a bucket makes the run an error when its time is over; `undefined` where it has answered, or was given up. */
export function silenceOf(client: BucketClient, time: RunTime): RunError | undefined {
  const isSilent = !client.hasAnswered && !time.wasCancelled
  return isSilent ? silence(`bucket ${client.bucket}`, 'endpoint') : undefined
}

function silence(where: string, input: string): RunError {
  const message = `no answer came before the time of the run was over (time-limit). Check \`${input}\`, and that this runner can reach it`
  return { where, message }
}
