import type { Agenda } from './agenda.ts'
import type { CidKey, PinCid } from './cid.ts'
import type { Comparison, ListedRequest } from './compare.ts'
import { grown } from './grown.ts'
import { type LongWork, paused } from './long-work.ts'

/** A CID that the node pins and no bucket has pinned or on the way. */
export interface Wanted {
  readonly cid: PinCid
  readonly name: string | null
  /** Where it is to be pinned: the target, or where a request for it failed. */
  readonly bucket: string
  /** The newest of its requests that failed; `null` where none did. */
  readonly failed: FailedAtService | null
}

type FailedAtService = Pick<ListedRequest, 'requestid' | 'created' | 'failureReason'>

/** What the service lacks, in the order of the node's pins. */
export interface UpdateAgenda extends Agenda<Wanted> {
  /** -1 for a CID that is not in it. */
  indexOf(key: CidKey): number
  /** The same as `at(index).bucket`, for less. */
  bucketAt(index: number): string
  /** The same as `at(index).failed !== null`, for less. */
  hasFailed(index: number): boolean
  /** Whether the service may have it all the same: what vanished at once is not believed to be gone. */
  isInDoubt(index: number): boolean
}

/** What an update has to send. */
export interface UpdatePlan {
  readonly missing: UpdateAgenda
  /** How many the user does not want synced: those in `ignore`, and those whose names were not asked for. */
  readonly ignored: number
}

/** CIDs with something that is not nothing. */
interface Marked {
  readonly size: number
  get(key: CidKey): unknown
}

interface FailedIn {
  readonly bucket: string
  readonly request: ListedRequest
}

/**
 * What an update has to ask the service for: each recursive pin of the node with no request `queued`, `pinning` or
 * `pinned` in any bucket.
 */
export function* planUpdate(
  comparison: Comparison,
  options: {
    readonly targetBucket: string
    /** Of all buckets. */
    readonly failedRequests: readonly FailedIn[]
    readonly ignore: ReadonlyMap<CidKey, unknown>
    /** Whether a pin of this name is to be sent. */
    readonly isNameWanted: (name: string | null) => boolean
    /** What the service may have all the same. */
    readonly inDoubt: Marked
  },
): LongWork<UpdatePlan> {
  const { ignore, isNameWanted } = options
  let places = new Uint32Array(1024)
  let length = 0
  let ignored = 0
  const isIgnored = (place: number) => ignore.size > 0 && ignore.has(comparison.keyOf(place))
  yield* paused(comparison.lackingAtService(), (place) => {
    if (isIgnored(place) || !isNameWanted(comparison.nameOf(place))) ignored++
    else {
      places = grown(places, length)
      places[length++] = place
    }
  })
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

class WantedPins implements UpdateAgenda {
  readonly #comparison: Comparison
  /** Ascending. */
  readonly #places: Uint32Array
  readonly #targetBucket: string
  readonly #failedOf: ReadonlyMap<CidKey, FailedIn>
  readonly #inDoubt: Marked

  constructor(
    comparison: Comparison,
    places: Uint32Array,
    options: {
      readonly targetBucket: string
      readonly failedOf: ReadonlyMap<CidKey, FailedIn>
      readonly inDoubt: Marked
    },
  ) {
    this.#comparison = comparison
    this.#places = places
    this.#targetBucket = options.targetBucket
    this.#failedOf = options.failedOf
    this.#inDoubt = options.inDoubt
  }

  get length(): number {
    return this.#places.length
  }

  keyAt(index: number): CidKey {
    return this.#comparison.keyOf(this.#places[index] as number)
  }

  indexOf(key: CidKey): number {
    const place = this.#comparison.placeOf(key)
    let [from, to] = [0, this.#places.length]
    while (from < to) {
      const middle = Math.floor((from + to) / 2)
      if ((this.#places[middle] as number) < place) from = middle + 1
      else to = middle
    }
    return this.#places[from] === place ? from : -1
  }

  bucketAt(index: number): string {
    return (this.hasFailed(index) && this.#failedOf.get(this.keyAt(index))?.bucket) || this.#targetBucket
  }

  hasFailed(index: number): boolean {
    return this.#failedOf.size > 0 && this.#failedOf.has(this.keyAt(index))
  }

  isInDoubt(index: number): boolean {
    return this.#inDoubt.size > 0 && Boolean(this.#inDoubt.get(this.keyAt(index)))
  }

  at(index: number): Wanted {
    const { cid, name } = this.#comparison.pinAt(this.#places[index] as number)
    const failed = this.#failedOf.get(cid.key)
    if (failed === undefined) return { cid, name, bucket: this.#targetBucket, failed: null }
    // As it was asked for: under the text and the name of the request that failed.
    const { requestid, created, failureReason } = failed.request
    return {
      cid: { key: cid.key, text: failed.request.text },
      name: failed.request.name ?? name,
      bucket: failed.bucket,
      failed: { requestid, created, failureReason },
    }
  }
}
