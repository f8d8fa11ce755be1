import { type PinCid, parseCid } from '../../domain/cid.ts'
import { type LongWork, paused } from '../../domain/long-work.ts'
import { hasPassed, hour } from '../../domain/moment.ts'
import type { PinRequest } from '../../domain/pin.ts'
import type { UpdateAgenda } from '../../domain/plan-update.ts'
import type { ListedBucket } from '../../sides/list-service.ts'
import type { Doubts, Gone, Sent } from '../../snapshot/doubts.ts'
import { isOfMoreThanOne } from '../sending/failure-of.ts'
import type { Turn } from '../sending/turns.ts'
import { GoneLooks } from './gone-looks.ts'
import { type LookUp, lookUp } from './look-up.ts'

/** What became of a CID that the service may have. */
export type Look =
  /** Nobody has it: it may be sent. */
  | { readonly kind: 'free' }
  /** The service has it, though no listing shows it: in the bucket of that name. */
  | { readonly kind: 'found'; readonly bucket: string; readonly request: PinRequest }
  /** It may be there. `why` no more is known; `null` where it was sent so lately that it may still come to be shown. */
  | { readonly kind: 'in-doubt'; readonly why: string | null }

/** After so many looks in a row that told nothing, the rest stays in doubt. */
const mostGaps = 20

/** What is noted of a CID that is due. */
const bits = { sent: 1, gone: 2 }

interface LookEdges {
  readonly doubts: Doubts
  /** Proved complete. */
  readonly buckets: readonly ListedBucket[]
  readonly signal: AbortSignal
}

/**
 * Looks at the service for what may be there already: what earlier runs sent and no listing shows, and what has
 * vanished. Only a listing that was proved an hour after a request was sent, and that does not show it, proves that it
 * was not taken in. A byte is kept for each CID; the rest is read as its turn comes, as a million may be in doubt.
 */
export class DoubtLooks {
  readonly #doubts: Doubts
  readonly #buckets: ReadonlyMap<number, ListedBucket>
  readonly #signal: AbortSignal
  readonly #gone: GoneLooks
  /** By index of the agenda: `sent` until it is found to be free. */
  readonly #notes: Uint8Array
  #gapsInARow = 0

  /** @param due indexes of the agenda */
  static *prepare(agenda: UpdateAgenda, due: Uint32Array, edges: LookEdges): LongWork<DoubtLooks> {
    const looks = new DoubtLooks(agenda, edges)
    yield* looks.#prepare(agenda, due)
    return looks
  }

  private constructor(agenda: UpdateAgenda, { doubts, buckets, signal }: LookEdges) {
    this.#doubts = doubts
    this.#buckets = new Map(buckets.map((bucket) => [bucket.requests.id, bucket]))
    this.#signal = signal
    this.#notes = new Uint8Array(agenda.length)
    this.#gone = new GoneLooks(agenda, {
      signal,
      isNext: (index, bucket) =>
        this.#has(index, bits.gone) &&
        doubts.goneOf(agenda.keyAt(index)).some((note) => note.bucket === bucket),
    })
  }

  *#prepare(agenda: UpdateAgenda, due: Uint32Array): LongWork<void> {
    const isDue = new Uint8Array(agenda.length)
    for (const index of due) isDue[index] = 1
    const shown: Sent[] = []
    yield* paused(this.#doubts.sent(), (note) => {
      const index = agenda.indexOf(note.key)
      if (index === -1 || isDue[index] === 0) return
      if (this.#isShownToHaveFailed(note, agenda, index)) shown.push(note)
      else this.#mark(index, bits.sent)
    })
    yield* this.#doubts.settleAll(shown)
    yield* paused(this.#doubts.gone(), ({ key, bucket }) => {
      const index = agenda.indexOf(key)
      if (index === -1 || isDue[index] === 0) return
      this.#mark(index, bits.gone)
      this.#gone.count(bucket)
    })
  }

  /** Whether the service has to be asked before this one is sent. */
  isNoted(index: number): boolean {
    return this.#notes[index] !== 0
  }

  /** Whether it was sent before, and may be there for all that is known by now. */
  isOpen(index: number): boolean {
    return this.#has(index, bits.sent)
  }

  /** @throws a fault of the whole service, or the signal's reason */
  async lookFor(turn: Turn): Promise<Look> {
    if (!this.isNoted(turn.index)) return { kind: 'free' }
    if (this.#gapsInARow >= mostGaps)
      return { kind: 'in-doubt', why: 'the service answers no such question in a way that counts' }
    const look = (await this.#lookForSent(turn)) ?? (await this.#lookForGone(turn))
    this.#gapsInARow = look?.kind === 'in-doubt' && look.why !== null ? this.#gapsInARow + 1 : 0
    return look ?? { kind: 'free' }
  }

  /** @returns `undefined` where it is sure that none of what was sent is there */
  async #lookForSent({ index, cid }: Turn): Promise<Look | undefined> {
    if (!this.isOpen(index)) return undefined
    let look: Look | undefined
    for (const note of this.#doubts.sentOf(cid.key)) {
      const bucket = this.#buckets.get(note.bucket)
      const seen = bucket && (await this.#findSent(bucket, cid, note))
      if (bucket !== undefined && seen?.kind === 'found') return this.#take(bucket, note, seen.request)
      if (seen?.kind === 'not-known') look = { kind: 'in-doubt', why: seen.why }
      else if (bucket === undefined || !hasPassed(hour, note.at, bucket.listedAt))
        look ??= { kind: 'in-doubt', why: null }
    }
    if (look === undefined) this.#unmark(index, bits.sent)
    return look
  }

  /** Whatever became of it: one that failed, and is not listed yet, was taken in too. */
  async #findSent(bucket: ListedBucket, cid: PinCid, { requestid }: Sent): Promise<LookUp> {
    const { request, gap } = requestid === null ? {} : await this.#get(bucket, requestid)
    if (request !== undefined && parseCid(request.cid)?.key === cid.key) return { kind: 'found', request }
    const seen = await lookUp(bucket.client, cid, this.#signal)
    return seen.kind === 'not-there' && gap !== undefined ? { kind: 'not-known', why: gap } : seen
  }

  async #get(
    { client }: ListedBucket,
    requestid: string,
  ): Promise<{ readonly request?: PinRequest | undefined; readonly gap?: string }> {
    try {
      return { request: await client.get(requestid, this.#signal) }
    } catch (error) {
      if (isOfMoreThanOne(error)) throw error
      return { gap: (error as Error).message }
    }
  }

  async #lookForGone({ index, cid }: Turn): Promise<Look | undefined> {
    if (!this.#has(index, bits.gone)) return undefined
    for (const note of this.#doubts.goneOf(cid.key)) {
      const bucket = this.#buckets.get(note.bucket)
      if (bucket === undefined) continue
      const seen = await this.#gone.lookFor(index, cid, bucket)
      if (seen.kind === 'found') return this.#take(bucket, note, seen.request)
      if (seen.kind === 'not-known') return { kind: 'in-doubt', why: seen.why }
      // Kept at once: a run that ends here has not looked in vain.
      this.#doubts.believe(note)
    }
    this.#unmark(index, bits.gone)
    return undefined
  }

  /** It is in doubt for as long as no listing shows it. */
  #take({ name, client }: ListedBucket, note: Pick<Gone, 'bucket' | 'key'>, request: PinRequest): Look {
    this.#doubts.renew(note, client.now)
    return { kind: 'found', bucket: name, request }
  }

  /** Whether the listing shows what was sent, as it has a request that failed since. */
  #isShownToHaveFailed({ bucket, failedCreated }: Sent, agenda: UpdateAgenda, index: number): boolean {
    const wanted = agenda.at(index)
    if (wanted.failed === null || this.#buckets.get(bucket)?.name !== wanted.bucket) return false
    return failedCreated === null || wanted.failed.created > failedCreated
  }

  #has(index: number, bit: number): boolean {
    return ((this.#notes[index] as number) & bit) !== 0
  }

  #mark(index: number, bit: number): void {
    this.#notes[index] = (this.#notes[index] as number) | bit
  }

  #unmark(index: number, bit: number): void {
    this.#notes[index] = (this.#notes[index] as number) & ~bit
  }
}
