import type { ComparedBucket } from '../domain/compare.ts'
import { day } from '../domain/moment.ts'
import { ServiceError } from '../errors.ts'
import type { BucketReport } from '../report/report.ts'
import type { ListedBucket } from '../sides/list-service.ts'
import { mostInvalid } from '../snapshot/bucket/overview.ts'
import { failedRequestEntries } from './failed-request-entries.ts'

/** What the report says of a bucket. */
export function bucketReport(
  listed: ListedBucket,
  plan: ComparedBucket | undefined,
  isNodeListed: boolean,
): BucketReport {
  const { name, figures, result, httpRequests } = listed
  const drops = (result?.drops ?? []).map(({ vanished, at }) => ({
    vanished,
    droppedAt: new Date(at).toISOString(),
    believedFrom: new Date(at + day).toISOString(),
  }))
  return {
    name,
    cids: plan?.cids ?? 0,
    onNode: isNodeListed ? (plan?.onNode ?? 0) : null,
    // It is known at the end of the run.
    standing: null,
    requests: figures.byStatus,
    ...invalidOf(listed),
    listing: {
      mode: result?.mode ?? listed.mode,
      complete: result?.complete ?? false,
      brokeOff: result === undefined,
      httpRequests,
      added: result?.added ?? 0,
      removed: result?.removed ?? 0,
      changed: result?.changed ?? 0,
      vanished: result?.vanished ?? 0,
      drops,
      droppedAt: drops[0]?.droppedAt ?? null,
      believedFrom: drops[0]?.believedFrom ?? null,
      notes: result?.notes ?? [brokenOff(listed.error)],
    },
    failedRequests: failedRequestEntries(plan?.failedRequests ?? []),
  }
}

function brokenOff(error: unknown): string {
  const isLetIn = !(error instanceof ServiceError && [401, 402, 403].includes(error.status))
  return isLetIn
    ? 'The listing broke off; the next run goes on from here.'
    : 'The service refused the listing; the first run that it lets in goes on from here.'
}

function invalidOf({ figures, result }: ListedBucket): Pick<BucketReport, 'invalid' | 'moreInvalid'> {
  const odd = result?.odd ?? []
  const unparsed = figures.invalid.map((one) => ({ ...one, problem: 'pin.cid: is no CID' }))
  const invalid = [...odd, ...unparsed].slice(0, mostInvalid)
  return { invalid, moreInvalid: odd.length + figures.invalidCount - invalid.length }
}
