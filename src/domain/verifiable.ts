import type { CidKey } from './cid.ts'
import type { Comparison } from './compare.ts'
import { type LongWork, stepsAtATime } from './long-work.ts'
import type { PinnedSince } from './pinned-since.ts'

/** A pin that is to be verified again and again. */
export interface VerifiablePin {
  readonly key: CidKey
  /** The number in the snapshot of the bucket that it is counted with. */
  readonly bucket: number
}

/** The pins that are to be verified: what the node pins, also since both sides were compared, and some bucket has pinned. */
export class Verifiable implements Iterable<VerifiablePin> {
  readonly #comparison: Comparison
  readonly #buckets: readonly number[]
  readonly #pinned: Pick<PinnedSince, 'has'>
  readonly #ignore: ReadonlyMap<CidKey, unknown>

  /**
   * @param options.buckets their numbers in the snapshot, in the order in which they were compared
   * @param options.pinned what the service has pinned, and the node now too
   */
  constructor(
    comparison: Comparison,
    {
      buckets,
      pinned,
      ignore,
    }: {
      readonly buckets: readonly number[]
      readonly pinned: Pick<PinnedSince, 'has'>
      readonly ignore: ReadonlyMap<CidKey, unknown>
    },
  ) {
    this.#comparison = comparison
    this.#buckets = buckets
    this.#pinned = pinned
    this.#ignore = ignore
  }

  /** Places are below this. */
  get places(): number {
    return this.#comparison.places
  }

  *[Symbol.iterator](): Generator<VerifiablePin & { readonly place: number }> {
    for (let place = 0; place < this.places; place++) {
      if (!this.#isOnBoth(place)) continue
      const pin = this.at(place)
      if (!this.#ignore.has(pin.key)) yield { ...pin, place }
    }
  }

  at(place: number): VerifiablePin {
    return { key: this.#comparison.keyOf(place), bucket: this.#bucketAt(place) }
  }

  /** Where it is and which bucket it is counted with; `undefined` for what is not to be verified. */
  find(key: CidKey): { readonly place: number; readonly bucket: number } | undefined {
    const place = this.#comparison.placeOf(key)
    if (place === -1 || !this.#isOnBoth(place) || this.#ignore.has(key)) return undefined
    return { place, bucket: this.#bucketAt(place) }
  }

  /** The same for the same pins, in whatever order they come; another, but for one in 2^64, where any differs. */
  *digest(): LongWork<string> {
    let count = 0
    let [one, other] = [0, 0]
    for (const { key, bucket } of this) {
      one = (one + hash(key, bucket)) >>> 0
      other = (other + hash(key, ~bucket)) >>> 0
      if (++count % stepsAtATime === 0) yield
    }
    return [count, one, other].join(' ')
  }

  #isOnBoth(place: number): boolean {
    return this.#comparison.isOnBoth(place) || this.#pinned.has(place)
  }

  #bucketAt(place: number): number {
    return this.#buckets[this.#comparison.bucketAt(place)] as number
  }
}

/** FNV-1a, mixed at its end: sums of it are to differ. */
function hash(key: CidKey, seed: number): number {
  let value = 0x811c9dc5 ^ seed
  for (let index = 0; index < key.length; index++)
    value = Math.imul(value ^ key.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  return value ^ (value >>> 13)
}
