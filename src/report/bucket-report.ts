import type { ComparedBucket } from '../domain/compare.ts'
import { DeadlineError, NoAnswerError } from '../errors.ts'
import type { ListedBucket } from '../sides/list-service.ts'
import type { BucketReport, RunError } from './report.ts'

/** What the report says of a bucket. */
export function bucketReport(listed: ListedBucket, plan: ComparedBucket | undefined): BucketReport {
  const { name, requests, result, httpRequests } = listed
  return {
    name,
    cids: plan?.cids ?? 0,
    requests: requests.byStatus(),
    ...invalidOf(listed),
    listing: {
      mode: result?.mode ?? listed.mode,
      complete: result?.complete ?? false,
      httpRequests,
      added: result?.added ?? 0,
      removed: result?.removed ?? 0,
      changed: result?.changed ?? 0,
      vanished: result?.vanished ?? 0,
      notes: result?.notes ?? ['The listing broke off; the next run goes on from here.'],
    },
    failedRequests: (plan?.failedRequests ?? []).map(({ requestid, text, name, failureReason, created }) => ({
      requestid,
      cid: text,
      name,
      reason: failureReason,
      created: new Date(created).toISOString(),
    })),
  }
}

/** So many are told one by one: a service may show any number of them. */
const mostInvalid = 1000

function invalidOf({ requests, result }: ListedBucket): Pick<BucketReport, 'invalid' | 'moreInvalid'> {
  const odd = result?.odd ?? []
  const unparsed = requests.invalid(mostInvalid).map((one) => ({ ...one, problem: 'pin.cid: is no CID' }))
  const invalid = [...odd, ...unparsed].slice(0, mostInvalid)
  return { invalid, moreInvalid: odd.length + requests.invalidCount() - invalid.length }
}

/** Why a bucket's listing makes the run an `error`; `undefined` where it does not. */
export function listingError({ name, result, error }: ListedBucket): RunError | undefined {
  const where = `bucket ${name}`
  if (result === undefined) return { where, message: messageOf(error) }
  if (result.complete) return undefined
  // A service that can never prove a listing is not blamed for it, unless requests went missing.
  if (result.unprovable && result.vanished === 0) return undefined
  return { where, message: `the listing is not proved complete: ${result.notes.join('; ')}` }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const isSilence = error instanceof NoAnswerError || error instanceof DeadlineError
  return isSilence ? `${message}. Check \`endpoint\`, and that this runner can reach it` : message
}
