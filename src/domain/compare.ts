import { type CidKey, cidV0, cidV1, type PinCid } from './cid.ts'
import type { CidMarks } from './cid-marks.ts'
import { emptyDirectory } from './empty-directory.ts'
import { Lacking } from './lacking.ts'
import { type LongWork, paused } from './long-work.ts'
import {
  asV0,
  bucketShift,
  lasting,
  liveAtService,
  liveHere,
  onNode,
  pinnedAtService,
  pinnedHere,
} from './marks.ts'
import type { NodePins } from './node-pins.ts'
import type { Status } from './pin.ts'

/** A request of the snapshot, as comparing sees it. */
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
  /** Bytes of its content; `null` where that is not known. */
  readonly size: number | null
}

/** What comparing learns of one bucket. */
export interface ComparedBucket {
  /** Distinct CIDs with a request of any status. */
  readonly cids: number
  /** How many of those the node has. */
  readonly onNode: number
  /** Distinct CIDs with a request that is pinned here, but for ignored ones that the node lacks. */
  readonly pinned: number
  /** How many of those the node has. */
  readonly pinnedOnNode: number
  /** Distinct CIDs of the node with a request here that is pinned or on the way. */
  readonly liveOnNode: number
  /** Requests that failed at the service, with no other pinned for their CID in any bucket. */
  readonly failedRequests: readonly ListedRequest[]
}

/** A CID that the service has pinned and the node lacks: where the first of its pinned requests stands. */
export interface LackingOnNode {
  readonly key: CidKey
  /** The number of the bucket, from 0. */
  readonly bucket: number
  /** ms since the epoch */
  readonly created: number
  /** The newest name of its requests, where that is not the one of this request. */
  readonly otherName: string | undefined
  /** Bytes of its content; `null` where no request of its tells. */
  readonly size: number | null
}

/** A pin of the node, as it shows it. */
export interface NamedPin {
  readonly cid: PinCid
  readonly name: string | null
}

/**
 * Holds both sides against each other, CID by CID, in one pass.
 * @param pins is used up: the comparison goes on with its memory
 * @param buckets the requests of each, newest first
 * @param ignore what the user does not want synced
 */
export function* compare(
  pins: NodePins,
  buckets: readonly Iterable<ListedRequest>[],
  ignore: Ignored = nothingIgnored,
): LongWork<Comparison> {
  const lacking = new Lacking()
  const total = { listed: 0, pinnedAtService: 0, liveOnNode: 0, ignored: 0 }
  const seen: (Omit<ComparedBucket, 'failedRequests'> & { readonly failed: readonly ListedRequest[] })[] = []
  for (const [bucket, requests] of buckets.entries()) {
    const number = bucket + 1
    const failed: ListedRequest[] = []
    const count = { cids: 0, onNode: 0, pinned: 0, pinnedOnNode: 0, liveOnNode: 0 }
    yield* paused(requests, (request) => {
      const { key, status } = request
      if (key === undefined) return
      const before = pins.marks.get(key)
      const lastBucket = Math.floor(before / bucketShift)
      const known = lastBucket === number ? before % bucketShift : before & lasting
      const isOnNode = (known & onNode) !== 0
      const isPinned = status === 'pinned'
      if (lastBucket === 0) total.listed++
      if (lastBucket !== number) {
        count.cids++
        if (isOnNode) count.onNode++
      }
      const live = liveAtService | liveHere | (isPinned ? pinnedAtService | pinnedHere : 0)
      const place = pins.marks.set(key, number * bucketShift + (known | (status === 'failed' ? 0 : live)))
      if (status === 'failed') {
        failed.push(request)
        return
      }
      if (isOnNode && (known & liveHere) === 0) count.liveOnNode++
      if (isOnNode && (known & liveAtService) === 0) total.liveOnNode++
      if (!isPinned) return
      const isFirst = (known & pinnedAtService) === 0
      const isFirstHere = (known & pinnedHere) === 0
      const isIgnored = !isOnNode && ignore.size > 0 && ignore.has(key)
      if (isFirst) total.pinnedAtService++
      if (isFirst && isIgnored) total.ignored++
      if (isFirstHere && !isIgnored) count.pinned++
      if (isFirstHere && isOnNode) count.pinnedOnNode++
      if (isOnNode) return
      if (isFirst) lacking.add(place, bucket, request)
      else lacking.addMore(place, request)
      if (isFirstHere && !isFirst) lacking.addBucket(place, bucket)
    })
    seen.push({ ...count, failed })
  }
  const isPinned = (key: CidKey) => (pins.marks.get(key) & pinnedAtService) !== 0
  return new Comparison(
    pins,
    lacking,
    total,
    seen.map(({ failed, ...count }) => ({
      ...count,
      failedRequests: failed.filter(({ key }) => key !== undefined && !isPinned(key)),
    })),
  )
}

/** CIDs. */
interface Ignored {
  readonly size: number
  has(key: CidKey): boolean
}

const nothingIgnored: Ignored = new Set()

/** How many distinct CIDs there are, all buckets together. */
interface Totals {
  /** With a request of any status. */
  readonly listed: number
  /** With a request that is pinned. */
  readonly pinnedAtService: number
  /** Of those: ignored ones that the node lacks. */
  readonly ignored: number
  /** Of the node, with a request that is pinned or on the way. */
  readonly liveOnNode: number
}

/** Both sides held against each other: what is only here, only there, or both. Never changed once it is made. */
export class Comparison {
  /** Distinct CIDs of the node's recursive pins. */
  readonly nodePins: number
  readonly totals: Totals
  /** In the order in which they were compared. */
  readonly buckets: readonly ComparedBucket[]
  readonly #marks: CidMarks
  readonly #names: readonly string[]
  readonly #lacking: Lacking

  constructor(pins: NodePins, lacking: Lacking, totals: Totals, buckets: readonly ComparedBucket[]) {
    this.nodePins = pins.size
    this.totals = totals
    this.buckets = buckets
    this.#marks = pins.marks
    this.#names = pins.names
    this.#lacking = lacking
  }

  isOnNode(key: CidKey): boolean {
    return (this.#marks.get(key) & onNode) !== 0
  }

  /** Under which name the node pins it; `null` for none, and where names were not listed. */
  nameOnNode(key: CidKey): string | null {
    return this.#names[this.#marks.placeOf(key)] ?? null
  }

  isPinnedAtService(key: CidKey): boolean {
    return (this.#marks.get(key) & pinnedAtService) !== 0
  }

  /** Whether some bucket has a request for it that is pinned or on the way. */
  isLiveAtService(key: CidKey): boolean {
    return (this.#marks.get(key) & liveAtService) !== 0
  }

  /** Whether some bucket has a request for it, of any status. */
  isListed(key: CidKey): boolean {
    return this.#marks.get(key) >= bucketShift
  }

  /** How many CIDs the service has pinned and the node lacks. */
  get lackingOnNode(): number {
    return this.#lacking.length
  }

  /** One of those, by its number from 0: in the buckets' order, and the newest first in each. */
  lackingAt(number: number): LackingOnNode {
    const { place, ...found } = this.#lacking.at(number)
    return { key: this.#marks.keyOf(place), ...found }
  }

  /** The other buckets that have one of those pinned: of each pair the number from 0, and that of the bucket. */
  lackingElsewhere(): Iterable<readonly [number: number, bucket: number]> {
    return this.#lacking.elsewhere()
  }

  /** Its size alone, for less. */
  lackingSizeAt(number: number): number | null {
    return this.#lacking.sizeAt(number)
  }

  /** The node's pins that no bucket has under any status, but for the one that each node makes by itself. */
  *onlyOnNode(): Generator<CidKey> {
    const own = this.#ownPlace
    for (let place = 0; place < this.#marks.size; place++) {
      const marks = this.#marks.at(place)
      if ((marks & onNode) !== 0 && marks < bucketShift && place !== own) yield this.keyOf(place)
    }
  }

  /** How many those are. */
  get countOnlyOnNode(): number {
    const own = this.#ownPlace
    let count = 0
    for (let place = 0; place < this.#marks.size; place++) {
      const marks = this.#marks.at(place)
      if ((marks & onNode) !== 0 && marks < bucketShift && place !== own) count++
    }
    return count
  }

  /**
   * The places of the node's pins for which no bucket has a request that is pinned or on the way, but for the one of its
   * own.
   */
  *lackingAtService(): Generator<number> {
    const own = this.#ownPlace
    for (let place = 0; place < this.#marks.size; place++) {
      const marks = this.#marks.at(place)
      if ((marks & onNode) !== 0 && (marks & liveAtService) === 0 && place !== own) yield place
    }
  }

  /** Whether what is at a place is pinned on both sides. */
  isOnBoth(place: number): boolean {
    const both = onNode | pinnedAtService
    return (this.#marks.at(place) & both) === both
  }

  /** The number, from 0, of the last bucket that has a request for what is at a place. */
  bucketAt(place: number): number {
    return Math.floor(this.#marks.at(place) / bucketShift) - 1
  }

  /** All places are below this. */
  get places(): number {
    return this.#marks.size
  }

  /** What `keyOf` gives a key for; -1 where neither side has it. */
  placeOf(key: CidKey): number {
    return this.#marks.placeOf(key)
  }

  keyOf(place: number): CidKey {
    return this.#marks.keyOf(place)
  }

  /** Under which name the node pins what is at a place; `null` for none. */
  nameOf(place: number): string | null {
    return this.#names[place] ?? null
  }

  /** Of the pin that each node makes by itself. */
  get #ownPlace(): number {
    return emptyDirectory === undefined ? -1 : this.#marks.placeOf(emptyDirectory)
  }

  /** A pin of the node, as it shows it. */
  pinAt(place: number): NamedPin {
    const key = this.keyOf(place)
    const text = ((this.#marks.at(place) & asV0) !== 0 ? cidV0(key) : undefined) ?? cidV1(key)
    return { cid: { key, text }, name: this.nameOf(place) }
  }
}
