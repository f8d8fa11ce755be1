import { expect, test } from 'vitest'
import {
  everything,
  halfSeconds,
  milliseconds,
  type Window,
  wholeSeconds,
} from '../../../src/domain/windows.ts'
import { partsAround, partsOf, reread, rereadAll } from '../../../src/listing/parts.ts'
import { ListingUnderTest, seconds } from './listing-under-test.ts'

/** One a minute. */
const minutes = (count: number) => Array.from({ length: count }, (_, n) => n * 60)

test.each([
  ['a page of the service', { grid: halfSeconds, pageSize: 20 }, 100, [20, 20, 20, 20, 20]],
  ['a tenth less where windows overlap', { grid: milliseconds, pageSize: 20 }, 100, [18, 18, 18, 18, 18, 10]],
  ['the API’s page where the service gives more', { grid: halfSeconds, pageSize: 5000 }, 1500, [1000, 500]],
  ['the API’s page where none was seen', { grid: halfSeconds, pageSize: 0 }, 1500, [1000, 500]],
])('a window is divided into parts of %s', async (_, known, count, expected) => {
  await using under = await ListingUnderTest.start({ has: minutes(count), known })
  await under.know()
  const parts = await partsOf(under.listing, everything)
  expect(parts.map((part) => part.count)).toEqual(expected)
  expect([parts[0]?.window.after, parts.at(-1)?.window.before]).toEqual([null, null])
})

test('of an empty bucket a part is all there is', async () => {
  await using under = await ListingUnderTest.start({})
  expect(await partsOf(under.listing, everything)).toEqual([{ window: everything, count: 0 }])
  expect(under.asked()).toEqual([])
})

test.each<[string, readonly number[], readonly { window: Window; count: number }[]]>([
  ['none', [], []],
  ['one', [120], [{ window: seconds(119.5, 120.5), count: 1 }]],
  [
    'some, in no order',
    [1800, 300, 600],
    [
      { window: seconds(299.5, 1440.5), count: 20 },
      { window: seconds(1440.5, 1800.5), count: 6 },
    ],
  ],
])('the parts around instants: %s', async (_, instants, expected) => {
  const known = { grid: halfSeconds, pageSize: 20 }
  await using under = await ListingUnderTest.start({ has: minutes(100), known })
  await under.know()
  const some = instants.map((second) => seconds(second, null).after ?? 0)
  expect(await partsAround(under.listing, some)).toEqual(expected)
})

test('parts are read again beyond their bounds where the service cuts those', async () => {
  const known = { grid: wholeSeconds, honestUpTo: 1000, pageSize: 20, largestPage: 20 }
  await using under = await ListingUnderTest.start({ has: minutes(9), known })
  await under.know()
  const part = { window: seconds(90, 150), count: 1 }
  await reread(under.listing, [part])
  expect(under.asked()).toEqual(['all 1000 88..150'])
  under.listing.manners.grid = halfSeconds
  await reread(under.listing, [part])
  expect(under.asked()).toEqual(['all 1000 90..150'])
})

test('where all is read again, nothing is left to be read again', async () => {
  const known = { grid: halfSeconds, honestUpTo: 1000, pageSize: 20, largestPage: 20 }
  await using under = await ListingUnderTest.start({ has: minutes(30), known })
  await under.know()
  const { listing } = under
  listing.state.isReadInVain = true
  under.bucket.remove(under.bucket.rows()[7]?.requestid ?? '')
  await rereadAll(listing)
  expect(under.asked()).toEqual(['all 1000 ..1140.5', 'all 1000 1140.5..'])
  expect(listing).toMatchObject({ isRead: true, changes: { added: 0, vanished: 1 } })
  expect(listing.state).toMatchObject({ isReadInVain: false })
})
