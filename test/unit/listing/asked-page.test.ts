import { describe, expect, test } from 'vitest'
import { anyLength } from '../../../src/domain/manners.ts'
import { everything, halfSeconds } from '../../../src/domain/windows.ts'
import { askPage } from '../../../src/listing/asked-page.ts'
import { ListingUnderTest, start } from './listing-under-test.ts'

const known = { grid: halfSeconds, honestUpTo: anyLength, pageSize: 20, largestPage: 20 }
const singly = { ...known, asksSingly: true }
/** Ten seconds apart; every third is queued, and three old ones have failed. */
const many = {
  has: Array.from({ length: 90 }, (_, n) => n * 10),
  statuses: (n: number) => (n < 3 ? 'failed' : n % 3 === 0 ? 'queued' : 'pinned'),
} as const

const secondsOf = (requests: readonly { created: number }[]) =>
  requests.map(({ created }) => (created - start) / 1000).sort((a, b) => a - b)

test('all statuses are asked for at once, and what that shows of a filter by several is noted', async () => {
  await using under = await ListingUnderTest.start({ has: [10, 20], known })
  const { listing } = under
  expect(await askPage(listing, { window: everything })).toMatchObject({
    page: { count: 2 },
    order: 'none',
    isWhole: true,
    isOneAnswer: true,
  })
  expect(under.asked()).toEqual(['all 1000 ..'])
  expect(listing.shown).toMatchObject({ isMiddleShown: true, areUnsettledAsked: false })
})

test('an answer to one status tells nothing of a filter by several', async () => {
  await using under = await ListingUnderTest.start({ has: [10, 20], known })
  await askPage(under.listing, { window: everything, statuses: ['pinned'] })
  expect(under.asked()).toEqual(['pinned 1000 ..'])
  expect(under.listing.shown).toMatchObject({ isMiddleShown: false, areUnsettledAsked: false })
})

describe('each status alone', () => {
  test.each([
    ['known to be needed', singly, 'first', 4],
    // The filter, one status to see whether it is the form, the filter again, and each alone, twice.
    ['found out to be', known, 400, 11],
  ] as const)('where it is %s', async (_, manners, severalStatuses, asked) => {
    const service = { severalStatuses }
    await using under = await ListingUnderTest.start({ has: [10, 20], service, known: manners })
    expect(await askPage(under.listing, { window: everything })).toMatchObject({
      page: { count: 2, requests: [{}, {}] },
      isWhole: true,
      isOneAnswer: false,
    })
    expect(under.asked()).toHaveLength(asked)
  })

  test('in one answer where one is asked for', async () => {
    await using under = await ListingUnderTest.start({ has: [10, 20], known: singly })
    const answer = await askPage(under.listing, { window: everything, statuses: ['pinned'] })
    expect(answer).toMatchObject({ isOneAnswer: true })
  })

  /** The newest 20 that are queued are from 300 s on, the newest 20 that are pinned from 610 s on. */
  test('newest first: shown is down to where the first of them was cut', async () => {
    await using under = await ListingUnderTest.start({ ...many, known: singly })
    const { page, ...others } = await askPage(under.listing, { window: everything })
    expect(others).toEqual({ order: 'newest-first', isWhole: false, isOneAnswer: false })
    expect(secondsOf(page.requests)).toEqual(many.has.slice(61))
    expect(page).toMatchObject({ count: 90, shown: 29, isDoubled: false })
  })

  /** The oldest 20 that are queued are up to 600 s, the oldest 20 that are pinned up to 320 s. */
  test('oldest first: up to there', async () => {
    const service = { order: 'oldest-first' as const }
    await using under = await ListingUnderTest.start({ ...many, service, known: singly })
    const { page, ...others } = await askPage(under.listing, { window: everything })
    expect(others).toEqual({ order: 'oldest-first', isWhole: false, isOneAnswer: false })
    expect(secondsOf(page.requests)).toEqual(many.has.slice(0, 33))
  })

  test('in an order each: all that was shown', async () => {
    await using under = await ListingUnderTest.start({ ...many, known: singly })
    under.service.intercept = ({ query }) => {
      under.manners.order = query.get('status') === 'queued' ? 'oldest-first' : 'newest-first'
      return undefined
    }
    const { page, ...others } = await askPage(under.listing, { window: everything })
    expect(others).toEqual({ order: 'none', isWhole: false, isOneAnswer: false })
    expect(page.requests).toHaveLength(43)
  })

  test('one that counts some and shows none says nothing of the order', async () => {
    await using under = await ListingUnderTest.start({ ...many, known: singly })
    under.service.intercept = ({ query }) =>
      query.get('status') === 'pinning' ? { status: 200, body: '{"count":7,"results":[]}' } : undefined
    const { page, ...others } = await askPage(under.listing, { window: everything })
    expect(others).toEqual({ order: 'newest-first', isWhole: false, isOneAnswer: false })
    expect(page.requests).toHaveLength(29)
  })

  test('a request twice is told of', async () => {
    const service = { pages: 'doubled' as const }
    await using under = await ListingUnderTest.start({ ...many, service, known: singly })
    expect((await askPage(under.listing, { window: everything })).page.isDoubled).toBe(true)
  })
})
