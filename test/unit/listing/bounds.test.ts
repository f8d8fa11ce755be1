import { describe, expect, test } from 'vitest'
import {
  everything,
  halfSeconds,
  milliseconds,
  type Window,
  wholeSeconds,
} from '../../../src/domain/windows.ts'
import { checkEdge, gridFor, gridOrCoarse } from '../../../src/listing/manners/bounds.ts'
import { pageOf } from '../../../src/service/answers.ts'
import type { Manners } from '../../sandbox/pinning-service.ts'
import { ListingUnderTest, seconds, start } from './listing-under-test.ts'

const has = [10, 20, 30]
const fractions = [10.123, 20.123, 30.123]
const inMs = { created: 'utc-milliseconds' } as const
const half = ['all 1000 19.5..20.5', 'all 1000 20.5..21.5']
const ms = ['all 1000 20.121..20.125', 'all 1000 20.125..21.125']

describe('which bounds a service honours is found out at one of its requests', () => {
  test.each<[string, readonly number[], Partial<Manners>, object]>([
    ['half seconds', has, {}, { grid: halfSeconds, kept: halfSeconds, asked: half }],
    ['milliseconds', fractions, inMs, { grid: milliseconds, kept: milliseconds, asked: ms }],
    [
      'cut to whole seconds',
      has,
      { fractions: 'truncated' },
      { grid: wholeSeconds, kept: wholeSeconds, asked: ['all 1000 19..21', ...half] },
    ],
    ['overlooked', has, { fractions: 'ignored' }, { grid: wholeSeconds, kept: wholeSeconds, asked: half }],
    [
      'inside only instants of the second of the one',
      [...fractions, 20.9],
      { ...inMs, fractions: 'truncated', before: 'inclusive', after: 'inclusive' },
      { grid: wholeSeconds, kept: wholeSeconds },
    ],
    ['no instant', [], {}, { grid: wholeSeconds, kept: undefined, asked: [] }],
    ['none that would tell', [10.001, 20.998], inMs, { grid: wholeSeconds, kept: undefined, asked: [] }],
    ['the first that tells', [10.002, 20.998], inMs, { grid: milliseconds, kept: milliseconds }],
    ['the last that tells', [10.997, 20.001], inMs, { grid: milliseconds, kept: milliseconds }],
  ])('%s', async (_, created, service, expected) => {
    await using under = await ListingUnderTest.start({ has: created, service })
    await under.know()
    const grid = await gridFor(under.listing)
    const { manners } = under.listing
    expect({ grid, kept: manners.grid, asked: under.asked() }).toMatchObject(expected)
    expect(manners.probe).toBeUndefined()
  })

  test('refused is as good as not honoured', async () => {
    await using under = await ListingUnderTest.start({ has, service: { fractions: 400 } })
    await under.know()
    expect(await gridFor(under.listing)).toBe(wholeSeconds)
    expect(under.listing.manners.grid).toBe(wholeSeconds)
  })

  test('nothing is asked where it is known, nor twice at once', async () => {
    await using under = await ListingUnderTest.start({ has })
    await under.know()
    const { listing } = under
    expect(gridOrCoarse(listing, [start + 20_000])).toBe(wholeSeconds)
    expect(await Promise.all([gridFor(listing), gridFor(listing)])).toEqual([halfSeconds, halfSeconds])
    expect(under.asked()).toEqual(half)
    expect(gridOrCoarse(listing, [])).toBe(halfSeconds)
    await gridFor(listing)
    expect(under.asked()).toEqual([])
  })

  test('by the requests of an answer, where that is asked for', async () => {
    await using under = await ListingUnderTest.start({ has })
    await gridFor(under.listing, [start + 30_000])
    expect(under.asked()).toEqual(['all 1000 29.5..30.5', 'all 1000 30.5..31.5'])
  })

  test('a request that has gone meanwhile tells nothing', async () => {
    await using under = await ListingUnderTest.start({ has })
    await under.know()
    under.bucket.remove(under.bucket.rows()[1]?.requestid ?? '')
    expect(await gridFor(under.listing)).toBe(wholeSeconds)
    expect(under.listing.manners.grid).toBeUndefined()
  })

  test('nor does it where the service was found to keep finer instants meanwhile', async () => {
    await using under = await ListingUnderTest.start({ has, known: { showsFractions: true } })
    await under.know()
    expect(await gridFor(under.listing)).toBe(wholeSeconds)
    expect(under.listing.manners.grid).toBeUndefined()
  })

  test('shown above itself, it is not honoured', async () => {
    await using under = await ListingUnderTest.start({ has })
    await under.know()
    const [, middle] = under.bucket.rows()
    under.service.intercept = ({ query }) => {
      if (!query.get('after')?.includes('20.5')) return undefined
      const row = {
        requestid: middle?.requestid,
        status: 'pinned',
        created: '2023-05-01T00:00:20Z',
        pin: { cid: middle?.cid },
      }
      return { status: 200, body: JSON.stringify({ count: 1, results: [row] }) }
    }
    expect(await gridFor(under.listing)).toBe(wholeSeconds)
    expect(under.listing.manners.grid).toBe(wholeSeconds)
  })

  test('an error is everybody’s who asked, and the next one asks anew', async () => {
    await using under = await ListingUnderTest.start({ has })
    await under.know()
    under.service.intercept = () => ({ status: 401, body: '{}' })
    const both = await Promise.allSettled([gridFor(under.listing), gridFor(under.listing)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    under.service.intercept = () => undefined
    expect(await gridFor(under.listing)).toBe(halfSeconds)
  })
})

describe('a known request that is missing at the upper edge of a window is looked for beyond it', () => {
  const edge = seconds(null, 20.5)
  const around = ['all 1000 19..21']

  async function checked({
    window = edge,
    known = {},
    isGone = false,
    shows = [10],
  }: {
    window?: Window
    known?: object
    isGone?: boolean
    shows?: readonly number[]
  }) {
    await using under = await ListingUnderTest.start({ has, known: { grid: halfSeconds, ...known } })
    await under.know()
    const { listing, bucket } = under
    const rows = bucket.rows()
    if (isGone) bucket.remove(rows.find(({ created }) => created === start + 20_000)?.requestid ?? '')
    const requests = rows
      .filter(({ created }) => shows.includes((created - start) / 1000))
      .map(({ requestid, cid, status, created }) => ({
        ...{ requestid, cid, status, created },
        ...{ name: null, delegates: [], meta: null, failureReason: null, size: null },
      }))
    await checkEdge(listing, window, pageOf({ requests, odd: [], moreOdd: 0 }, requests.length))
    const { grid, looksBeyond } = listing.manners
    return { asked: under.asked(), grid, looksBeyond, isReadInVain: listing.state.isReadInVain }
  }

  const nothing = { asked: [], grid: halfSeconds, looksBeyond: 0, isReadInVain: false }

  test('there, fine bounds are of no use', async () => {
    expect(await checked({})).toEqual({
      asked: around,
      grid: wholeSeconds,
      looksBeyond: 1,
      isReadInVain: true,
    })
  })

  test('another of the same second is none', async () => {
    await using under = await ListingUnderTest.start({ has: [10, 20, 20, 30], known: { grid: halfSeconds } })
    await under.know()
    const [one, shown, gone] = under.bucket.rows()
    under.bucket.remove(gone?.requestid ?? '')
    const requests = [one, shown].map((row) => ({
      ...{ requestid: row?.requestid ?? '', cid: row?.cid ?? '', status: 'pinned' as const },
      ...{
        created: row?.created ?? 0,
        name: null,
        delegates: [],
        meta: null,
        failureReason: null,
        size: null,
      },
    }))
    await checkEdge(under.listing, edge, pageOf({ requests, odd: [], moreOdd: 0 }, 2))
    expect(under.asked()).toEqual(around)
    expect(under.listing.manners.grid).toBe(halfSeconds)
  })

  test('gone, they are', async () => {
    expect(await checked({ isGone: true })).toEqual({ ...nothing, asked: around, looksBeyond: 1 })
  })

  test.each<[string, Parameters<typeof checked>[0], object]>([
    ['where it was shown', { shows: [10, 20] }, {}],
    ['where none is known', { window: seconds(null, 25.5) }, {}],
    ['where it is below the edge’s second', { window: seconds(null, 21.5) }, {}],
    ['where the window ends at a whole second', { window: seconds(null, 20) }, {}],
    ['where it has no end', { window: everything }, {}],
    ['where no bounds are known', { known: { grid: undefined } }, { grid: undefined }],
    ['after two looks', { known: { looksBeyond: 2 } }, { looksBeyond: 2 }],
  ])('it is not looked for %s', async (_, given, expected) => {
    expect(await checked(given)).toEqual({ ...nothing, ...expected })
  })

  test('it is looked for a second time', async () => {
    expect(await checked({ isGone: true, known: { looksBeyond: 1 } })).toMatchObject({ looksBeyond: 2 })
  })
})
