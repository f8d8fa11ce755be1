import type { CidKey } from './cid.ts'
import { CidMarks } from './cid-marks.ts'

const onNode = 1
const pinnedAtService = 2
const bucketShift = 4

/**
 * Both sides held against each other, CID by CID: at the node, at the service, or both. Buckets are added one after
 * the other, each in one go.
 */
export class Comparison {
  readonly #found = new CidMarks()
  /** Distinct CIDs of the node's recursive pins. */
  nodePins = 0
  /** Distinct CIDs with a request of any status in any bucket. */
  listed = 0

  addNodePin(key: CidKey): void {
    const marks = this.#found.get(key)
    if ((marks & onNode) === 0) this.nodePins++
    this.#found.set(key, marks | onNode)
  }

  /**
   * @param bucket its number, from 1
   * @returns whether this is the first request for the CID in this bucket
   */
  addRequest(bucket: number, key: CidKey, isPinned: boolean): boolean {
    const marks = this.#found.get(key)
    const lastBucket = Math.floor(marks / bucketShift)
    if (lastBucket === 0) this.listed++
    this.#found.set(
      key,
      bucket * bucketShift + (marks & onNode) + (isPinned ? pinnedAtService : marks & pinnedAtService),
    )
    return lastBucket !== bucket
  }

  isOnNode(key: CidKey): boolean {
    return (this.#found.get(key) & onNode) !== 0
  }

  isPinnedAtService(key: CidKey): boolean {
    return (this.#found.get(key) & pinnedAtService) !== 0
  }

  /** Whether some bucket has a request for it, of any status. */
  isListed(key: CidKey): boolean {
    return this.#found.get(key) >= bucketShift
  }

  /** The node's pins that no bucket has under any status. */
  *onlyOnNode(): Generator<CidKey> {
    for (const [key, marks] of this.#found) if (marks === onNode) yield key
  }
}
