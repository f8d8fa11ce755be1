import { type CidKey, cidV0, cidV1, type PinCid, parseCid } from './cid.ts'
import { CidMarks } from './cid-marks.ts'
import type { Status } from './pin.ts'

/** The empty directory, which every new Kubo repository pins: nobody's content. */
const emptyDirectory = parseCid('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')?.key

const onNode = 1
const pinnedAtService = 2
/** Pinned at the service, or on the way. */
const liveAtService = 4
/** Whether the service has it is not sure. */
const inDoubt = 8
/** The node writes it as CIDv0. */
const asV0 = 16
const flags = 31
const bucketShift = 32

/** A pin of the node, as it shows it. */
export interface NamedPin {
  readonly cid: PinCid
  readonly name: string | null
}

/**
 * Both sides held against each other, CID by CID: at the node, at the service, or both. Buckets are added one after
 * the other, each in one go.
 */
export class Comparison {
  readonly #found = new CidMarks()
  /** By place in `#found`, where there is one. */
  readonly #names: string[] = []
  /** Distinct CIDs of the node's recursive pins. */
  nodePins = 0
  /** Distinct CIDs with a request of any status in any bucket. */
  listed = 0

  addNodePin(key: CidKey, pin: { readonly isV0: boolean; readonly name: string | null }): void {
    const marks = this.#found.get(key)
    if ((marks & onNode) === 0) this.nodePins++
    const place = this.#found.set(key, marks | onNode | (pin.isV0 ? asV0 : 0))
    if (pin.name !== null) this.#names[place] = pin.name
  }

  /**
   * @param bucket its number, from 1
   * @returns whether this is the first request for the CID in this bucket
   */
  addRequest(bucket: number, key: CidKey, status: Status): boolean {
    const marks = this.#found.get(key)
    const lastBucket = Math.floor(marks / bucketShift)
    if (lastBucket === 0) this.listed++
    const live = status === 'pinned' ? pinnedAtService | liveAtService : liveAtService
    this.#found.set(key, bucket * bucketShift + ((marks & flags) | (status === 'failed' ? 0 : live)))
    return lastBucket !== bucket
  }

  /** Notes that the service may have it all the same. */
  doubt(key: CidKey): void {
    this.#found.set(key, this.#found.get(key) | inDoubt)
  }

  isOnNode(key: CidKey): boolean {
    return (this.#found.get(key) & onNode) !== 0
  }

  /** Under which name the node pins it; `null` for none, and where names were not listed. */
  nameOnNode(key: CidKey): string | null {
    return this.#names[this.#found.placeOf(key)] ?? null
  }

  isPinnedAtService(key: CidKey): boolean {
    return (this.#found.get(key) & pinnedAtService) !== 0
  }

  /** Whether some bucket has a request for it that is pinned or on the way. */
  isLiveAtService(key: CidKey): boolean {
    return (this.#found.get(key) & liveAtService) !== 0
  }

  isInDoubt(key: CidKey): boolean {
    return (this.#found.get(key) & inDoubt) !== 0
  }

  /** Whether some bucket has a request for it, of any status. */
  isListed(key: CidKey): boolean {
    return this.#found.get(key) >= bucketShift
  }

  /** The node's pins that no bucket has under any status, but for the one that each node makes by itself. */
  *onlyOnNode(): Generator<CidKey> {
    for (const [key, marks] of this.#found)
      if ((marks & onNode) !== 0 && marks < bucketShift && key !== emptyDirectory) yield key
  }

  /** The node's pins for which no bucket has a request that is pinned or on the way, but for the one of its own. */
  *lackingAtService(): Generator<NamedPin> {
    for (const [key, marks, place] of this.#found) {
      if ((marks & onNode) === 0 || (marks & liveAtService) !== 0 || key === emptyDirectory) continue
      const text = ((marks & asV0) !== 0 ? cidV0(key) : undefined) ?? cidV1(key)
      yield { cid: { key, text }, name: this.#names[place] ?? null }
    }
  }
}
