import { BadAnswerError, ServiceError } from '../../../src/errors.ts'
import type { ListingResult } from '../../../src/listing/list-bucket.ts'
import { Cids } from '../../sandbox/identity.ts'
import type { PinRow } from '../../sandbox/pinning-service.ts'
import type { BucketUnderTest } from './bucket-under-test.ts'
import type { Event, Step } from './history.ts'

/** What a listing came to, and what the service showed while it was under way: requestids. */
export interface Told {
  /** `undefined` where the run was killed, or shown nothing that is of a Pinning Service API. */
  readonly result: (ListingResult & { readonly asked: number }) | undefined
  /** Whether anything happened meanwhile. */
  readonly isDisturbed: boolean
  readonly shownAlways: ReadonlySet<string>
  readonly shownEver: ReadonlySet<string>
}

/** Lets a history happen to a bucket. */
export class Story {
  readonly #under: BucketUnderTest
  readonly #cids: Cids
  readonly #hidden = new Set<string>()
  #now = Date.parse('2024-03-01T00:00:00Z')

  constructor(under: BucketUnderTest, seed: number) {
    this.#under = under
    this.#cids = new Cids(seed)
  }

  happens(event: Event): void {
    const { bucket } = this.#under
    if (event.kind === 'add') this.#add(event.count, (event.seconds * 1000) / event.count)
    else if (event.kind === 'dense') this.#add(event.count, 300)
    else if (event.kind === 'bulk') this.#inOneSecond(() => this.#add(event.count, 0))
    else if (event.kind === 'late') {
      bucket.add({ cid: this.#cids.next(), created: new Date(this.#now - event.age * 1000) })
    } else if (event.kind === 'unhide') {
      this.#hidden.clear()
      bucket.hidden = undefined
    } else this.#happensTo(event)
  }

  /** A listing, with what happens while it is under way. */
  async list({ during, full, killedAt }: Pick<Step, 'during' | 'full' | 'killedAt'>): Promise<Told> {
    const { service } = this.#under
    // A day after the last: a large drop is confirmed by the next that sees the same.
    this.#under.letDayPass()
    const stop = new AbortController()
    const waiting = [...during]
    const shown = [this.#shown()]
    let asked = 0
    service.intercept = () => {
      asked++
      if (asked === killedAt) stop.abort(new Error('killed'))
      for (let next = waiting[0]; next !== undefined && next.request <= asked; next = waiting[0]) {
        waiting.shift()
        this.happens(next.event)
        shown.push(this.#shown())
      }
      return undefined
    }
    const result = await this.#under.list({ full, signal: stop.signal }).catch((error: Error) => {
      if (error.message !== 'killed' && !this.#isNoService(error)) throw error
      return undefined
    })
    service.intercept = undefined
    const shownEver = new Set(shown.flatMap((ids) => [...ids]))
    const shownAlways = new Set([...shownEver].filter((id) => shown.every((ids) => ids.has(id))))
    return { result, isDisturbed: shown.length > 1, shownAlways, shownEver }
  }

  /** An empty bucket that is a 404, or nothing but odd rows, before anything else was shown. */
  #isNoService(error: Error): boolean {
    const { bucket, manners } = this.#under
    const rows = bucket.rows().filter((row) => bucket.shows(row))
    const isOfThePath = error instanceof ServiceError && error.status === 404
    if (isOfThePath) return manners.emptyList === 404 && this.#under.snapshot().length === 0
    return error instanceof BadAnswerError && rows.every((row) => bucket.odd?.(row) !== undefined)
  }

  #shown(): ReadonlySet<string> {
    const { bucket } = this.#under
    const rows = bucket.rows().filter((row) => bucket.shows(row))
    return new Set(rows.map(({ requestid }) => requestid))
  }

  #happensTo(event: Extract<Event, { readonly at: number }>): void {
    const { bucket } = this.#under
    const chosen = this.#choose(event.at, 'count' in event ? event.count : 1)
    if (event.kind === 'status') {
      for (const { requestid } of chosen) bucket.setStatus(requestid, event.status)
    } else if (event.kind === 'remove') {
      for (const { requestid } of chosen) bucket.remove(requestid)
    } else if (event.kind === 'hide') {
      for (const { requestid } of chosen) this.#hidden.add(requestid)
      bucket.hidden = ({ requestid }) => this.#hidden.has(requestid)
    } else this.#inOneSecond(() => this.#askAgain(chosen, event.kind === 'move'))
  }

  /** Requests for the same CIDs in the place of others: with their requestids, as where these are the CIDs, or new ones. */
  #askAgain(rows: readonly PinRow[], keepsIds: boolean): void {
    const { bucket } = this.#under
    const created = new Date(this.#now)
    for (const { requestid, cid } of rows) {
      bucket.remove(requestid)
      bucket.add(keepsIds ? { cid, requestid, created } : { cid, created })
    }
  }

  /** Apart from each other, so that they lie in several windows. */
  #choose(at: number, count: number): PinRow[] {
    const rows = this.#under.bucket.rows()
    const places = Array.from({ length: Math.min(count, rows.length) }, (_, n) => (at + n * 7) % rows.length)
    return [...new Set(places)].map((place) => rows[place] as PinRow)
  }

  #add(count: number, apart: number): void {
    for (let n = 0; n < count; n++) {
      this.#now += Math.round(apart)
      this.#under.bucket.add({ cid: this.#cids.next(), created: new Date(this.#now) })
    }
  }

  /** With no others near: no second, and no two next to each other, hold more than a page. */
  #inOneSecond(work: () => void): void {
    this.#now += 5000
    work()
    this.#now += 5000
  }
}
