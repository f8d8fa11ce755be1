import type { CidKey } from './cid.ts'
import type { Comparison } from './compare.ts'

/** What a run has pinned on the node since both sides were compared. */
export class PinnedSince {
  /** A byte for each place of the comparison. */
  readonly #places: Uint8Array
  /** Distinct CIDs. */
  readonly size: number

  /** @param keys of CIDs that are in the comparison, each once */
  constructor(comparison: Pick<Comparison, 'places' | 'placeOf'>, keys: Iterable<CidKey>) {
    this.#places = new Uint8Array(comparison.places)
    let size = 0
    for (const key of keys) {
      this.#places[comparison.placeOf(key)] = 1
      size++
    }
    this.size = size
  }

  has(place: number): boolean {
    return this.#places[place] === 1
  }
}
