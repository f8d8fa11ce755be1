import type { PinCid } from '../../domain/cid.ts'
import type { UpdateAgenda } from '../../domain/plan-update.ts'
import { cidsPerQuery } from '../../service/pinning-service.ts'
import type { ListedBucket } from '../../sides/list-service.ts'
import { formsOf, type LookUp, lookUp, lookUpSeveral, takesSeveral } from './look-up.ts'

const mostExamples = 10
/** From so many on, it is worth to find out whether several can be asked for at a time. */
const several = 3

/** The answer to one question for several CIDs. */
type Batch = ReturnType<typeof lookUpSeveral>

interface GoneEdges {
  readonly signal: AbortSignal
  /** Whether one has to be looked for in a bucket too. */
  readonly isNext: (index: number, bucket: number) => boolean
}

/** What is gone by the listings is looked for at the service, several at a time where it was seen to understand that. */
export class GoneLooks {
  readonly #agenda: UpdateAgenda
  readonly #edges: GoneEdges
  /** How many are gone, by bucket. */
  readonly #counts = new Map<number, number>()
  readonly #takeSeveral = new Map<number, Promise<boolean>>()
  /** By bucket: the batches of those whose turns are to come. */
  readonly #batches = new Map<number, Map<number, Batch>>()

  constructor(agenda: UpdateAgenda, edges: GoneEdges) {
    this.#agenda = agenda
    this.#edges = edges
  }

  /** One more is gone from a bucket. */
  count(bucket: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1)
  }

  /** @throws a fault of the whole service, or the signal's reason */
  async lookFor(index: number, cid: PinCid, bucket: ListedBucket): Promise<LookUp> {
    const { client, requests } = bucket
    if ((this.#counts.get(requests.id) ?? 0) >= several && (await this.#takesSeveral(bucket))) {
      const live = await this.#batchOf(index, bucket)
      const request = live?.get(cid.key)
      if (request !== undefined) return { kind: 'found', request }
      if (live !== undefined) return { kind: 'not-there' }
    }
    return lookUp(client, cid, this.#edges.signal)
  }

  /** The batch that has one, made with as many of those that come after it as a question has room for. */
  #batchOf(index: number, { client, requests: { id } }: ListedBucket): Batch {
    const batches = this.#batches.get(id) ?? new Map<number, Batch>()
    this.#batches.set(id, batches)
    const known = batches.get(index)
    if (known !== undefined) {
      batches.delete(index)
      return known
    }
    const others: number[] = []
    const cids: PinCid[] = []
    let room = cidsPerQuery
    for (let next = index; next < this.#agenda.length; next++) {
      if (next !== index && (batches.has(next) || !this.#edges.isNext(next, id))) continue
      const { cid } = this.#agenda.at(next)
      room -= formsOf(cid).length
      if (room < 0) break
      if (next !== index) others.push(next)
      cids.push(cid)
    }
    const batch = lookUpSeveral(client, cids, this.#edges.signal)
    for (const other of others) batches.set(other, batch)
    return batch
  }

  #takesSeveral({ client, requests }: ListedBucket): Promise<boolean> {
    const known =
      this.#takeSeveral.get(requests.id) ??
      takesSeveral(client, requests.overview.examples(mostExamples), this.#edges.signal)
    this.#takeSeveral.set(requests.id, known)
    return known
  }
}
