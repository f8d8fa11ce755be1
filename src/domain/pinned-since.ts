import type { CidKey } from './cid.ts'
import type { Comparison } from './compare.ts'

/** What a run has pinned on the node since both sides were compared. */
export class PinnedSince {
  /** A byte for each place of the comparison. */
  readonly #places: Uint8Array

  /** @param keys of CIDs that are in the comparison */
  constructor(comparison: Pick<Comparison, 'places' | 'placeOf'>, keys: Iterable<CidKey>) {
    this.#places = new Uint8Array(comparison.places)
    for (const key of keys) this.#places[comparison.placeOf(key)] = 1
  }

  has(place: number): boolean {
    return this.#places[place] === 1
  }
}
