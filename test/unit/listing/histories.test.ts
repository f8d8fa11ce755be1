import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

const manners: fc.Arbitrary<Manners> = fc.record({
  order: fc.constantFrom('newest-first', 'oldest-first', 'unordered'),
  before: fc.constantFrom('strict', 'inclusive'),
  after: fc.constantFrom('strict', 'inclusive'),
  fractions: fc.constantFrom('honoured', 'truncated'),
  created: fc.constantFrom('new-york-seconds', 'utc-seconds', 'utc-milliseconds'),
  maxLimit: fc.constantFrom(20, 50, 1000),
  aboveMaxLimit: fc.constant('capped'),
  count: fc.constant('all'),
  requestid: fc.constant('opaque'),
  nameless: fc.constantFrom('cid', 'absent'),
  failureReason: fc.constant(filebase.failureReason),
  replaced: fc.constant(200),
})

/** What happens at the service between two runs; numbers choose among what is there. */
const event = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    count: fc.integer({ min: 1, max: 40 }),
    seconds: fc.integer({ min: 40, max: 3000 }),
  }),
  fc.record({ kind: fc.constant('bulk' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('late' as const), age: fc.integer({ min: 1, max: 100_000 }) }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    kind: fc.constant('status' as const),
    at: fc.nat(),
    status: fc.constantFrom('queued', 'pinning', 'pinned', 'failed'),
  }),
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat() }),
)
const run = fc.constantFrom('warm', 'warm', 'warm', 'full', 'killed')
const history = fc.array(fc.record({ events: fc.array(event, { maxLength: 4 }), run }), {
  minLength: 1,
  maxLength: 8,
})

describe('a listing of any history', () => {
  test('agrees with a service of any manner, and proves it', async () => {
    await fc.assert(
      fc.asyncProperty(manners, history, fc.integer(), async (manner, steps, seed) => {
        await using service = await BucketUnderTest.start(manner, seed)
        const { bucket } = service
        const cids = new Cids(seed)
        let now = Date.parse('2024-03-01T00:00:00Z')
        const add = (created: number) => bucket.add({ cid: cids.next(), created: new Date(created) })
        for (const { events, run } of steps) {
          let added = 0
          let removed = 0
          for (const event of events) {
            const rows = bucket.rows()
            const pick = (at: number) => rows[at % rows.length]
            if (event.kind === 'add') {
              for (let n = 0; n < event.count; n++)
                add((now += Math.round((event.seconds * 1000) / event.count)))
            } else if (event.kind === 'bulk') {
              now += 5000
              for (let n = 0; n < event.count; n++) add(now)
            } else if (event.kind === 'late') {
              if (removed > 0) continue
              add(now - event.age * 1000)
              added++
            } else if (rows.length === 0) {
            } else if (event.kind === 'remove') {
              // A late one and a removed one between two runs can hide each other: that is for the audit.
              if (added > 0) continue
              for (const row of new Set([...Array(event.count).keys()].map((n) => pick(event.at + n * 7))))
                bucket.remove(row?.requestid ?? '')
              removed++
            } else if (event.kind === 'status')
              bucket.setStatus(pick(event.at)?.requestid ?? '', event.status)
            else if (added === 0) {
              removed++
              const old = pick(event.at)
              bucket.remove(old?.requestid ?? '')
              bucket.add({ cid: old?.cid ?? '', created: new Date((now += 60_000)) })
            }
          }
          if (run === 'killed') {
            const stop = new AbortController()
            let left = 1 + (Math.abs(seed) % 4)
            service.service.intercept = () => {
              if (left-- === 0) stop.abort(new Error('killed'))
              return undefined
            }
            await service.list({ signal: stop.signal }).catch((error: Error) => {
              if (error.message !== 'killed') throw error
            })
            service.service.intercept = undefined
          }
          const result = await service.list({ full: run === 'full' })
          expect(result.notes.filter((note) => !note.includes('vanished at once'))).toEqual([])
          expect(service.snapshot()).toEqual(service.truth())
          expect(result.complete).toBe(true)
        }
      }),
      {
        numRuns: Number(process.env['HISTORIES'] ?? 500),
        ...(process.env['SEED'] ? { seed: Number(process.env['SEED']) } : {}),
      },
    )
  }, 600_000)
})
