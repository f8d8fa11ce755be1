import type { CidKey, PinCid } from './cid.ts'
import type { Comparison } from './compare.ts'
import type { Status } from './pin.ts'

/** A request of the snapshot, as planning sees it. */
export interface ListedRequest {
  readonly requestid: string
  readonly created: number
  readonly status: Status
  /** `undefined` where the CID does not parse. */
  readonly key: CidKey | undefined
  readonly text: string
  readonly name: string | null
  /** The number of its list of delegates; `null` for none. */
  readonly delegates: number | null
  readonly failureReason: string | null
}

/** A CID that one side lacks. */
export interface Missing {
  readonly cid: PinCid
  name: string | null
  /** The first of the input's buckets that has it pinned. */
  readonly bucket: string
  /** The number of the list of delegates of its newest request. */
  readonly delegates: number | null
}

/** What planning learns of one bucket. */
export interface BucketPlan {
  /** Distinct CIDs with a request of any status. */
  readonly cids: number
  /** Requests that failed at the service, with no other pinned for their CID in any bucket. */
  readonly failedRequests: readonly ListedRequest[]
}

/** What the buckets hold, and what of it the node lacks. */
export interface BackupPlan {
  readonly missing: readonly Missing[]
  /** How many the user does not want synced. */
  readonly ignored: number
  /** In the input's order. */
  readonly buckets: readonly BucketPlan[]
}

export interface BucketOfPlan {
  readonly name: string
  /** All its requests, newest first. */
  readonly requests: Iterable<ListedRequest>
}

/**
 * What a backup has to pin: each CID with a `pinned` request in some bucket that the node does not pin recursively.
 * @param comparison holds the node's pins; the buckets' requests are added to it
 */
export function planBackup(
  comparison: Comparison,
  buckets: readonly BucketOfPlan[],
  ignore: ReadonlyMap<CidKey, unknown>,
): BackupPlan {
  const missing = new Map<CidKey, Missing & { namedAt: number }>()
  const seen = buckets.map(({ name, requests }, index) => {
    const failed: ListedRequest[] = []
    let cids = 0
    for (const request of requests) {
      const { key, status } = request
      if (key === undefined) continue
      if (comparison.addRequest(index + 1, key, status)) cids++
      if (status === 'failed') failed.push(request)
      if (status === 'pinned' && !comparison.isOnNode(key)) addMissing(missing, key, name, request)
    }
    return { cids, failed }
  })
  const wanted = [...missing.values()].filter(({ cid }) => !ignore.has(cid.key))
  return {
    missing: wanted,
    ignored: missing.size - wanted.length,
    buckets: seen.map(({ cids, failed }) => ({
      cids,
      failedRequests: failed.filter(({ key }) => key !== undefined && !comparison.isPinnedAtService(key)),
    })),
  }
}

function addMissing(
  missing: Map<CidKey, Missing & { namedAt: number }>,
  key: CidKey,
  bucket: string,
  { text, name, created, delegates }: ListedRequest,
): void {
  const known = missing.get(key)
  const namedAt = name === null ? Number.NEGATIVE_INFINITY : created
  if (known === undefined) missing.set(key, { cid: { key, text }, name, bucket, delegates, namedAt })
  else if (namedAt > known.namedAt) Object.assign(known, { name, namedAt })
}
