import type { CidKey, PinCid } from '../domain/cid.ts'
import { parseCid } from '../domain/cid.ts'
import { hasPassed, hour } from '../domain/moment.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { Wanted } from '../domain/plan-update.ts'
import type { ListedBucket } from '../sides/list-service.ts'
import type { Doubts, Gone, Sent } from '../snapshot/doubts.ts'
import { isOfMoreThanOne } from './failure-of.ts'
import { cidsPerQuery, formsOf, type LookUp, lookUp, lookUpSeveral, takesSeveral } from './look-up.ts'

/** The service has it, though no listing shows it: in the bucket where it was found. */
export interface Found {
  readonly wanted: Wanted
  readonly request: PinRequest
}

/** What became of a CID that the service may have. */
export type Look =
  /** Nobody has it: it may be sent. */
  | { readonly kind: 'free' }
  | ({ readonly kind: 'found' } & Found)
  /** It may be there. `why` no more is known; `null` where it was sent so lately that it may still come to be shown. */
  | { readonly kind: 'in-doubt'; readonly why: string | null }

/** CIDs that are asked for in one question, once one of them is wanted. */
interface Batch {
  readonly cids: readonly PinCid[]
  answer?: ReturnType<typeof lookUpSeveral>
}

const mostExamples = 10
/** After so many looks in a row that told nothing, the rest stays in doubt. */
const mostGaps = 20
/** From so many on, it is worth to find out whether several can be asked for at a time. */
const several = 3

/**
 * Looks at the service for what may be there already: what earlier runs sent and no listing shows, and what has
 * vanished. Only a listing that was proved an hour after a request was sent, and that does not show it, proves that it
 * was not taken in.
 */
export class DoubtLooks {
  readonly #doubts: Doubts
  readonly #buckets: ReadonlyMap<number, ListedBucket>
  readonly #signal: AbortSignal
  readonly #sent: ReadonlyMap<CidKey, readonly Sent[]>
  readonly #gone: ReadonlyMap<CidKey, readonly Gone[]>
  /** By bucket. */
  readonly #batches = new Map<number, ReadonlyMap<CidKey, Batch>>()
  readonly #takeSeveral = new Map<number, Promise<boolean>>()
  readonly #found = new Map<CidKey, Found & { readonly place: Pick<Gone, 'bucket' | 'key'> }>()
  /** Sent, and not found to be free. */
  readonly #open: Set<CidKey>
  #gapsInARow = 0

  /** @param buckets proved complete */
  constructor(
    due: readonly Wanted[],
    { doubts, buckets, signal }: { doubts: Doubts; buckets: readonly ListedBucket[]; signal: AbortSignal },
  ) {
    this.#doubts = doubts
    this.#buckets = new Map(buckets.map((bucket) => [bucket.requests.id, bucket]))
    this.#signal = signal
    const wantedOf = new Map(due.map((wanted) => [wanted.cid.key, wanted]))
    const sent = doubts.sent().filter(({ key }) => wantedOf.has(key))
    const isShown = (note: Sent) => isShownToHaveFailed(note, wantedOf.get(note.key), this.#buckets)
    doubts.settle(sent.filter(isShown))
    this.#sent = Map.groupBy(
      sent.filter((note) => !isShown(note)),
      ({ key }) => key,
    )
    this.#open = new Set(this.#sent.keys())
    const gone = doubts.gone(new Set(wantedOf.keys()))
    this.#gone = Map.groupBy(gone, ({ key }) => key)
    for (const [bucket, ofBucket] of Map.groupBy(gone, (note) => note.bucket)) {
      const cids = ofBucket.flatMap(({ key }) => wantedOf.get(key)?.cid ?? [])
      if (cids.length >= several) this.#batches.set(bucket, batchesOf(cids))
    }
  }

  /** Whether the service has to be asked before this one is sent. */
  isNoted({ cid: { key } }: Wanted): boolean {
    return this.#open.has(key) || this.#gone.has(key)
  }

  /** Whether it was sent before, and may be there for all that is known by now. */
  isOpen({ cid }: Wanted): boolean {
    return this.#open.has(cid.key)
  }

  /** @throws a fault of the whole service, or the signal's reason */
  async lookFor(wanted: Wanted): Promise<Look> {
    if (!this.isNoted(wanted)) return { kind: 'free' }
    if (this.#gapsInARow >= mostGaps)
      return { kind: 'in-doubt', why: 'the service answers no such question in a way that counts' }
    const look = (await this.#lookForSent(wanted)) ?? (await this.#lookForGone(wanted))
    this.#gapsInARow = look?.kind === 'in-doubt' && look.why !== null ? this.#gapsInARow + 1 : 0
    return look ?? { kind: 'free' }
  }

  /** The request that was found, as it is now; `undefined` where that is not known. @throws as `lookFor` */
  async lookAgain({ wanted: { cid } }: Found): Promise<PinRequest | undefined> {
    const found = this.#found.get(cid.key)
    const bucket = this.#buckets.get(found?.place.bucket ?? Number.NaN)
    if (found === undefined || bucket === undefined) return undefined
    const { request } = await this.#get(bucket, found.request.requestid)
    return request !== undefined && parseCid(request.cid)?.key === cid.key ? request : undefined
  }

  /** @returns `undefined` where it is sure that none of what was sent is there */
  async #lookForSent(wanted: Wanted): Promise<Look | undefined> {
    const { key } = wanted.cid
    let look: Look | undefined
    for (const note of this.#sent.get(key) ?? []) {
      const bucket = this.#buckets.get(note.bucket)
      const seen = bucket && (await this.#findSent(bucket, wanted, note))
      if (seen?.kind === 'found') return this.#take(wanted, note, seen.request)
      if (seen?.kind === 'not-known') look = { kind: 'in-doubt', why: seen.why }
      else if (bucket === undefined || !hasPassed(hour, note.at, bucket.listedAt))
        look ??= { kind: 'in-doubt', why: null }
    }
    if (look === undefined) this.#open.delete(key)
    return look
  }

  /** Whatever became of it: one that failed, and is not listed yet, was taken in too. */
  async #findSent(bucket: ListedBucket, { cid }: Wanted, { requestid }: Sent): Promise<LookUp> {
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

  async #lookForGone(wanted: Wanted): Promise<Look | undefined> {
    for (const note of this.#gone.get(wanted.cid.key) ?? []) {
      const bucket = this.#buckets.get(note.bucket)
      if (bucket === undefined) continue
      const seen = await this.#findGone(bucket, wanted.cid)
      if (seen.kind === 'found') return this.#take(wanted, note, seen.request)
      if (seen.kind === 'not-known') return { kind: 'in-doubt', why: seen.why }
      // Kept at once: a run that ends here has not looked in vain.
      this.#doubts.believe(note)
    }
    return undefined
  }

  async #findGone(bucket: ListedBucket, cid: PinCid): Promise<LookUp> {
    const { client, requests } = bucket
    const batch = this.#batches.get(requests.id)?.get(cid.key)
    if (batch !== undefined && (await this.#takesSeveral(bucket))) {
      batch.answer ??= lookUpSeveral(client, batch.cids, this.#signal)
      const live = await batch.answer
      const request = live?.get(cid.key)
      if (request !== undefined) return { kind: 'found', request }
      if (live !== undefined) return { kind: 'not-there' }
    }
    return lookUp(client, cid, this.#signal)
  }

  #takesSeveral({ client, requests }: ListedBucket): Promise<boolean> {
    const known =
      this.#takeSeveral.get(requests.id) ??
      takesSeveral(client, requests.overview.examples(mostExamples), this.#signal)
    this.#takeSeveral.set(requests.id, known)
    return known
  }

  /** It is in doubt for as long as no listing shows it. */
  #take(wanted: Wanted, note: Pick<Gone, 'bucket' | 'key'>, request: PinRequest): Look {
    const bucket = this.#buckets.get(note.bucket)
    if (bucket !== undefined) this.#doubts.renew(note, bucket.client.now)
    const found = { wanted: { ...wanted, bucket: bucket?.name ?? wanted.bucket }, request }
    this.#found.set(note.key, { ...found, place: note })
    return { kind: 'found', ...found }
  }
}

/** As many CIDs in each as a question has room for, in all their forms. */
function batchesOf(cids: readonly PinCid[]): ReadonlyMap<CidKey, Batch> {
  const batches = new Map<CidKey, Batch>()
  let room = 0
  let batch: { cids: PinCid[] } = { cids: [] }
  for (const cid of cids) {
    const { length } = formsOf(cid)
    if (length > room) {
      batch = { cids: [] }
      room = cidsPerQuery
    }
    room -= length
    batch.cids.push(cid)
    batches.set(cid.key, batch)
  }
  return batches
}

/** Whether the listing shows what was sent, as it has a request that failed since. */
function isShownToHaveFailed(
  { bucket, failedCreated }: Sent,
  wanted: Wanted | undefined,
  buckets: ReadonlyMap<number, ListedBucket>,
): boolean {
  const failed = wanted?.failed ?? null
  if (failed === null || buckets.get(bucket)?.name !== wanted?.bucket) return false
  return failedCreated === null || failed.created > failedCreated
}
