import { expect, test } from 'vitest'
import { bucketLines, windowLine } from '../../../../src/text/lines/listing.ts'

const quiet = { changes: { added: 0, removed: 0, changed: 0 }, isProved: true, asked: 3 }

test('a bucket has a line when something in it is new', () => {
  const lines = bucketLines([
    { ...quiet, name: 'photos', requests: 1_000 },
    { ...quiet, name: 'kleros', requests: 2_414, changes: { added: 14, removed: 3, changed: 1 } },
    { ...quiet, name: 'videos', requests: 500 },
    { ...quiet, name: 'first', requests: 60, changes: { added: 60, removed: 0, changed: 0 } },
    { ...quiet, name: 'odd', requests: 7, isProved: false },
    { ...quiet, name: 'gone', requests: 9, changes: null, isProved: false, asked: 1 },
  ])
  expect(lines).toEqual([
    'kleros: 14 new, 3 gone, 1 changed, 2,414 requests',
    'first: 60 requests, all new',
    'odd: not proved complete, 7 requests',
    'gone: not listed, it broke off after 1 request to the service',
    'The other 2 buckets: nothing new, 1,500 requests',
  ])
})

test.each([
  [1, 'photos: nothing new, 1,000 requests'],
  [11, 'All 11 buckets: nothing new, 11,000 requests'],
])('%i buckets without news are one line', (length, line) => {
  expect(bucketLines(Array(length).fill({ ...quiet, name: 'photos', requests: 1_000 }))).toEqual([line])
})

test.each([
  [{ after: null, before: null }, 'all time'],
  [{ after: Date.UTC(2026), before: null }, 'after 2026-01-01T00:00:00.000Z'],
  [{ after: null, before: Date.UTC(2026) }, 'before 2026-01-01T00:00:00.000Z'],
  [{ after: Date.UTC(2026), before: 1e99 }, '2026-01-01T00:00:00.000Z to 1e+99'],
])('a window is told by its bounds: %j', (window, told) => {
  expect(windowLine({ bucket: 'photos', window, what: 'differs', theirs: 1_003, ours: 1_000 })).toBe(
    `photos, ${told}: 1,003 there, 1,000 here: looked into`,
  )
})
