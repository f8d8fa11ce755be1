import type { BothSides } from '../sync/list-both-sides.ts'
import { listingError } from './bucket-report.ts'
import type { RunRecord } from './run-record.ts'
import { invalidCids } from './warnings.ts'

/**
 * Writes down what of both sides could not be listed; what the clock or a person cut short is no error of anybody's.
 * @param inTime what cuts it short
 */
export function recordTrouble(
  record: RunRecord,
  { buckets, identity, nodeError }: BothSides,
  inTime: AbortSignal,
): void {
  const isCutShort = (error: unknown) => inTime.aborted && error === inTime.reason
  for (const bucket of buckets) {
    const error = isCutShort(bucket.error) ? undefined : listingError(bucket)
    if (error !== undefined) record.errors.push(error)
    for (const warning of invalidCids(bucket)) record.warnings.push(warning)
  }
  if (identity === undefined && !isCutShort(nodeError)) record.fail('node', nodeError)
  record.outOfTime = [nodeError, ...buckets.map(({ error }) => error)].some(isCutShort)
}
