import type { CidKey } from '../domain/cid.ts'
import type { Comparison } from '../domain/compare.ts'
import type { KnownFailures } from '../domain/known-failures.ts'
import { addReason } from '../domain/reasons/counts.ts'
import type { Day } from '../domain/verifying.ts'
import { NodeError } from '../errors.ts'
import type { Node } from '../node/node.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import type { Readings } from '../snapshot/readings.ts'
import type { Verified } from '../snapshot/verified.ts'
import { verifiedLine } from '../text/lines/verifying.ts'
import type { Log } from '../text/log.ts'
import type { Fault } from './faults.ts'
import type { Item } from './sources.ts'

interface Keeping {
  readonly verified: Verified
  readonly readings: Readings
  readonly ledger: Ledger
  /** What was broken before. */
  readonly failures: KnownFailures
  readonly node: Node
  readonly comparison: Comparison
  /** The names of the buckets, by their numbers in the snapshot. */
  readonly buckets: ReadonlyMap<number, string>
  readonly today: Day
  /** Aborted when the run is cancelled. */
  readonly cancelled: AbortSignal
  readonly log: Log
}

/** What reading came to: see `VerifyReport`. */
export interface Counts {
  checked: number
  whole: number
  mended: number
  missing: number
  corrupt: number
  unread: number
  bytes: number
  fetched: number
}

export function nothingRead(): Counts {
  return { checked: 0, whole: 0, mended: 0, missing: 0, corrupt: 0, unread: 0, bytes: 0, fetched: 0 }
}

/** Keeps what reading came to, at once: a run that is killed loses only what it was reading. */
export class Results {
  readonly counts = nothingRead()
  /** Why the node did not come to the end of the last one that it did not come to the end of. */
  lastUnread: NodeError | null = null
  readonly #keeping: Keeping
  readonly #failed = new Set<CidKey>()
  readonly #fetched = new Set<CidKey>()
  readonly #reasons: Parameters<typeof addReason>[0] = new Map()

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  /** The name of the bucket that it is counted with. */
  bucketOf({ pin }: Item): string {
    return this.#keeping.buckets.get(pin.bucket) as string
  }

  /** A pin, or a part of it, was found whole. */
  whole({ pin, cid, since, wasFetched }: Item, bytes: number): void {
    const { verified, readings, ledger, failures, today } = this.#keeping
    const { counts } = this
    if (wasFetched) this.#fetched.add(pin.key)
    const size = since === undefined ? bytes : readings.notePart(pin, cid.key, bytes)
    if (size === undefined) return
    // Its row is the last to be changed: what was done by half is then done again.
    if (failures.has(pin.key) || this.#failed.has(pin.key)) ledger.forget('verify', [pin.key], 'done')
    if (since !== undefined) readings.end(pin)
    verified.noteWhole(pin, since ?? today, size)
    counts.checked++
    counts.whole++
    if (this.#fetched.has(pin.key)) counts.mended++
  }

  /** Its reading was cut short after so much that it goes on in parts, in later runs. */
  cut({ pin, cid, since }: Item): void {
    const { readings, today } = this.#keeping
    if (since === undefined) readings.begin(pin, today)
    else readings.makeLong(pin, cid.key)
  }

  /** The node did not come to its end. */
  unread(error: NodeError): void {
    this.counts.unread++
    this.lastUnread = error
  }

  /** What it came to, as a line for the log. */
  get line(): string {
    return verifiedLine(this.counts, this.#reasons)
  }

  async failed(item: Item, fault: Fault): Promise<void> {
    const { pin, since } = item
    const { verified, readings, ledger, comparison, log } = this.#keeping
    const { cid } = comparison.pinAt(comparison.placeOf(pin.key))
    const name = await this.#nameOf(cid)
    // Somebody has unpinned it meanwhile.
    if (name === undefined) return
    if (since !== undefined) readings.end(pin)
    verified.noteBroken(pin)
    this.#failed.add(pin.key)
    ledger.record('verify', { cid, name, bucket: this.bucketOf(item), ...fault }, Date.now())
    if (fault.class !== 'unread') this.counts.checked++
    if (fault.class === 'missing-block') this.counts.missing++
    else if (fault.class === 'corrupt-block') this.counts.corrupt++
    addReason(this.#reasons, fault)
    log.debug(() => `${cid.text}: not whole: ${fault.reason}`)
  }

  /** As it is pinned, `null` where it has none or that is not known; `undefined` for what is not pinned any more. */
  async #nameOf(cid: Item['cid']): Promise<string | null | undefined> {
    const { node, cancelled } = this.#keeping
    try {
      const { type, name } = await node.howPinned(cid, cancelled)
      return type === 'recursive' || type === 'unknown' ? name : undefined
    } catch (error) {
      if (cancelled.aborted || error instanceof NodeError) return null
      throw error
    }
  }
}
