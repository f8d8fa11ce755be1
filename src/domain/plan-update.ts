import type { CidKey, PinCid } from './cid.ts'
import type { Comparison, NamedPin } from './compare.ts'
import type { ListedRequest } from './plan.ts'

/** A CID that the node pins and no bucket has pinned or on the way. */
export interface Wanted {
  readonly cid: PinCid
  readonly name: string | null
  /** Where it is to be pinned: the target, or where a request for it failed. */
  readonly bucket: string
  /** The newest of its requests that failed; `null` where none did. */
  readonly failed: FailedAtService | null
  /** The service may have it all the same: what vanished at once is not believed to be gone. */
  readonly isInDoubt: boolean
}

type FailedAtService = Pick<ListedRequest, 'requestid' | 'created' | 'failureReason'>

/** What an update has to send. */
export interface UpdatePlan {
  readonly missing: readonly Wanted[]
  /** How many the user does not want synced: those in `ignore`, and those whose names were not asked for. */
  readonly ignored: number
}

/**
 * What an update has to ask the service for: each recursive pin of the node with no request `queued`, `pinning` or
 * `pinned` in any bucket.
 * @param comparison holds both sides: see `planBackup`
 */
export function planUpdate(
  comparison: Comparison,
  options: {
    readonly targetBucket: string
    /** Of all buckets. */
    readonly failedRequests: readonly { readonly bucket: string; readonly request: ListedRequest }[]
    readonly ignore: ReadonlyMap<CidKey, unknown>
    /** Whether a pin of this name is to be sent. */
    readonly isNameWanted: (name: string | null) => boolean
  },
): UpdatePlan {
  const { targetBucket, failedRequests, ignore, isNameWanted } = options
  const failedOf = new Map<CidKey, (typeof failedRequests)[number]>()
  for (const failed of failedRequests) {
    const { key, created } = failed.request
    const known = key === undefined ? undefined : failedOf.get(key)
    if (key !== undefined && (known === undefined || created > known.request.created))
      failedOf.set(key, failed)
  }
  const missing: Wanted[] = []
  let ignored = 0
  for (const { cid, name } of comparison.lackingAtService()) {
    if (ignore.has(cid.key) || !isNameWanted(name)) {
      ignored++
      continue
    }
    const isInDoubt = comparison.isInDoubt(cid.key)
    const failed = failedOf.get(cid.key)
    if (failed === undefined) missing.push({ cid, name, bucket: targetBucket, failed: null, isInDoubt })
    else missing.push({ ...askedAgain(failed, { cid, name }), isInDoubt })
  }
  return { missing, ignored }
}

/** As it was asked for: under the text and the name of the request that failed, where that is. */
function askedAgain(
  { bucket, request }: { readonly bucket: string; readonly request: ListedRequest },
  { cid, name }: NamedPin,
): Omit<Wanted, 'isInDoubt'> {
  const { requestid, created, failureReason } = request
  return {
    cid: { key: cid.key, text: request.text },
    name: request.name ?? name,
    bucket,
    failed: { requestid, created, failureReason },
  }
}
