import type { CidKey } from '../../domain/cid.ts'
import type { Followed } from './followed.ts'

/** How many CIDs are kept in sight at most. */
export interface Sight {
  readonly going: number
  readonly hindered: number
}

/**
 * The CIDs that are in the node's hands. Those that wait for a peer in trouble are kept apart, and take no place of those
 * that go on: else one peer would keep from the others what they could do.
 */
export class InHand {
  readonly #most: Sight
  readonly #going = new Map<CidKey, Followed>()
  /** First the one that was looked at longest ago. */
  readonly #hindered = new Map<CidKey, Followed>()

  constructor(most: Sight) {
    this.#most = most
  }

  get size(): number {
    return this.#going.size + this.#hindered.size
  }

  /** So many more may be given to the node. */
  get room(): number {
    return this.#most.going - this.#going.size
  }

  get going(): readonly Followed[] {
    return [...this.#going.values()]
  }

  get hindered(): readonly Followed[] {
    return [...this.#hindered.values()]
  }

  /** Of the hindered, so many that were looked at longest ago. */
  longestUnseen(most: number): readonly Followed[] {
    return this.#hindered.values().take(most).toArray()
  }

  get(key: CidKey): Followed | undefined {
    return this.#going.get(key) ?? this.#hindered.get(key)
  }

  add(one: Followed): void {
    this.#going.set(keyOf(one), one)
  }

  drop(one: Followed): void {
    this.#going.delete(keyOf(one))
    this.#hindered.delete(keyOf(one))
  }

  /**
   * Puts it, if it was not dropped, where it belongs by what was just seen of it.
   * @returns whether it is let go of: it is hindered, and no more of those can be kept in sight
   */
  sort(one: Followed): boolean {
    if (this.get(keyOf(one)) === undefined) return false
    this.drop(one)
    if (one.hindered === undefined) this.add(one)
    else if (this.#hindered.size < this.#most.hindered) this.#hindered.set(keyOf(one), one)
    else return true
    return false
  }
}

function keyOf({ turn }: Followed): CidKey {
  return turn.item.cid.key
}
