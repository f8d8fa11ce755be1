import { describe, expect, test } from 'vitest'
import { everything, halfSeconds, milliseconds, wholeSeconds } from '../../../src/domain/windows.ts'
import { ask, askForAny, countIn } from '../../../src/listing/ask.ts'
import { ListingUnderTest, seconds } from './listing-under-test.ts'

const has = [10, 20, 30]
const fine = seconds(9.5, 20.5)

describe('bounds finer than a second', () => {
  test.each([
    ['known to be honoured', { grid: halfSeconds }, fine, 'all 1000 9.5..20.5', 2],
    ['not known yet', {}, fine, 'all 1000 9..21', 2],
    ['known to be cut', { grid: wholeSeconds }, fine, 'all 1000 9..21', 2],
    ['no such', { grid: milliseconds }, seconds(9, 21), 'all 1000 9..21', 2],
  ])('that are %s', async (_, known, window, asked, shown) => {
    await using under = await ListingUnderTest.start({ has, known })
    const reply = await ask(under.listing, { window, limit: 1000 })
    expect(under.asked()).toEqual([asked])
    expect(reply.page.requests).toHaveLength(shown)
    expect(reply.asked).toEqual(asked.includes('.5') ? window : seconds(9, 21))
  })

  test.each([400, 422, 'html'] as const)(
    'that were honoured and are answered with %s now are asked for in whole seconds from then on',
    async (fractions) => {
      const known = { grid: halfSeconds }
      await using under = await ListingUnderTest.start({ has, known, service: { fractions } })
      const reply = await ask(under.listing, { window: fine, limit: 1000 })
      expect(reply).toMatchObject({ asked: seconds(9, 21), page: { count: 2 } })
      expect(under.asked()).toEqual([
        'all 1000 9..21',
        'all 1000 9..21',
        'all 1000 9.5..20.5',
        'all 1000 9.5..20.5',
      ])
      expect(under.listing.manners.grid).toBe(wholeSeconds)
    },
  )

  test('that are refused once are asked for again', async () => {
    await using under = await ListingUnderTest.start({ has, known: { grid: halfSeconds } })
    let times = 0
    under.service.intercept = () => (times++ === 0 ? { status: 400, body: '{}' } : undefined)
    const reply = await ask(under.listing, { window: fine, limit: 1000 })
    expect(reply).toMatchObject({ asked: fine, page: { count: 2 } })
    expect(under.asked()).toEqual(['all 1000 9..21', 'all 1000 9.5..20.5', 'all 1000 9.5..20.5'])
    expect(under.listing.manners.grid).toBe(halfSeconds)
  })

  test('an error that tells nothing of bounds is not taken for a refusal', async () => {
    await using under = await ListingUnderTest.start({ has, known: { grid: halfSeconds } })
    under.service.intercept = () => ({ status: 401, body: '{}' })
    await expect(ask(under.listing, { window: fine, limit: 1000 })).rejects.toMatchObject({ status: 401 })
    expect(under.asked()).toHaveLength(1)
    expect(under.listing.manners.grid).toBe(halfSeconds)
  })

  test('what another request found out meanwhile is not asked again', async () => {
    await using under = await ListingUnderTest.start({ has, known: { grid: halfSeconds } })
    const { manners } = under.listing
    under.service.intercept = ({ query }) => {
      if (query.get('after')?.includes('.')) return { status: 400, body: '{}' }
      manners.grid = wholeSeconds
      return undefined
    }
    await ask(under.listing, { window: fine, limit: 1000 })
    expect(under.asked()).toEqual(['all 1000 9..21', 'all 1000 9..21', 'all 1000 9.5..20.5'])
  })
})

test('one request is asked for, and a page where that showed a row that is none', async () => {
  await using under = await ListingUnderTest.start({ has })
  expect(await askForAny(under.listing, { window: everything })).toMatchObject({ requests: [{}] })
  expect(under.asked()).toEqual(['all 1 ..'])
  const [, , newest] = under.bucket.rows()
  under.bucket.odd = (row) => (row === newest ? 'null' : undefined)
  expect(await askForAny(under.listing, { window: everything })).toMatchObject({ requests: [{}, {}] })
  expect(under.asked()).toEqual(['all 1 ..', 'all 1000 ..'])
})

test('what a window holds is counted by a page of one', async () => {
  await using under = await ListingUnderTest.start({ has })
  expect(await countIn(under.listing, seconds(15, null))).toBe(2)
  expect(under.asked()).toEqual(['all 1 15..'])
})
