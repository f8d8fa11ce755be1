import { expect, test } from 'vitest'
import { anyLength } from '../../../src/domain/manners.ts'
import type { Status } from '../../../src/domain/pin.ts'
import { halfSeconds } from '../../../src/domain/windows.ts'
import { refreshStatuses } from '../../../src/listing/unsettled.ts'
import type { Manners } from '../../sandbox/pinning-service.ts'
import { ListingUnderTest, start } from './listing-under-test.ts'

const known = { grid: halfSeconds, honestUpTo: anyLength, pageSize: 20, largestPage: 20 }

/** A bucket of 100, of which those at these places are queued, and the snapshot knows all. */
async function queued(places: readonly number[], service: Partial<Manners> = {}) {
  const has = Array.from({ length: 100 }, (_, n) => n * 10)
  const statuses = (n: number) => (places.includes(n) ? 'queued' : 'pinned')
  const under = await ListingUnderTest.start({ has, statuses, known, service })
  await under.know()
  const set = (place: number, status: Status) =>
    under.bucket.setStatus(under.bucket.rows()[place]?.requestid ?? '', status)
  const statusOf = (place: number) => {
    const { requestid = '', created = 0 } = rows[place] ?? {}
    return under.listing.requests.statusOf({ requestid, created })
  }
  const rows = under.bucket.rows()
  return { under, rows, set, statusOf, refresh: () => refreshStatuses(under.listing) }
}

test('of an empty bucket nothing is asked', async () => {
  await using under = await ListingUnderTest.start({ known })
  await refreshStatuses(under.listing)
  expect(under.asked()).toEqual([])
})

test('those that are not settled are listed, page by page', async () => {
  const places = Array.from({ length: 25 }, (_, n) => n * 4)
  const { under, set, statusOf, refresh } = await queued(places)
  await using _ = under
  set(0, 'failed')
  set(96, 'pinning')
  await refresh()
  expect(under.asked()).toEqual(['unsettled 1000 ..', 'unsettled 1000 ..200.5'])
  expect([statusOf(0), statusOf(4), statusOf(96)]).toEqual(['failed', 'queued', 'pinning'])
})

test('one that is no more among them is asked for by its requestid: settled, or gone', async () => {
  const { under, rows, set, statusOf, refresh } = await queued([5])
  await using _ = under
  set(5, 'pinned')
  await refresh()
  expect(under.asked()).toEqual(['one by its requestid', 'unsettled 1000 ..'])
  expect(statusOf(5)).toBe('pinned')
  set(5, 'queued')
  await refresh()
  expect(statusOf(5)).toBe('queued')
  under.bucket.remove(rows[5]?.requestid ?? '')
  await refresh()
  expect(under.listing.changes).toMatchObject({ vanished: 1 })
  expect(statusOf(5)).toBeUndefined()
})

test('several are asked for by their CIDs, ten at a time, and what that does not show by its requestid', async () => {
  const places = Array.from({ length: 12 }, (_, n) => n * 8)
  const { under, rows, set, statusOf, refresh } = await queued(places)
  await using _ = under
  for (const place of places) set(place, 'pinned')
  under.bucket.remove(rows[16]?.requestid ?? '')
  await refresh()
  expect(under.asked()).toEqual([
    'all 1000 of 10 ..',
    'all 1000 of 2 ..',
    'one by its requestid',
    'unsettled 1000 ..',
  ])
  expect(places.map(statusOf)).toEqual(places.map((place) => (place === 16 ? undefined : 'pinned')))
  expect(under.listing.changes).toEqual({ added: 0, changed: 11, vanished: 1, returned: 0 })
})

test('many that lie close together are read again where that is cheaper', async () => {
  const places = Array.from({ length: 25 }, (_, n) => n)
  const { under, set, statusOf, refresh } = await queued(places)
  await using _ = under
  for (const place of places) set(place, 'pinned')
  await refresh()
  expect(under.asked()).toEqual(['all 1000 -0.5..190.5', 'all 1000 190.5..240.5', 'unsettled 1000 ..'])
  expect(places.map(statusOf)).toEqual(places.map(() => 'pinned'))
})

test.each([400, 422])(
  'each is asked for by its requestid where the service does not take several CIDs (%i)',
  async (status) => {
    const { under, set, statusOf, refresh } = await queued([5, 50])
    await using _ = under
    for (const place of [5, 50]) set(place, 'pinned')
    under.service.intercept = ({ query }) => (query.has('cid') ? { status, body: '{}' } : undefined)
    await refresh()
    expect(under.asked().filter((one) => one === 'one by its requestid')).toHaveLength(2)
    expect([statusOf(5), statusOf(50)]).toEqual(['pinned', 'pinned'])
  },
)

test.each([
  ['the service breaks', { status: 501, body: '{}' }],
  ['its answer is none', { status: 200, body: '{}' }],
])('where %s, that is an error, and nobody is looked for one by one', async (_, fault) => {
  const { under, set, refresh } = await queued([5, 50])
  await using __ = under
  for (const place of [5, 50]) set(place, 'pinned')
  under.service.intercept = ({ query }) => (query.has('cid') ? fault : undefined)
  await expect(refresh()).rejects.toThrow(/^GET .*cid=/)
  expect(under.asked()).not.toContain('one by its requestid')
})

test('an answer that tells nothing of a request is none: an IPFS Cluster whose Kubo is down', async () => {
  const { under, rows, statusOf, refresh } = await queued([5], { hidden: 'failed-in-year-1' })
  await using _ = under
  under.bucket.hidden = (row) => row === rows[5]
  await refresh()
  expect(statusOf(5)).toBe('queued')
  expect(under.listing.changes).toMatchObject({ added: 0, changed: 0, vanished: 0 })
})

test('what is newer than the newest known one is not taken in', async () => {
  const { under, refresh } = await queued([5])
  await using _ = under
  under.bucket.add({ cid: 'bafkqaaa', created: start + 100_000_000, status: 'queued' })
  await refresh()
  expect(under.listing.changes).toMatchObject({ added: 0 })
})
