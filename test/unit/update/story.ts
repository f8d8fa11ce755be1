import { expect } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { Cids } from '../../sandbox/identity.ts'
import type { PinRow } from '../../sandbox/pinning-service.ts'
import type { Intercept } from '../../sandbox/server.ts'
import type { UpdateBox } from './box.ts'
import type { Event, Fate, Shown, Step } from './history.ts'

const almostAnHour = 55 * 60_000
const days = 3 * 24 * 3_600_000

/** Lets a history happen to a box, and watches that nothing is bought twice. */
export class UpdateStory {
  readonly #box: UpdateBox
  readonly #cids: Cids
  readonly #pins: string[] = []
  /** What was bought twice. */
  readonly #faults: object[] = []
  /** How much time has passed, ms. */
  #now = 0
  /** By requestid: how it is hidden, and until when. */
  readonly #hidden = new Map<string, { readonly by: Shown | 'unlisted'; readonly until: number }>()

  constructor(box: UpdateBox, seed: number) {
    this.#box = box
    this.#cids = new Cids(seed)
    box.photos.hidden = (row, by) => {
      const hidden = this.#hidden.get(row.requestid)
      if (hidden === undefined || hidden.until <= this.#now) return false
      if (hidden.by === 'within-the-hour' || by === 'list') return true
      return hidden.by === 'late-by-requestid' && by === 'cid'
    }
  }

  begin({ pins, others }: { readonly pins: number; readonly others: number }): void {
    for (let n = 0; n < others; n++) this.#box.photos.add({ cid: this.#cids.next() })
    this.#happens({ kind: 'pin', count: pins })
  }

  async run(step: Step): Promise<void> {
    this.#pass(step.passed)
    for (const event of step.events) this.#happens(event)
    const { service } = this.#box
    const bought = new Set<CidKey>()
    let [asked, posts] = [0, 0]
    const kill = (): 'cut' => {
      this.#box.kill()
      return 'cut'
    }
    service.intercept = (request) => {
      if (!this.#box.isAlive(request)) return 'cut'
      if (++asked === step.killedAt) return kill()
      if (request.method !== 'POST') return undefined
      const nth = posts++
      const fate = step.fates[nth % step.fates.length] as Fate
      const key = parseCid(JSON.parse(request.body).cid)?.key as CidKey
      const isTaken =
        fate === 'answered' || fate === 'killed' || fate === 'another-cid' || fate.startsWith('taken')
      if (isTaken) {
        this.#watch(key, bought)
        this.#hideNext(key, step.shown[nth % step.shown.length] as Shown)
      }
      return this.#answer(fate, kill)
    }
    await this.#box.update({ isManual: step.isManual })
    this.#showUntold()
    expect(this.#faults).toEqual([])
  }

  /** Everything is shown, and nothing goes wrong any more: all that the node has comes to be there. */
  async end(): Promise<void> {
    const { service } = this.#box
    for (let day = 0; day < 3; day++) {
      this.#pass(days)
      this.#happens({ kind: 'settle' })
      const bought = new Set<CidKey>()
      service.intercept = (request) => {
        if (!this.#box.isAlive(request)) return 'cut'
        if (request.method === 'POST')
          this.#watch(parseCid(JSON.parse(request.body).cid)?.key as CidKey, bought)
        return undefined
      }
      await this.#box.update({ isManual: true })
    }
    expect(this.#faults).toEqual([])
    const live = new Set(this.#live().map(({ cid }) => cid))
    expect(this.#pins.filter((cid) => !live.has(cid))).toEqual([])
    expect(live.size, 'one request a CID').toBe(this.#live().length)
  }

  #watch(key: CidKey, bought: Set<CidKey>): void {
    const there = this.#live().filter(({ cid }) => parseCid(cid)?.key === key)
    for (const row of there)
      this.#faults.push({ what: 'bought, and there', row, hidden: this.#hidden.get(row.requestid) })
    if (bought.has(key)) this.#faults.push({ what: 'sent twice in a run' })
    bought.add(key)
  }

  #answer(fate: Fate, kill: () => 'cut'): ReturnType<Intercept> {
    const isDone = true
    switch (fate) {
      case 'answered':
        return undefined
      case 'taken-500':
        return { status: 500, body: '{}', isDone }
      case 'taken-504':
        return { status: 504, body: '<html>', isDone }
      case 'taken-cut':
        return 'truncate'
      case 'lost-500':
        return { status: 500, body: '{}' }
      case 'lost-cut':
        return 'cut'
      case 'refused':
        return {
          status: 403,
          body: JSON.stringify({ error: { reason: 'FORBIDDEN', details: 'not this one' } }),
        }
      case 'another-cid': {
        const pin = { cid: this.#cids.next() }
        const created = new Date().toISOString()
        const body = { requestid: 'other', status: 'queued', created, pin, delegates: [] }
        return { status: 202, body: JSON.stringify(body), isDone }
      }
      case 'killed':
        kill()
        return { status: 500, body: '{}', isDone }
    }
  }

  #live(): PinRow[] {
    return this.#box.photos.rows().filter(({ status }) => status !== 'failed')
  }

  /** The request for a CID that is taken in next is shown in this way. */
  #hideNext(key: CidKey, shown: Shown): void {
    if (shown === 'at-once') return
    const known = new Set(this.#box.photos.rows().map(({ requestid }) => requestid))
    const until = this.#now + (shown === 'within-the-hour' ? almostAnHour : days)
    // It is there once this request has been answered, before any other is.
    setImmediate(() => {
      for (const { requestid, cid } of this.#box.photos.rows())
        if (!known.has(requestid) && parseCid(cid)?.key === key)
          this.#hidden.set(requestid, { by: shown, until })
    })
  }

  /** By its requestid nobody can find what was never told, or not before the run was killed. */
  #showUntold(): void {
    const told = new Set(
      this.#box.db
        .prepare('SELECT requestid FROM sent')
        .all()
        .map((row) => row['requestid']),
    )
    for (const [requestid, { by, until }] of this.#hidden)
      if (by === 'late-by-requestid' && !told.has(requestid))
        this.#hidden.set(requestid, { by: 'late-by-cid', until })
  }

  #pass(ms: number): void {
    this.#now += ms
    this.#box.letPass(ms)
  }

  #happens(event: Event): void {
    const { photos, node } = this.#box
    if (event.kind === 'pin') {
      for (const cid of this.#cids.take(event.count)) {
        this.#pins.push(cid)
        node.pin(cid)
      }
    } else if (event.kind === 'remove') {
      for (const { requestid } of this.#choose(event.at, event.count)) photos.remove(requestid)
    } else if (event.kind === 'unlist') {
      for (const { requestid } of this.#choose(event.at, event.count))
        if (!this.#hidden.has(requestid))
          this.#hidden.set(requestid, { by: 'unlisted', until: this.#now + days })
    } else if (event.kind === 'list-all') {
      for (const [id, { by }] of this.#hidden) if (by === 'unlisted') this.#hidden.delete(id)
    } else if (event.kind === 'fail') {
      for (const { requestid } of this.#choose(event.at, 1)) photos.setStatus(requestid, 'failed', 'in vain')
    } else
      for (const { requestid, status } of photos.rows())
        if (status === 'queued') photos.setStatus(requestid, 'pinned')
  }

  #choose(at: number, count: number): PinRow[] {
    const rows = this.#box.photos.rows()
    const places = Array.from({ length: Math.min(count, rows.length) }, (_, n) => (at + n) % rows.length)
    return [...new Set(places)].map((place) => rows[place] as PinRow)
  }
}
