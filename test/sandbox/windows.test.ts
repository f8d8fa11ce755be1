import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Status, statuses } from '../../src/domain/pin.ts'
import { Cids } from './identity.ts'
import { Bucket } from './pinning-service/bucket.ts'
import { filebase, type Manners } from './pinning-service/manners.ts'
import { readQuery } from './pinning-service/query.ts'
import { opaqueIds } from './pinning-service/requestid.ts'
import type { PinRow } from './pinning-service/row.ts'
import { Random } from './random.ts'

const start = Date.parse('2023-01-25T00:00:00Z')
const [cid = ''] = new Cids(1).take(1)

function bucketOf(manners: Manners, rows: readonly { second: number; status: Status }[]): Bucket {
  const bucket = new Bucket('main', {
    manners,
    random: new Random(1),
    nextId: opaqueIds(2),
    settle: undefined,
  })
  bucket.addAll(rows.map(({ second, status }) => ({ cid, status, created: start + second * 1000 })))
  return bucket
}

function ask(bucket: Bucket, manners: Manners, parameters: Record<string, string>) {
  return bucket.page(readQuery(new URLSearchParams(parameters), manners))
}

const seconds = (rows: readonly PinRow[]) => rows.map(({ created }) => (created - start) / 1000)

// Few seconds, so that many rows share one; bounds lie on them, between them and outside.
const someRows = fc.array(
  fc.record({ second: fc.integer({ min: 0, max: 9 }), status: fc.constantFrom(...statuses) }),
  { maxLength: 30, size: 'max' },
)
const someBound = fc.option(
  fc.integer({ min: -2, max: 21 }).map((halves) => halves / 2),
  { nil: undefined },
)
const someManners = fc
  .record({
    order: fc.constantFrom('newest-first', 'oldest-first', 'unordered'),
    before: fc.constantFrom('strict', 'inclusive'),
    after: fc.constantFrom('strict', 'inclusive'),
    fractions: fc.constantFrom('honoured', 'truncated'),
  })
  .map((some): Manners => ({ ...filebase, ...some }))
const someQuery = fc.record({
  before: someBound,
  after: someBound,
  limit: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 7, max: 40 })),
  asked: fc.uniqueArray(fc.constantFrom(...statuses), { minLength: 1 }),
})

describe('a page', () => {
  test('holds what a plain reading of the query says, in the order of the manners', () => {
    fc.assert(
      fc.property(someRows, someManners, someQuery, (rows, manners, { before, after, limit, asked }) => {
        const at = (second: number) => new Date(start + second * 1000).toISOString()
        const bucket = bucketOf(manners, rows)
        const { count, rows: shown } = ask(bucket, manners, {
          limit: String(limit),
          status: asked.join(','),
          ...(before !== undefined && { before: at(before) }),
          ...(after !== undefined && { after: at(after) }),
        })

        const kept = (bound: number) => (manners.fractions === 'honoured' ? bound : Math.floor(bound))
        const isIn = ({ second, status }: { second: number; status: Status }) =>
          asked.includes(status) &&
          (before === undefined ||
            second < kept(before) ||
            (manners.before === 'inclusive' && second === kept(before))) &&
          (after === undefined ||
            second > kept(after) ||
            (manners.after === 'inclusive' && second === kept(after)))
        const expected = rows.filter(isIn).map(({ second }) => second)
        expect(count).toBe(expected.length)
        expect(shown).toHaveLength(Math.min(limit, expected.length))
        expect(new Set(shown).size).toBe(shown.length)
        if (manners.order === 'newest-first')
          expect(seconds(shown)).toEqual(expected.sort((a, b) => b - a).slice(0, limit))
        if (manners.order === 'oldest-first')
          expect(seconds(shown)).toEqual(expected.sort((a, b) => a - b).slice(0, limit))
        if (manners.order === 'unordered')
          for (const second of seconds(shown)) expect(expected).toContain(second)
      }),
    )
  })

  test('shows another part of a window each time where the service does not order its pages', () => {
    const manners: Manners = { ...filebase, order: 'unordered' }
    const bucket = bucketOf(
      manners,
      Array.from({ length: 200 }, (_, second) => ({ second, status: 'pinned' })),
    )
    const [one, two] = [1, 2].map(() => seconds(ask(bucket, manners, { limit: '20' }).rows))
    expect(one).not.toEqual(two)
    expect(one).not.toEqual(one?.toSorted((a, b) => b - a))
  })

  test('shows requests of one second in no order of their requestids', () => {
    const bucket = bucketOf(
      filebase,
      Array.from({ length: 50 }, () => ({ second: 1, status: 'pinned' })),
    )
    const asset = ({ requestid }: PinRow) =>
      Number(Buffer.from(requestid, 'base64url').toString().split('/').at(-1))
    const assets = ask(bucket, filebase, { limit: '50' }).rows.map(asset)
    expect(assets).not.toEqual(assets.toSorted((a, b) => a - b))
    expect(assets).not.toEqual(assets.toSorted((a, b) => b - a))
  })
})

describe('a bucket', () => {
  test('keeps its windows right while requests come, settle and go', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), second: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('set' as const), which: fc.nat(), status: fc.constantFrom(...statuses) }),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60, size: 'max' }), (changes) => {
        const bucket = bucketOf(filebase, [])
        // From now on it keeps an index of CIDs.
        ask(bucket, filebase, { cid })
        const model = new Map<string, { second: number; status: Status }>()
        for (const one of changes) {
          if (one.kind === 'add') {
            const { requestid, status } = bucket.add({ cid, created: start + one.second * 1000 })
            model.set(requestid, { second: one.second, status })
            continue
          }
          const requestid = [...model.keys()][one.which % Math.max(1, model.size)]
          const row = requestid === undefined ? undefined : model.get(requestid)
          if (requestid === undefined || row === undefined) continue
          if (one.kind === 'remove') {
            bucket.remove(requestid)
            model.delete(requestid)
          } else {
            bucket.setStatus(requestid, one.status)
            row.status = one.status
          }
        }
        for (const status of statuses) {
          const expected = [...model.values()]
            .filter((row) => row.status === status)
            .map(({ second }) => second)
          const { count, rows } = ask(bucket, filebase, { status, limit: '1000' })
          expect(count).toBe(expected.length)
          expect(seconds(rows)).toEqual(expected.sort((a, b) => b - a))
          expect(ask(bucket, filebase, { status, cid, limit: '1000' }).count).toBe(expected.length)
        }
      }),
    )
  })
})
