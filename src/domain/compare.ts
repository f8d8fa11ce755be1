import { type CidKey, cidV0, cidV1, type PinCid, parseCid } from './cid.ts'
import { CidMarks } from './cid-marks.ts'
import { Lacking } from './lacking.ts'
import { type LongWork, paused } from './long-work.ts'
import type { Status } from './pin.ts'

/** The empty directory, which every new Kubo repository pins: nobody's content. */
const emptyDirectory = parseCid('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')?.key

/*
 * The marks of a CID. The flags come first; what is above them is the number of the last bucket, from 1, that has a
 * request for it.
 */
const onNode = 1
const pinnedAtService = 2
/** Pinned at the service, or on the way. */
const liveAtService = 4
/** The node writes it as CIDv0. */
const asV0 = 8
const flags = 15
const bucketShift = 16

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

/** The node's recursive pins, as its list brings them: packed, since there may be a million. */
export class NodePins {
  readonly marks = new CidMarks()
  /** By place in `marks`, where there is one. */
  readonly names: string[] = []
  /** Distinct CIDs. */
  size = 0

  add(key: CidKey, pin: { readonly isV0: boolean; readonly name: string | null }): void {
    const known = this.marks.get(key)
    if (known === 0) this.size++
    const place = this.marks.set(key, known | onNode | (pin.isV0 ? asV0 : 0))
    if (pin.name !== null) this.names[place] = pin.name
  }
}

/** What comparing learns of one bucket. */
export interface ComparedBucket {
  /** Distinct CIDs with a request of any status. */
  readonly cids: number
  /** How many of those the node has. */
  readonly onNode: number
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
 */
export function* compare(pins: NodePins, buckets: readonly Iterable<ListedRequest>[]): LongWork<Comparison> {
  const lacking = new Lacking()
  let listed = 0
  let pinnedCids = 0
  const seen: {
    readonly cids: number
    readonly onNode: number
    readonly failed: readonly ListedRequest[]
  }[] = []
  for (const [bucket, requests] of buckets.entries()) {
    const number = bucket + 1
    const failed: ListedRequest[] = []
    let cids = 0
    let both = 0
    yield* paused(requests, (request) => {
      const { key, status } = request
      if (key === undefined) return
      const known = pins.marks.get(key)
      const lastBucket = Math.floor(known / bucketShift)
      if (lastBucket === 0) listed++
      if (lastBucket !== number) {
        cids++
        if ((known & onNode) !== 0) both++
      }
      const live = status === 'pinned' ? pinnedAtService | liveAtService : liveAtService
      const place = pins.marks.set(
        key,
        number * bucketShift + ((known & flags) | (status === 'failed' ? 0 : live)),
      )
      if (status === 'failed') failed.push(request)
      if (status !== 'pinned') return
      const isFirst = (known & pinnedAtService) === 0
      if (isFirst) pinnedCids++
      if ((known & onNode) !== 0) return
      if (isFirst) lacking.add(place, bucket, request)
      else lacking.addMore(place, request)
    })
    seen.push({ cids, onNode: both, failed })
  }
  const isPinned = (key: CidKey) => (pins.marks.get(key) & pinnedAtService) !== 0
  return new Comparison(
    pins,
    lacking,
    { listed, pinnedAtService: pinnedCids },
    seen.map(({ cids, onNode, failed }) => ({
      cids,
      onNode,
      failedRequests: failed.filter(({ key }) => key !== undefined && !isPinned(key)),
    })),
  )
}

/** Both sides held against each other: what is only here, only there, or both. Never changed once it is made. */
export class Comparison {
  /** Distinct CIDs of the node's recursive pins. */
  readonly nodePins: number
  /** Distinct CIDs with a request of any status in any bucket. */
  readonly listed: number
  /** Distinct CIDs with a request that is pinned. */
  readonly pinnedAtService: number
  /** In the order in which they were compared. */
  readonly buckets: readonly ComparedBucket[]
  readonly #marks: CidMarks
  readonly #names: readonly string[]
  readonly #lacking: Lacking

  constructor(
    pins: NodePins,
    lacking: Lacking,
    counts: { readonly listed: number; readonly pinnedAtService: number },
    buckets: readonly ComparedBucket[],
  ) {
    this.nodePins = pins.size
    this.listed = counts.listed
    this.pinnedAtService = counts.pinnedAtService
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
