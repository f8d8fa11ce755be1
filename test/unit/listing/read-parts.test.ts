import { describe, expect, test } from 'vitest'
import { anyLength } from '../../../src/domain/manners.ts'
import { everything, halfSeconds } from '../../../src/domain/windows.ts'
import type { ListingProgress } from '../../../src/listing/listing.ts'
import { readParts } from '../../../src/listing/read.ts'
import { ListingUnderTest, seconds } from './listing-under-test.ts'

const known = { grid: halfSeconds, honestUpTo: anyLength, pageSize: 20, largestPage: 20 }
/** Ten seconds apart. */
const apart = (count: number) => Array.from({ length: count }, (_, n) => n * 10)

test('each part is read to its end, and how far that is is told', async () => {
  await using under = await ListingUnderTest.start({ has: apart(100), known })
  const told: ListingProgress[] = []
  const listing = { ...under.listing, onProgress: (progress: ListingProgress) => told.push(progress) }
  await readParts(listing, [{ window: everything, count: 100 }])
  expect(under.asked()).toEqual([
    'all 1000 ..',
    'all 1000 ..230.5',
    'all 1000 ..40.5',
    'all 1000 ..420.5',
    'all 1000 ..610.5',
    'all 1000 ..800.5',
  ])
  // The oldest of a page is read again: its second may hold more.
  expect(told.map(({ read, left }) => [read, left])).toEqual([
    [20, 80],
    [20, 61],
    [20, 42],
    [20, 23],
    [20, 4],
    [5, 0],
  ])
  expect(under.decisions.map(({ what, theirs, ours }) => [what, theirs, ours])).toEqual([
    ...[100, 81, 62, 43, 24].map((count) => ['read', count, 20]),
    ['read', 5, 5],
  ])
  expect(listing.requests.count(everything)).toBe(100)
  expect(listing.changes).toEqual({ added: 100, changed: 0, vanished: 0, returned: 0 })
})

test('what the last answer on its way leaves is read as well', async () => {
  await using under = await ListingUnderTest.start({ has: apart(60), known })
  const parts = [seconds(580.5, null), seconds(null, 580.5)].map((window) => ({ window, count: 30 }))
  await readParts(under.listing, parts)
  expect(under.listing.requests.count(everything)).toBe(60)
  expect(under.listing.state.unread()).toEqual([])
})

test('what is left to read is in the snapshot all the time, with what is unsure', async () => {
  await using under = await ListingUnderTest.start({ has: apart(60), known })
  const { state, unsure } = under.listing
  unsure.add(seconds(1, 2))
  const unread: unknown[] = []
  under.service.intercept = () => {
    unread.push(state.unread())
    return undefined
  }
  await readParts(under.listing, [{ window: everything, count: 60 }])
  expect(unread).toEqual([
    [everything, seconds(1, 2)],
    ...[400.5, 210.5, 20.5].map((before) => [seconds(1, 2), seconds(null, before)]),
  ])
  expect(state.unread()).toEqual([seconds(1, 2)])
  expect(unsure.unkept()).toEqual([])
})

describe('what a page of the API’s length leaves', () => {
  const many = { has: apart(3000), service: { maxLimit: 1000 } }
  const ofPages = { ...known, pageSize: 1000, largestPage: 1000 }

  test('is divided among those who read at the same time', async () => {
    await using under = await ListingUnderTest.start({ ...many, known: ofPages })
    await readParts(under.listing, [{ window: everything, count: 1000 }])
    expect(under.asked()).toEqual([
      'all 1000 ..',
      'all 1000 ..6680.5',
      'all 1000 13340.5..20000.5',
      'all 1000 6680.5..13340.5',
    ])
    expect(under.listing.requests.count(everything)).toBe(3000)
  })

  test('stays one where no count tells how many that are', async () => {
    const service = { ...many.service, count: 'page' as const }
    await using under = await ListingUnderTest.start({
      ...many,
      service,
      known: { ...ofPages, honestUpTo: 0 },
    })
    await readParts(under.listing, [{ window: everything, count: 1000 }])
    expect(
      under
        .asked()
        .filter((one) => one.startsWith('all 1000 '))
        .slice(0, 3),
    ).toEqual(['all 1000 ..', 'all 1000 ..10010.5', 'all 1000 ..20.5'])
    expect(under.listing.requests.count(everything)).toBe(3000)
  })

  test('and others have nothing to do is divided further', async () => {
    await using under = await ListingUnderTest.start({ ...many, known: ofPages })
    const parts = [seconds(null, 20000.5), seconds(20000.5, null)].map((window) => ({ window, count: 1500 }))
    await readParts(under.listing, parts)
    expect(under.listing.requests.count(everything)).toBe(3000)
    expect(under.asked().length).toBeGreaterThan(3)
  })
})

test('where one fails, nothing more is begun, and its error is thrown', async () => {
  await using under = await ListingUnderTest.start({ has: apart(200), known })
  let requests = 0
  under.service.intercept = () => (++requests === 3 ? { status: 403, body: '{}' } : undefined)
  const reading = readParts(under.listing, [{ window: everything, count: 200 }])
  await expect(reading).rejects.toMatchObject({ status: 403 })
  expect(under.asked()).toHaveLength(3)
  expect(under.listing.state.unread()).toEqual([seconds(null, 1610.5)])
})
