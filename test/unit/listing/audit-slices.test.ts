import { afterEach, describe, expect, test, vi } from 'vitest'
import { anyLength } from '../../../src/domain/manners.ts'
import { everything, halfSeconds } from '../../../src/domain/windows.ts'
import { audit } from '../../../src/listing/audit.ts'
import { Cids } from '../../sandbox/identity.ts'
import { ListingUnderTest, seconds, start } from './listing-under-test.ts'

const known = { grid: halfSeconds, honestUpTo: anyLength, pageSize: 20, largestPage: 20 }
const others = new Cids(7)

/** A bucket with a request every ten seconds, of which the snapshot knows all: a slice is 18 of them. */
async function audited(count = 60, service: Parameters<typeof ListingUnderTest.start>[0]['service'] = {}) {
  const has = Array.from({ length: count }, (_, n) => n * 10)
  const under = await ListingUnderTest.start({ has, known, service })
  await under.know()
  return under
}

/** The one at this second goes. */
function remove({ bucket }: ListingUnderTest, second: number) {
  const row = bucket.rows().find(({ created }) => created === start + second * 1000)
  bucket.remove(row?.requestid ?? '')
  return row
}

const add = ({ bucket }: ListingUnderTest, second: number, more: object = {}) =>
  bucket.add({ cid: others.next(), created: start + second * 1000, ...more })

afterEach(() => {
  vi.restoreAllMocks()
})

test('a slice a run is read again, the newest first, and after the oldest it begins anew', async () => {
  await using under = await audited()
  const { listing } = under
  const asked: string[] = []
  for (let run = 0; run < 5; run++) {
    expect(await audit(listing)).toBe('as-known')
    asked.push(...under.asked())
  }
  expect(asked).toEqual([
    'all 1000 420.5..',
    'all 1000 250.5..420.5',
    'all 1000 80.5..250.5',
    'all 1000 ..80.5',
    'all 1000 420.5..',
  ])
  expect(under.decisions.slice(0, 2)).toEqual([
    { bucket: 'main', what: 'audited', window: seconds(420.5, null), theirs: 17, ours: 17 },
    { bucket: 'main', what: 'audited', window: seconds(250.5, 420.5), theirs: 17, ours: 17 },
  ])
})

test('of no requests there is none', async () => {
  await using under = await audited(0)
  expect(await audit(under.listing)).toBe('as-known')
  expect(under.asked()).toEqual([])
})

test('as many as a slice holds are one', async () => {
  await using under = await audited(18)
  await audit(under.listing)
  expect(under.asked()).toEqual(['all 1000 ..'])
})

/** At the second slice, from 250 to 420 s; the first, from 420 s on, is the head. */
describe.each([
  [0, 430, 440],
  [1, 260, 270],
])('slice %i', (slice, one, other) => {
  const isHead = slice === 0
  const hiddenBelow = isHead ? 'changed' : 'hidden-change'

  test.each<[string, (under: ListingUnderTest) => void, string, object]>([
    ['unchanged', () => {}, 'as-known', {}],
    [
      'a status has changed',
      ({ bucket }) => bucket.setStatus(bucket.rows()[one / 10]?.requestid ?? '', 'failed'),
      'as-known',
      { changed: 1 },
    ],
    ['one came', (under) => add(under, one + 5), 'changed', { added: 1 }],
    ['one has gone', (under) => remove(under, one), 'changed', { vanished: 1 }],
    [
      'one came as another went',
      (under) => {
        remove(under, one)
        add(under, one + 5)
      },
      hiddenBelow,
      { added: 1, vanished: 1 },
    ],
    [
      'it is for another CID',
      (under) => {
        const { requestid } = remove(under, one) ?? {}
        add(under, one, { requestid })
      },
      'hidden-change',
      { changed: 1 },
    ],
    [
      'one is back',
      ({ listing }) => {
        const window = seconds(other - 0.5, other + 0.5)
        listing.requests.transaction(() =>
          listing.requests.tombstones.vanish({ window, grid: halfSeconds, stretch: window }, [], 1),
        )
      },
      'changed',
      { returned: 1, changed: 1 },
    ],
  ])('%s', async (_, change, expected, changes) => {
    await using under = await audited()
    const { listing } = under
    for (let run = 0; run < slice; run++) await audit(listing)
    change(under)
    expect(await audit(listing)).toBe(expected)
    expect(listing.changes).toMatchObject({ added: 0, changed: 0, vanished: 0, returned: 0, ...changes })
    // After a kill, everything is listed again.
    expect(listing.state.unread()).toEqual(expected === 'hidden-change' ? [everything] : [])
  })
})

describe('of a slice that one answer does not hold', () => {
  test('the rest is next', async () => {
    await using under = await audited(60, { maxLimit: 10 })
    await audit(under.listing)
    await audit(under.listing)
    expect(under.asked()).toEqual([
      'all 1 420.5..499',
      'all 1 591..',
      'all 1000 330.5..500.5',
      'all 1000 420.5..',
    ])
  })

  test.each([
    ['oldest-first', 'changed'],
    ['unordered', expect.stringMatching(/^(changed|as-known)$/)],
  ] as const)('the rest is read now where it is not below (%s)', async (order, result) => {
    await using under = await audited(60, { maxLimit: 10, order })
    under.listing.manners.cutAt = 10
    add(under, 425)
    add(under, 595)
    expect(await audit(under.listing)).toEqual(result)
    expect(under.listing.requests.count(seconds(420.5, 600))).toBe(19)
    expect(under.listing.state.auditedTo).toBe(seconds(420.5, null).after)
  })

  test('none is read where everything is to be listed again', async () => {
    await using under = await audited(60, { maxLimit: 10, order: 'oldest-first' })
    const { requestid } = remove(under, 430) ?? {}
    add(under, 430, { requestid })
    expect(await audit(under.listing)).toBe('hidden-change')
    expect(under.asked()).toEqual(['all 1 420.5..429', 'all 1 521..', 'all 1000 420.5..'])
  })
})

describe('a listing that came from the cache', () => {
  test.each([
    ['of few slices is read again at once', 60, 0],
    ['of ten as well', 180, 0],
    ['of more in tenths, of ten slices at least', 181, 9],
    ['of many in tenths', 3000, 9],
  ])('%s', async (_, count, unaudited) => {
    await using under = await audited(count)
    const { listing } = under
    listing.state.unaudited = 10
    expect(await audit(listing)).toBe('as-known')
    const slices = under.asked().length
    // A slice holds 17 where a bound lies just above it; of all of them the first is cut in two, by where it begins.
    const due = count > 180 ? Math.max(180, count / 10) : count
    expect(slices).toBeGreaterThanOrEqual(due / 18)
    expect(slices).toBeLessThanOrEqual(Math.ceil(due / 17) + 1)
    expect(listing.state.unaudited).toBe(unaudited)
  })

  test.each(Array.from({ length: 18 }, (_, n) => n * 10))(
    'of ten slices is read again whole, wherever it begins (%i of 180)',
    async (place) => {
      vi.spyOn(Math, 'random').mockReturnValue(place / 180)
      await using under = await audited(180)
      under.listing.state.unaudited = 10
      await audit(under.listing)
      const shown = under.decisions.map(({ window }) => window)
      for (let second = 0; second < 1800; second += 10) {
        const at = start + second * 1000
        const isIn = shown.some(
          ({ after, before }) => at > (after ?? 0) && at < (before ?? Number.POSITIVE_INFINITY),
        )
        expect(isIn, `${second}`).toBe(true)
      }
    },
  )

  test('begins anywhere, and goes on from there', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    await using under = await audited(400)
    const { listing } = under
    listing.state.unaudited = 10
    await audit(listing)
    expect(under.decisions[0]?.window.before).toBe(start + 2000_500)
    const goneOnFrom = listing.state.auditedTo
    const { length } = under.decisions
    await audit(listing)
    expect(under.decisions[length]?.window.before).toBe(goneOnFrom)
    expect(listing.state.unaudited).toBe(8)
  })

  test('that has changed is audited further', async () => {
    await using under = await audited()
    add(under, 305)
    under.listing.state.unaudited = 10
    expect(await audit(under.listing)).toBe('changed')
    expect(under.asked().length).toBeGreaterThanOrEqual(4)
  })

  test('in which something was planted is not: everything is listed again', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.99)
    await using under = await audited()
    const { requestid } = remove(under, 570) ?? {}
    add(under, 570, { requestid })
    under.listing.state.unaudited = 10
    expect(await audit(under.listing)).toBe('hidden-change')
    expect(under.asked()).toHaveLength(1)
    expect(under.listing.state.unaudited).toBe(10)
  })
})
