import type { Agenda } from './agenda.ts'
import { type CidKey, cidV1, type PinCid } from './cid.ts'
import type { Comparison, ListedRequest } from './compare.ts'
import { type LongWork, paused, stepsAtATime } from './long-work.ts'

/** A CID that the service has pinned and the node lacks. */
export interface MissingPin {
  readonly cid: PinCid
  /** Of the newest of its pinned requests that has one; at most 255 bytes. */
  readonly name: string | null
  /** The first of the input's buckets that has it pinned. */
  readonly bucket: string
  /** The number of the list of delegates of its newest request there; `null` for none. */
  readonly delegates: number | null
  /** Bytes of its content; `null` where that is not known. */
  readonly size: number | null
}

interface MissingAgenda extends Agenda<MissingPin> {
  /** The same as `at(index).size`, for less. */
  sizeAt(index: number): number | null
  /** The same as `at(index).bucket`, for less. */
  bucketAt(index: number): string
  /** Of how many that fit each bucket has a pinned request, in the order in which they were compared. */
  countsIn(fits: (index: number) => boolean): LongWork<number[]>
}

export interface BackupPlan {
  readonly missing: MissingAgenda
  /** How many the user does not want synced. */
  readonly ignored: number
}

/** Where the requests of a bucket can be read again. */
export interface ReadBucket {
  readonly name: string
  /** Those that were created at an instant, in the order in which they were compared. */
  at(created: number): readonly ListedRequest[]
}

/**
 * What a backup has to pin: each CID with a `pinned` request in some bucket that the node does not pin recursively.
 * @param buckets in the order in which they were compared
 */
export function* planBackup(
  comparison: Comparison,
  buckets: readonly ReadBucket[],
  ignore: ReadonlyMap<CidKey, unknown>,
): LongWork<BackupPlan> {
  const numbers = new Uint32Array(comparison.lackingOnNode)
  let length = 0
  for (let number = 0; number < numbers.length; number++) {
    if (number % stepsAtATime === stepsAtATime - 1) yield
    if (ignore.size === 0 || !ignore.has(comparison.lackingAt(number).key)) numbers[length++] = number
  }
  return {
    missing: new MissingPins(comparison, buckets, numbers.subarray(0, length)),
    ignored: numbers.length - length,
  }
}

/** Each is read from the snapshot when it is asked for; those of one instant, which are neighbours, at one go. */
class MissingPins implements MissingAgenda {
  readonly length: number
  readonly #comparison: Comparison
  readonly #buckets: readonly ReadBucket[]
  readonly #numbers: Uint32Array
  #read: { readonly bucket: number; readonly created: number; readonly requests: readonly ListedRequest[] } =
    {
      bucket: -1,
      created: 0,
      requests: [],
    }

  constructor(comparison: Comparison, buckets: readonly ReadBucket[], numbers: Uint32Array) {
    this.length = numbers.length
    this.#comparison = comparison
    this.#buckets = buckets
    this.#numbers = numbers
  }

  keyAt(index: number): CidKey {
    return this.#comparison.lackingAt(this.#numbers[index] as number).key
  }

  bucketAt(index: number): string {
    const { bucket } = this.#comparison.lackingAt(this.#numbers[index] as number)
    return (this.#buckets[bucket] as ReadBucket).name
  }

  sizeAt(index: number): number | null {
    return this.#comparison.lackingSizeAt(this.#numbers[index] as number)
  }

  *countsIn(fits: (index: number) => boolean): LongWork<number[]> {
    const counts = this.#buckets.map(() => 0)
    const add = (bucket: number) => {
      counts[bucket] = (counts[bucket] as number) + 1
    }
    const isCounted = new Uint8Array(this.#comparison.lackingOnNode)
    yield* paused(this.#numbers.entries(), ([index, number]) => {
      if (!fits(index)) return
      isCounted[number] = 1
      add(this.#comparison.lackingAt(number).bucket)
    })
    yield* paused(this.#comparison.lackingElsewhere(), ([number, bucket]) => {
      if (isCounted[number] === 1) add(bucket)
    })
    return counts
  }

  at(index: number): MissingPin {
    const { key, bucket, created, otherName, size } = this.#comparison.lackingAt(
      this.#numbers[index] as number,
    )
    const own = this.#requestsAt(bucket, created).filter((one) => one.key === key)
    const request = own.find(({ status }) => status === 'pinned') ?? own[0]
    return {
      // A request that was moved since by listing again can't be read any more.
      cid: { key, text: request?.text ?? cidV1(key) },
      name: otherName ?? request?.name ?? null,
      bucket: (this.#buckets[bucket] as ReadBucket).name,
      delegates: request?.delegates ?? null,
      size,
    }
  }

  #requestsAt(bucket: number, created: number): readonly ListedRequest[] {
    if (this.#read.bucket !== bucket || this.#read.created !== created)
      this.#read = { bucket, created, requests: (this.#buckets[bucket] as ReadBucket).at(created) }
    return this.#read.requests
  }
}
