import { admission } from './domain/admission.ts'
import type { CidKey, PinCid } from './domain/cid.ts'
import { until } from './until.ts'

/** Why no more pins were begun, or not all. */
export type StoppedBy = 'keep-free' | 'max-bytes'

/** What may be brought. */
interface Expected {
  readonly cid: PinCid
  /** Bytes of its content; `null` where that is not known. */
  readonly size: number | null
}

/** What a pin that has begun brings; it is over once it is disposed of. */
export interface Coming extends Disposable {
  /** So much of it is there. */
  progress(bytes: number): void
  /** So much more came, whatever of it was there before. */
  more(bytes: number): void
  /** Nothing comes: others need not wait for its end. */
  wait(): void
  pinned(): void
}

/**
 * The bytes that a run brings to the node, and whether more may come: see `admission`. Where the node was asked how
 * much room it has, what came since is taken off.
 */
export class Intake {
  /** In this run, as the node tells of its pins, and as gateways gave it. What it had of them before counts too. */
  fetched = 0
  /** CIDs that were held back as larger than the room, and their bytes. */
  readonly tooLarge = { cids: 0, bytes: 0 }
  readonly #maxBytes: number | null
  #room: { readonly bytes: number; readonly fetched: number } | undefined
  #expected = 0
  #closed: StoppedBy | null = null
  /** How much of a CID came in tries before: that counts once. */
  readonly #before = new Map<CidKey, number>()
  #news = Promise.withResolvers<void>()

  /** @param maxBytes to be fetched at most; `null` for no limit */
  constructor(maxBytes: number | null) {
    this.#maxBytes = maxBytes
  }

  /** @param bytes that may come now, before the node has less free than is to be kept */
  see(bytes: number): void {
    this.#room = { bytes, fetched: this.fetched }
    this.#tell()
  }

  /** What may still come before the node has less free than is to be kept; `null` where that is not known. */
  get room(): number | null {
    return this.#room === undefined ? null : this.#room.bytes - (this.fetched - this.#room.fetched)
  }

  /** No more pins are begun. */
  get isClosed(): boolean {
    return this.#closed !== null
  }

  /** All that held pins back. */
  get heldBackBy(): readonly StoppedBy[] {
    const isTooLarge = this.tooLarge.cids > 0 && this.#closed !== 'keep-free'
    return [...(this.#closed === null ? [] : [this.#closed]), ...(isTooLarge ? (['keep-free'] as const) : [])]
  }

  /**
   * Waits until a pin may begin.
   * @returns `undefined` where it may not in this run
   * @throws the signal's reason
   */
  async admit({ cid, size }: Expected, signal: AbortSignal): Promise<Coming | undefined> {
    while (this.#closed === null) {
      const accounts = { fetched: this.fetched, expected: this.#expected, room: this.room }
      const verdict = admission(size, { ...accounts, maxBytes: this.#maxBytes })
      if (verdict === 'begin') return this.#begin(cid.key, size)
      if (verdict === 'wait') await until(signal, () => this.#news.promise)
      else if (verdict === 'too-large') {
        this.tooLarge.cids++
        this.tooLarge.bytes += size ?? 0
        return undefined
      } else {
        this.#closed = verdict
        this.#tell()
      }
    }
    return undefined
  }

  #begin(key: CidKey, size: number | null): Coming {
    const before = this.#before.get(key) ?? 0
    let came = 0
    let reserved = 0
    const reserve = (bytes: number) => {
      this.#expected += bytes - reserved
      const isLess = bytes < reserved
      reserved = bytes
      if (isLess) this.#tell()
    }
    reserve(Math.max(0, (size ?? 0) - before))
    const progress = (bytes: number) => {
      if (!Number.isSafeInteger(bytes) || bytes <= came) return
      this.fetched += Math.max(0, bytes - Math.max(came, before))
      came = bytes
      reserve(Math.max(0, (size ?? 0) - bytes))
    }
    return {
      progress,
      more: (bytes) => {
        this.fetched += bytes
        came += bytes
        reserve(Math.max(0, (size ?? 0) - came))
      },
      wait: () => reserve(0),
      pinned: () => {
        // Before 0.40 Kubo does not tell bytes.
        if (came === 0) progress(size ?? 0)
      },
      [Symbol.dispose]: () => {
        if (came > before) this.#before.set(key, came)
        reserve(0)
      },
    }
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}
