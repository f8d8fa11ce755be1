import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Status, statuses } from '../../../src/domain/pin.ts'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

/** How many histories are tried. */
const histories = 500

const manners: fc.Arbitrary<Manners> = fc
  .record({
    order: fc.constantFrom<Manners['order']>('newest-first', 'oldest-first', 'unordered'),
    before: fc.constantFrom('strict', 'inclusive'),
    after: fc.constantFrom('strict', 'inclusive'),
    fractions: fc.constantFrom('honoured', 'truncated'),
    created: fc.constantFrom('new-york-seconds', 'utc-seconds', 'utc-milliseconds', 'hidden-milliseconds'),
    maxLimit: fc.constantFrom(20, 50, 1000),
    nameless: fc.constantFrom('cid', 'absent'),
  })
  .map((varied) => ({ ...filebase, ...varied }))

/** What happens at the service between two runs; `at` chooses among the requests that are there. */
type Event =
  | { kind: 'add'; count: number; seconds: number }
  | { kind: 'bulk'; count: number }
  | { kind: 'dense'; count: number }
  | { kind: 'late'; age: number }
  | { kind: 'remove'; at: number; count: number }
  | { kind: 'status'; at: number; status: Status }
  | { kind: 'replace'; at: number }

const kind = <const Kind extends string>(name: Kind) => fc.constant(name)
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: kind('add'),
    count: fc.integer({ min: 1, max: 40 }),
    seconds: fc.integer({ min: 40, max: 3000 }),
  }),
  fc.record({ kind: kind('bulk'), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: kind('dense'), count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: kind('late'), age: fc.integer({ min: 1, max: 100_000 }) }),
  fc.record({ kind: kind('remove'), at: fc.nat(), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: kind('status'), at: fc.nat(), status: fc.constantFrom(...statuses) }),
  fc.record({ kind: kind('replace'), at: fc.nat() }),
)

const isLoss = ({ kind }: Event) => kind === 'remove' || kind === 'replace'

/** A late request and a lost one between the same two runs can hide each other: that is for the audit. */
function withoutHiding(events: readonly Event[]): Event[] {
  return events.some(isLoss) ? events.filter(({ kind }) => kind !== 'late') : [...events]
}

const step = fc.record({
  events: fc.array(event, { maxLength: 4 }).map(withoutHiding),
  run: fc.constantFrom('warm', 'warm', 'warm', 'full', 'killed'),
  killedAfter: fc.integer({ min: 1, max: 5 }),
})

class Story {
  readonly #under: BucketUnderTest
  readonly #cids: Cids
  #now = Date.parse('2024-03-01T00:00:00Z')

  constructor(under: BucketUnderTest, seed: number) {
    this.#under = under
    this.#cids = new Cids(seed)
  }

  happens(event: Event): void {
    const { bucket } = this.#under
    const rows = bucket.rows()
    const pick = (at: number) => rows[at % rows.length]
    if (event.kind === 'add') this.#add(event.count, (event.seconds * 1000) / event.count)
    else if (event.kind === 'dense') this.#add(event.count, 300)
    else if (event.kind === 'bulk') {
      this.#now += 5000
      this.#add(event.count, 0)
    } else if (event.kind === 'late') {
      bucket.add({ cid: this.#cids.next(), created: new Date(this.#now - event.age * 1000) })
    } else if (rows.length === 0) return
    else if (event.kind === 'status') bucket.setStatus(pick(event.at)?.requestid ?? '', event.status)
    else if (event.kind === 'remove') {
      for (let n = 0; n < event.count; n++) bucket.remove(pick(event.at + n * 7)?.requestid ?? '')
    } else {
      const old = pick(event.at)
      bucket.remove(old?.requestid ?? '')
      this.#now += 60_000
      bucket.add({ cid: old?.cid ?? '', created: new Date(this.#now) })
    }
  }

  /** A listing that is ended after some requests. */
  async killed(after: number): Promise<void> {
    const { service } = this.#under
    const stop = new AbortController()
    const last = service.requests.length + after
    service.intercept = () => {
      if (service.requests.length >= last) stop.abort(new Error('killed'))
      return undefined
    }
    await this.#under.list({ signal: stop.signal }).catch((error: Error) => {
      if (error.message !== 'killed') throw error
    })
    service.intercept = undefined
  }

  #add(count: number, apart: number): void {
    for (let n = 0; n < count; n++) {
      this.#now += Math.round(apart)
      this.#under.bucket.add({ cid: this.#cids.next(), created: new Date(this.#now) })
    }
  }
}

test('after any history, a listing agrees with a service of any manner, and proves it', async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(manners, steps, fc.integer(), async (manner, story, seed) => {
      await using under = await BucketUnderTest.start(manner, seed)
      const teller = new Story(under, seed)
      for (const { events, run, killedAfter } of story) {
        for (const event of events) teller.happens(event)
        if (run === 'killed') await teller.killed(killedAfter)
        const result = await under.list({ full: run === 'full' })
        expect(under.snapshot()).toEqual(under.truth())
        expect(result.complete, result.notes.join()).toBe(true)
      }
    }),
    { numRuns: histories },
  )
}, 300_000)
