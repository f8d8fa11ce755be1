import { describe, expect, test } from 'vitest'
import { anyLength, type Manners as Known } from '../../../src/domain/manners.ts'
import { type PinRequest, type Status, statuses } from '../../../src/domain/pin.ts'
import { everything, type Window } from '../../../src/domain/windows.ts'
import { Http } from '../../../src/http/http.ts'
import type { Listing } from '../../../src/listing/listing.ts'
import { countsAnyStatus, isWhole } from '../../../src/listing/manners/counts.ts'
import { type OddRow, type Page, pageOf } from '../../../src/service/answers.ts'
import { BucketClient } from '../../../src/service/pinning-service.ts'
import type { PacedGate } from '../../../src/service/rate-limit.ts'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners, startPinningService } from '../../sandbox/pinning-service.ts'
import { ListingUnderTest } from './listing-under-test.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const gate: PacedGate = { width: 4, pass: (ask) => ask(), hold: () => 0 }

interface Case {
  /** How the service answers. */
  readonly service?: Partial<Manners>
  /** How many requests it has, ten seconds apart. */
  readonly has: number
  /** What is known of it. */
  readonly known: Partial<
    Pick<Known, 'honestUpTo' | 'pageSize' | 'largestPage' | 'cutAt' | 'countsAnyStatus'>
  >
  /** A page that it gave: the newest so many requests, of so many that it counts. */
  readonly shown: number
  readonly count: number
  readonly odd?: number
  readonly isDoubled?: boolean
  readonly window?: Window
  readonly statuses?: readonly Status[]
}

/** Whether a page is taken for whole, what that cost, and what is known then. */
async function judged(given: Case) {
  const manners = { ...filebase, delegates: [], ...given.service }
  await using service = await startPinningService({ buckets: { main: 'token' }, manners })
  const cids = new Cids(1)
  const bucket = service.bucket('main')
  for (let n = 0; n < given.has; n++) bucket.add({ cid: cids.next(), created: start + n * 10_000 })
  const http = new Http('test')
  const client = new BucketClient(
    { name: 'main', token: 'token' },
    { http, endpoint: new URL(service.url), gate },
  )
  Object.assign(client.manners, given.known)
  const listing = { client, manners: client.manners, signal: new AbortController().signal } as Listing
  const filter = {
    window: given.window ?? everything,
    ...(given.statuses !== undefined && { statuses: given.statuses }),
  }
  const whole = await isWhole(listing, filter, pageFor(given))
  await http.close()
  const { honestUpTo, cutAt, isLying, countsAnyStatus } = client.manners
  return { whole, asked: client.requestsSent, honestUpTo, cutAt, isLying, countsAnyStatus }
}

function pageFor({ shown, count, odd = 0, isDoubled = false, has }: Case): Page {
  const requests = Array.from(
    { length: shown },
    (_, n): PinRequest => ({
      requestid: `r${n}`,
      status: 'pinned',
      created: start + (has - 1 - n) * 10_000,
      cid: 'x',
      name: null,
      delegates: [],
      meta: null,
      failureReason: null,
      size: null,
    }),
  )
  const rows: OddRow[] = Array.from({ length: odd }, () => ({ requestid: '', cid: '', problem: 'no date' }))
  return { ...pageOf({ requests, odd: rows, moreOdd: 0 }, count), isDoubled }
}

const usual = { cutAt: Number.POSITIVE_INFINITY, isLying: false, countsAnyStatus: false }

describe('where a count tells nothing, whole is a page that was surely not cut', () => {
  const nothing = { honestUpTo: 0 }
  const page = { service: { count: 'page' as const }, shown: 20, count: 20 }

  test.each<[string, Omit<Case, 'shown' | 'count'>, object]>([
    [
      'smaller than another of this run',
      { has: 20, known: { pageSize: 30, largestPage: 21 } },
      { whole: true, asked: 0 },
    ],
    ['as large as any', { has: 20, known: { pageSize: 20, largestPage: 20 } }, { whole: false, asked: 0 }],
    [
      'smaller than one of an earlier run, and nothing around it',
      { has: 20, known: { pageSize: 21, largestPage: 20 } },
      { whole: true, asked: 2 },
    ],
    [
      'smaller than one of an earlier run, and more behind it',
      { has: 22, known: { pageSize: 21, largestPage: 20 } },
      { whole: false, asked: 2, cutAt: 20 },
    ],
    [
      'of a length that was cut before',
      { has: 20, known: { pageSize: 30, largestPage: 20, cutAt: 20 } },
      { whole: false, asked: 0, cutAt: 20 },
    ],
    [
      'shorter than what was cut before',
      { has: 22, known: { pageSize: 30, largestPage: 20, cutAt: 21 } },
      { whole: false, asked: 2, cutAt: 20 },
    ],
  ])('%s', async (_, given, expected) => {
    const known = { ...nothing, ...given.known }
    expect(await judged({ ...page, ...given, known })).toEqual({ ...usual, ...nothing, ...expected })
  })

  test.each([99_000, 99_500])(
    'nothing is asked for below a window that begins %i ms after the first',
    async (after) => {
      const window = { after: start + after, before: null }
      const given = { has: 30, window, known: { ...nothing, pageSize: 21, largestPage: 20 } }
      expect(await judged({ ...page, ...given })).toMatchObject({ whole: true, asked: 1 })
    },
  )

  test('rows that are none tell nothing of what is around them', async () => {
    const given = { has: 1, shown: 0, odd: 5, count: 5, known: { ...nothing, pageSize: 21, largestPage: 5 } }
    expect(await judged({ ...page, ...given })).toMatchObject({ whole: true, asked: 0 })
  })

  test.each([0, 1])('of %i it is whole: what is more has a second page', async (shown) => {
    const known = { honestUpTo: 0, pageSize: 1, largestPage: 1 }
    expect(await judged({ has: 1, known, shown, count: shown })).toMatchObject({ whole: true, asked: 0 })
  })
})

describe('where a page counts more than it shows', () => {
  const page = { shown: 20, count: 21 }
  const known = { honestUpTo: anyLength, pageSize: 30 }

  test.each<[string, Partial<Case> & { has: number }, object]>([
    [
      'it was cut, if it is as long as any',
      { has: 21, known: { ...known, pageSize: 20 } },
      { whole: false, asked: 0 },
    ],
    [
      'it was cut, if pages of its length were',
      { has: 20, known: { ...known, cutAt: 20 } },
      { whole: false, asked: 0, cutAt: 20 },
    ],
    ['it was cut, if there is more around it', { has: 22 }, { whole: false, asked: 2, cutAt: 20 }],
    [
      'it was cut, if there is more around it, and that is not the shortest that was',
      { has: 22, known: { ...known, cutAt: 21 } },
      { whole: false, asked: 2, cutAt: 20 },
    ],
    ['the count lies, if there is not', { has: 20 }, { whole: true, asked: 2, isLying: true, honestUpTo: 0 }],
    [
      'nothing is concluded from one with odd rows',
      { has: 20, shown: 19, odd: 1 },
      { whole: false, asked: 0 },
    ],
    ['nor from one that shows a request twice', { has: 20, isDoubled: true }, { whole: false, asked: 0 }],
    ['nor from one that shows nothing', { has: 20, shown: 0, count: 1 }, { whole: false, asked: 0 }],
    [
      'of one status, a second answer counts what it shows',
      { has: 20, statuses: ['pinned'] },
      { whole: true, asked: 3 },
    ],
    [
      'of one status, it counts those of every status',
      { has: 20, statuses: ['failed'], shown: 0, count: 20, service: { count: 'any-status' } },
      { whole: true, asked: 5, countsAnyStatus: true },
    ],
    [
      'of one status, a second answer counts more as well, and no other does',
      { has: 20, statuses: ['pinned'], shown: 20, service: { count: 25 } },
      { whole: true, asked: 7, countsAnyStatus: true },
    ],
  ])('%s', async (_, given, expected) => {
    expect(await judged({ ...page, known, ...given })).toEqual({
      ...usual,
      honestUpTo: anyLength,
      ...expected,
    })
  })
})

test('a count of every status is one of all statuses', async () => {
  const known = { honestUpTo: anyLength, pageSize: 20, largestPage: 20, countsAnyStatus: true }
  const page = { has: 20, shown: 20, count: 20, known }
  expect(await judged({ ...page, statuses })).toMatchObject({ whole: true, asked: 0 })
  expect(await judged({ ...page, statuses: ['pinned'] })).toMatchObject({ whole: false, asked: 0 })
})

describe('a service counts every status, whatever is asked for', () => {
  test.each<[string, Partial<Manners>, readonly Status[], boolean]>([
    [
      'where each count is the same, and not what is shown',
      { count: 'any-status' },
      ['pinned', 'failed'],
      true,
    ],
    ['not where the counts differ', {}, ['pinned', 'failed'], false],
    ['not where all that is counted is shown', {}, [...statuses, ...statuses], false],
    ['not where one alone has a count', { maxLimit: 5, emptyList: 404 }, Array(12).fill('pinned'), false],
  ])('%s', async (_, service, has, expected) => {
    await using under = await ListingUnderTest.start({
      has: has.map((__, n) => n * 10),
      statuses: (n) => has[n] as Status,
      service,
      known: { hasListed: true },
    })
    expect(await countsAnyStatus(under.listing, everything)).toBe(expected)
    expect(under.listing.manners.countsAnyStatus).toBe(expected)
  })
})

test('a count that is found to be one is looked at once more: something may have come', async () => {
  await using under = await ListingUnderTest.start({ has: Array.from({ length: 30 }, (_, n) => n * 10) })
  let isFirst = true
  under.service.intercept = ({ query }) => {
    if (query.get('limit') !== '1' || !isFirst) return undefined
    isFirst = false
    const created = '2023-05-01T00:00:00Z'
    const results = [{ requestid: 'one', status: 'pinned', created, pin: { cid: 'bafkqaaa' }, delegates: [] }]
    return { status: 200, body: JSON.stringify({ count: 1, results }) }
  }
  const page = pageFor({ has: 30, shown: 20, count: 20, known: {} })
  expect(await isWhole(under.listing, { window: everything }, page)).toBe(true)
  expect(under.listing.manners.honestUpTo).toBe(29)
})

describe('how far a count is honest is found out by a page that it agrees with', () => {
  test.each<[string, Omit<Case, 'count'>, object]>([
    [
      'beyond it, where it counts more elsewhere',
      { has: 30, shown: 20, known: {}, window: { after: start + 95_000, before: null } },
      { whole: true, asked: 1, honestUpTo: 29 },
    ],
    [
      'up to its length, where there is no more',
      { has: 20, shown: 20, known: {} },
      { whole: true, asked: 3, honestUpTo: 20 },
    ],
    ['by two requests as well', { has: 2, shown: 2, known: {} }, { whole: true, asked: 3, honestUpTo: 2 }],
    [
      'not at all, where there is more',
      { has: 22, shown: 20, known: { pageSize: 20, largestPage: 20 }, service: { count: 'page' } },
      { whole: false, asked: 2, honestUpTo: 0 },
    ],
    [
      'what is known of a page as long need not be found out',
      { has: 20, shown: 20, known: { honestUpTo: 20 } },
      { whole: true, asked: 0, honestUpTo: 20 },
    ],
    [
      'what is known of a shorter one is',
      { has: 20, shown: 20, known: { honestUpTo: 19 } },
      { whole: true, asked: 3, honestUpTo: 20 },
    ],
    [
      'one request beside odd rows tells nothing: some services do not count those',
      { has: 1, shown: 1, odd: 4, known: {} },
      { whole: true, asked: 0, honestUpTo: undefined },
    ],
    [
      'an empty answer tells nothing',
      { has: 0, shown: 20, known: {} },
      { whole: true, asked: 1, honestUpTo: undefined },
    ],
  ])('%s', async (_, given, expected) => {
    expect(await judged({ count: given.shown + (given.odd ?? 0), ...given })).toEqual({
      ...usual,
      ...expected,
    })
  })
})
