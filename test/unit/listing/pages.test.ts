import { describe, expect, test } from 'vitest'
import { anyLength, type Manners as Known } from '../../../src/domain/manners.ts'
import type { Status } from '../../../src/domain/pin.ts'
import {
  everything,
  halfSeconds,
  milliseconds,
  type Window,
  wholeSeconds,
} from '../../../src/domain/windows.ts'
import { askWindow } from '../../../src/listing/pages.ts'
import type { Manners } from '../../sandbox/pinning-service.ts'
import { ListingUnderTest, seconds } from './listing-under-test.ts'

/** Ten seconds apart. */
const apart = (count: number) => Array.from({ length: count }, (_, n) => n * 10)
const usual = { grid: halfSeconds, honestUpTo: anyLength, pageSize: 20, largestPage: 20, hasShown: true }

interface Case {
  readonly has?: readonly number[]
  readonly service?: Partial<Manners>
  readonly known?: Partial<Known>
  readonly window?: Window
  readonly only?: readonly Status[]
}

async function answered(given: Case, prepare: (under: ListingUnderTest) => void | Promise<void> = () => {}) {
  await using under = await ListingUnderTest.start({ ...given, known: { ...usual, ...given.known } })
  await prepare(under)
  const { page, shown, rest } = await askWindow(under.listing, given.window ?? everything, given.only)
  const { gaps, unsure, odd } = under.listing
  return {
    ...{ length: page.requests.length, shown, rest, gaps: [...gaps], unsure: unsure.all(), odd: odd.size },
    asked: under.asked(),
  }
}

const fine = { gaps: [], unsure: [], odd: 0 }

test.each<[string, Case, object]>([
  ['all there is', {}, { shown: { window: everything, grid: halfSeconds, isOneAnswer: true } }],
  [
    'a part of it',
    { window: seconds(25.5, null) },
    { length: 3, shown: { window: seconds(25.5, null), grid: halfSeconds, isOneAnswer: true } },
  ],
  [
    'what is known of no bounds',
    { known: { grid: undefined } },
    { shown: { window: everything, grid: wholeSeconds, isOneAnswer: true } },
  ],
  [
    'some statuses',
    { only: ['queued', 'pinned'] },
    { shown: { window: everything, grid: halfSeconds, isOneAnswer: true } },
  ],
  [
    'each status alone',
    { known: { asksSingly: true } },
    { shown: { window: everything, grid: halfSeconds, isOneAnswer: false } },
  ],
])('an answer that holds all of a window: %s', async (_, given, expected) => {
  expect(await answered({ has: apart(6), ...given })).toMatchObject({
    ...fine,
    length: 6,
    rest: [],
    ...expected,
  })
})

describe('an answer that was cut', () => {
  test.each<[string, Case, object]>([
    [
      'newest first leaves what is older',
      { has: apart(30) },
      { shown: seconds(99.501, null), rest: [seconds(null, 100.5)] },
    ],
    [
      'oldest first leaves what is newer',
      { has: apart(30), service: { order: 'oldest-first' } },
      { shown: seconds(null, 190.499), rest: [seconds(189.5, null)] },
    ],
    [
      'of a window leaves the part of it',
      { has: apart(40), window: seconds(50.5, 300.5) },
      { shown: seconds(109.501, 300.5), rest: [seconds(50.5, 110.5)] },
    ],
  ])('%s', async (_, given, { shown, rest }: { shown?: Window; rest?: readonly Window[] }) => {
    const expected = { shown: { window: shown, grid: halfSeconds, isOneAnswer: true }, rest }
    expect(await answered(given)).toMatchObject({ ...fine, length: 20, ...expected })
  })

  test.each([
    [30, 2],
    [31, 3],
    [100, 7],
  ])('in no order leaves all of it, of %i requests in %i pieces', async (count, pieces) => {
    const { shown, rest, ...others } = await answered({ has: apart(count), service: { order: 'unordered' } })
    expect(others).toMatchObject(fine)
    expect({ shown, pieces: rest.length }).toEqual({ shown: null, pieces })
    expect([rest[0]?.after, rest.at(-1)?.before]).toEqual([null, null])
  })

  test('with a request twice shows nothing whole, and what is around it is unsure', async () => {
    const { shown, rest, gaps, unsure } = await answered({ has: apart(30), service: { pages: 'doubled' } })
    expect({ shown, rest, gaps, unsure }).toEqual({
      shown: null,
      rest: [seconds(null, 110.5)],
      gaps: ['the bucket is shown with a request twice, and another may be missing'],
      unsure: [seconds(109.501, null)],
    })
  })
})

test('an answer in no order with a request twice tells of no stretch that it showed', async () => {
  const given = { has: apart(30), service: { pages: 'doubled', order: 'unordered' } as const }
  expect(await answered(given)).toMatchObject({ shown: null, gaps: [expect.any(String)], unsure: [] })
})

describe('a known request that an answer does not show at the upper edge', () => {
  const known = { has: apart(30), window: seconds(null, 200.5) }
  /** The one at 200 s has gone. */
  const gone = async (under: ListingUnderTest) => {
    await under.know()
    under.bucket.remove(under.bucket.rows()[20]?.requestid ?? '')
  }
  const look = 'all 1000 199..201'

  test.each<[string, Case, boolean]>([
    ['of an answer that holds all is looked for', { window: seconds(100.5, 200.5) }, true],
    ['of one of some statuses is not', { window: seconds(100.5, 200.5), only: ['pinned', 'queued'] }, false],
    ['of one that was cut is', { service: { maxLimit: 10 } }, true],
    [
      'of one that was cut, of some statuses, is not',
      { service: { maxLimit: 10 }, only: ['pinned', 'queued'] },
      false,
    ],
    ['of one that was cut below it is not', { service: { maxLimit: 10, order: 'oldest-first' } }, false],
  ])('%s', async (_, given, isLookedFor) => {
    const { asked } = await answered({ ...known, ...given }, gone)
    expect(asked.includes(look)).toBe(isLookedFor)
  })
})

describe('an answer without a request', () => {
  const none: Case = { has: [], service: { count: 7 } }

  test.each<[string, Window, string]>([
    ['of all there is', everything, 'the bucket'],
    ['of the newest', seconds(10, null), 'the time from 2023-05-01T00:00:10.000Z to now'],
    ['of the oldest', seconds(null, 10), 'the time from the first request to 2023-05-01T00:00:10.000Z'],
    ['of a part', seconds(1, 2), 'the time from 2023-05-01T00:00:01.000Z to 2023-05-01T00:00:02.000Z'],
  ])('that counts some is a gap: %s', async (_, window, what) => {
    expect(await answered({ ...none, window })).toMatchObject({
      shown: null,
      rest: [],
      gaps: [`${what} holds 7 requests, and the service shows none of them`],
      unsure: [window],
    })
  })

  test('but with rows that are none is told by those', async () => {
    const answer = await answered({ has: apart(30) }, ({ bucket }) => {
      bucket.odd = () => 'null'
    })
    expect(answer).toMatchObject({ shown: null, rest: [], gaps: [], unsure: [everything] })
  })
})

describe('a second that holds more than a page', () => {
  const has = Array.from({ length: 30 }, (_, n) => 50 + n / 1000)
  const window = seconds(49.5, 50.5)
  const asked = ['all 1000 49.5..50.5', 'all 10000 49.5..50.5']
  const gap = (what: string) => ({
    shown: null,
    rest: [],
    gaps: [`the time from 2023-05-01T00:00:49.500Z to 2023-05-01T00:00:50.500Z ${what}`],
  })

  /** Gives more to who asks for more than the API's most. */
  const givesMore = (most: number) => (under: ListingUnderTest) => {
    under.service.intercept = ({ query }) => {
      if (query.get('limit') === '10000') Object.assign(under.manners, { maxLimit: most })
      return undefined
    }
  }

  test.each(['capped', 'refused'] as const)('is a gap where more than that is %s', async (aboveMaxLimit) => {
    const many = Array.from({ length: 1030 }, (_, n) => 50 + (n % 1000) / 1000)
    const answer = await answered({ has: many, window, service: { aboveMaxLimit, maxLimit: 1000 } })
    expect(answer).toMatchObject({
      ...gap('holds 1030 requests, and the service gives at most 1000 of them'),
      length: 1000,
      unsure: [window],
    })
    expect(answer.asked).toEqual(expect.arrayContaining(asked))
  })

  test('is read whole from a service that gives more', async () => {
    expect(await answered({ has, window }, givesMore(30))).toMatchObject({
      ...fine,
      length: 30,
      shown: { window, grid: halfSeconds, isOneAnswer: true },
      rest: [],
      asked,
    })
  })

  test('is a gap where that is not enough', async () => {
    expect(await answered({ has, window }, givesMore(29))).toMatchObject({
      ...gap('holds 30 requests, and the service gives at most 29 of them'),
      length: 29,
      unsure: [window],
    })
  })

  test('may hold more than is given where no count tells, and is read in each run anyway', async () => {
    const given = { has, window, service: { count: 'page' as const }, known: { honestUpTo: 0 } }
    expect(await answered(given)).toMatchObject({
      ...gap('may hold more than the 20 requests that the service gives of it'),
      unsure: [],
    })
  })

  test('tells of the odd rows that only the larger page has', async () => {
    const answer = await answered({ has, window }, (under) => {
      givesMore(30)(under)
      const shown = new Set(under.bucket.rows().slice(0, 3))
      under.bucket.odd = (row) => (shown.has(row) ? 'no cid' : undefined)
    })
    expect(answer.odd).toBe(3)
    expect(answer.unsure).toEqual([window])
  })

  test('an error that tells nothing of how much may be asked for is one', async () => {
    const fails = ({ service }: ListingUnderTest) => {
      service.intercept = ({ query }) =>
        query.get('limit') === '10000' ? { status: 403, body: '{}' } : undefined
    }
    await expect(answered({ has, window }, fails)).rejects.toMatchObject({ status: 403 })
  })

  test('is a gap where more is refused as what cannot be processed', async () => {
    const refuses = ({ service }: ListingUnderTest) => {
      service.intercept = ({ query }) =>
        query.get('limit') === '10000' ? { status: 422, body: '{}' } : undefined
    }
    expect(await answered({ has, window }, refuses)).toMatchObject({ length: 20, unsure: [window] })
  })

  test('is divided by finer bounds where those are found to be honoured', async () => {
    const { shown, rest, gaps } = await answered({
      has: has.map((_, n) => 50 + n * 0.03),
      window: seconds(49, 51),
      known: { grid: undefined },
      service: { created: 'utc-milliseconds' },
    })
    expect({ shown, rest, gaps }).toEqual({
      shown: { window: seconds(50.299, 51), grid: milliseconds, isOneAnswer: true },
      rest: [seconds(49, 50.302)],
      gaps: [],
    })
  })
})
