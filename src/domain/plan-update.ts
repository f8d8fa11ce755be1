import type { Agenda } from './agenda.ts'
import type { CidKey, PinCid } from './cid.ts'
import type { Comparison, ListedRequest } from './compare.ts'
import { grown } from './grown.ts'

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
  readonly missing: Agenda<Wanted>
  /** How many the user does not want synced: those in `ignore`, and those whose names were not asked for. */
  readonly ignored: number
}

interface FailedIn {
  readonly bucket: string
  readonly request: ListedRequest
}

/**
 * What an update has to ask the service for: each recursive pin of the node with no request `queued`, `pinning` or
 * `pinned` in any bucket.
 */
export function planUpdate(
  comparison: Comparison,
  options: {
    readonly targetBucket: string
    /** Of all buckets. */
    readonly failedRequests: readonly FailedIn[]
    readonly ignore: ReadonlyMap<CidKey, unknown>
    /** Whether a pin of this name is to be sent. */
    readonly isNameWanted: (name: string | null) => boolean
    /** Whether the service may have it all the same. */
    readonly isInDoubt: (key: CidKey) => boolean
  },
): UpdatePlan {
  const { ignore, isNameWanted } = options
  let places = new Uint32Array(1024)
  let length = 0
  let ignored = 0
  for (const place of comparison.lackingAtService()) {
    if (ignore.has(comparison.keyOf(place)) || !isNameWanted(comparison.nameOf(place))) {
      ignored++
      continue
    }
    places = grown(places, length)
    places[length++] = place
  }
  const failedOf = newestOf(options.failedRequests)
  return {
    missing: new WantedPins(comparison, places.subarray(0, length), { ...options, failedOf }),
    ignored,
  }
}

function newestOf(failedRequests: readonly FailedIn[]): ReadonlyMap<CidKey, FailedIn> {
  const newest = new Map<CidKey, FailedIn>()
  for (const failed of failedRequests) {
    const { key, created } = failed.request
    const known = key === undefined ? undefined : newest.get(key)
    if (key !== undefined && (known === undefined || created > known.request.created)) newest.set(key, failed)
  }
  return newest
}

class WantedPins implements Agenda<Wanted> {
  readonly #comparison: Comparison
  readonly #places: Uint32Array
  readonly #targetBucket: string
  readonly #failedOf: ReadonlyMap<CidKey, FailedIn>
  readonly #isInDoubt: (key: CidKey) => boolean

  constructor(
    comparison: Comparison,
    places: Uint32Array,
    options: {
      readonly targetBucket: string
      readonly failedOf: ReadonlyMap<CidKey, FailedIn>
      readonly isInDoubt: (key: CidKey) => boolean
    },
  ) {
    this.#comparison = comparison
    this.#places = places
    this.#targetBucket = options.targetBucket
    this.#failedOf = options.failedOf
    this.#isInDoubt = options.isInDoubt
  }

  get length(): number {
    return this.#places.length
  }

  keyAt(index: number): CidKey {
    return this.#comparison.keyOf(this.#places[index] as number)
  }

  at(index: number): Wanted {
    const { cid, name } = this.#comparison.pinAt(this.#places[index] as number)
    const failed = this.#failedOf.get(cid.key)
    const isInDoubt = this.#isInDoubt(cid.key)
    if (failed === undefined) return { cid, name, bucket: this.#targetBucket, failed: null, isInDoubt }
    // As it was asked for: under the text and the name of the request that failed.
    const { requestid, created, failureReason } = failed.request
    return {
      cid: { key: cid.key, text: failed.request.text },
      name: failed.request.name ?? name,
      bucket: failed.bucket,
      failed: { requestid, created, failureReason },
      isInDoubt,
    }
  }
}
