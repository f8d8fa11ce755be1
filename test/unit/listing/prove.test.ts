import { describe, expect, test } from 'vitest'
import { anyLength, type Manners as Known } from '../../../src/domain/manners.ts'
import { everything, halfSeconds, wholeSeconds } from '../../../src/domain/windows.ts'
import { prove } from '../../../src/listing/prove.ts'
import { Cids } from '../../sandbox/identity.ts'
import { readQuery } from '../../sandbox/pinning-service/query.ts'
import { shownRow } from '../../sandbox/pinning-service/shown.ts'
import type { Manners } from '../../sandbox/pinning-service.ts'
import { ListingUnderTest, seconds, start } from './listing-under-test.ts'

const usual = { grid: halfSeconds, honestUpTo: anyLength, pageSize: 20, largestPage: 20, hasShown: true }
const others = new Cids(7)
const apart = (count: number) => Array.from({ length: count }, (_, n) => n * 10)

/** A bucket with a request every ten seconds, all of which the snapshot knows. */
async function known(
  has: readonly number[] = apart(60),
  { service = {}, manners = {} }: { service?: Partial<Manners>; manners?: Partial<Known> } = {},
) {
  const under = await ListingUnderTest.start({ has, service, known: { ...usual, ...manners } })
  await under.know()
  return under
}

const add = ({ bucket }: ListingUnderTest, second: number) =>
  bucket.add({ cid: others.next(), created: start + second * 1000 })

function remove({ bucket }: ListingUnderTest, from: number, count = 1, step = 1) {
  const rows = bucket.rows()
  for (let n = 0; n < count; n++) bucket.remove(rows[from + n * step]?.requestid ?? '')
}

const decided = ({ decisions }: ListingUnderTest) =>
  decisions.map(({ what, theirs, ours }) => `${what} ${theirs} ${ours}`)

const heads = (asked: readonly string[]) => asked.filter((one) => /^all 1000 [\d.]+\.\.$/.test(one)).length

describe('a bucket is proved', () => {
  test('by one answer, where that shows it whole', async () => {
    await using under = await known(apart(20))
    expect(await prove(under.listing)).toBe('by-one-answer')
    expect(under.asked()).toEqual(['all 1000 ..'])
    expect(decided(under)).toEqual(['read 20 20'])
  })

  test('by its head and the count below', async () => {
    await using under = await known()
    expect(await prove(under.listing)).toBe('by-counts')
    expect(under.asked()).toEqual(['all 1 ..420.5', 'all 1000 420.5..'])
    expect(decided(under)).toEqual(['read 17 17', 'equal 43 43'])
    expect(under.listing.state.hasDoubled).toBe(false)
  })

  test('in one pass also where it is just being found out which bounds are honoured', async () => {
    await using under = await known(undefined, { manners: { grid: undefined } })
    expect(await prove(under.listing)).toBe('by-counts')
    expect(heads(under.asked())).toBe(1)
  })

  test('by a head of the ten minutes before the newest, with their bounds', async () => {
    const has = [...Array.from({ length: 30 }, (_, n) => n * 1000), 29_300, 29_600]
    await using under = await known(has)
    await prove(under.listing)
    expect(under.asked()).toEqual(['all 1 ..29000.5', 'all 1000 29000.5..'])
  })

  test('by its head also where several answers show that, of which nothing is new', async () => {
    await using under = await known(undefined, { service: { order: 'oldest-first', maxLimit: 10 } })
    under.listing.manners.cutAt = 10
    expect(await prove(under.listing)).toBe('by-counts')
    expect(heads(under.asked())).toBe(2)
    expect(decided(under).at(-1)).toBe('equal 60 60')
  })
})

describe('what differs below the head is found', () => {
  test('one that has gone, by reading the older parts', async () => {
    await using under = await known()
    remove(under, 25)
    expect(await prove(under.listing)).toBe('by-counts')
    expect(decided(under)).toEqual([
      'read 17 17',
      'differs 42 43',
      'differs 42 43',
      'read 20 20',
      'read 19 19',
      'equal 3 3',
      'read 17 17',
      'equal 42 42',
    ])
    expect(under.listing.changes).toMatchObject({ vanished: 1 })
    expect(under.listing.isRead).toBe(false)
  })

  test('some in each part', async () => {
    await using under = await known()
    remove(under, 0, 20, 2)
    expect(await prove(under.listing)).toBe('by-counts')
    expect(decided(under).slice(3, 6)).toEqual(['read 10 10', 'read 10 10', 'equal 3 3'])
    expect(under.listing.changes).toMatchObject({ vanished: 20 })
  })

  test.each([
    [23, 'all 1000 ..420.5', true],
    [22, 'all 1000 ..420.5', false],
  ])('in one answer where that holds all that is left (%i have gone)', async (gone, expected, isOne) => {
    await using under = await known()
    remove(under, 0, gone)
    expect(await prove(under.listing)).toBe('by-counts')
    expect(under.asked().includes(expected)).toBe(isOne)
    expect(under.listing.changes).toMatchObject({ vanished: gone })
  })

  test.each([
    [100, 2],
    [120, 4],
  ])('by reading up to five parts, and by counting more (of %i)', async (count, expected) => {
    await using under = await known(apart(count))
    remove(under, 30)
    expect(await prove(under.listing)).toBe('by-counts')
    const counted = under.asked().filter((one) => one.startsWith('all 1 ')).length
    expect(counted).toBe(expected)
  })

  test('by reading them, where so many differ that counting is dearer', async () => {
    await using under = await known(apart(400))
    remove(under, 0, 100, 3)
    expect(await prove(under.listing)).toBe('by-counts')
    expect(under.asked().filter((one) => one.startsWith('all 1 '))).toHaveLength(2)
    expect(under.listing.isRead).toBe(true)
  })
})

describe('nothing is proved', () => {
  test('where the count turns out to be only of the page', async () => {
    await using under = await known(undefined, { service: { count: 'page' }, manners: { honestUpTo: 12 } })
    expect(await prove(under.listing)).toBe('none')
    expect(heads(under.asked())).toBe(1)
    expect([...under.listing.gaps]).toEqual([])
  })

  test.each([
    [1, 1, 1],
    [2, 2, 1],
    [2, 1, 3],
  ])('where %i more are counted and %i rows cannot be read', async (more, odd, passes) => {
    await using under = await known()
    const rows = Array.from({ length: odd }, (_, n) => ({ requestid: `${n}`, cid: '', problem: 'no date' }))
    under.listing.odd.see({ odd: rows, moreOdd: 0 })
    under.service.intercept = ({ query }) =>
      query.get('limit') === '1' && !query.has('after')
        ? { status: 200, body: JSON.stringify({ count: 43 + more, results: [] }) }
        : undefined
    expect(await prove(under.listing)).toBe('none')
    expect(heads(under.asked())).toBe(passes)
  })

  const oneMore = (under: ListingUnderTest, bound: string) => {
    under.service.intercept = ({ query }) =>
      query.get('limit') === '1' && !query.has('after') && query.get('before')?.includes(bound)
        ? { status: 200, body: JSON.stringify({ count: 44, results: [] }) }
        : undefined
  }

  test.each([
    [true, 2],
    [false, 3],
  ])(
    'where the count stays higher: tried so often as something may have come (all read: %s)',
    async (isRead, passes) => {
      await using under = await known()
      under.listing.isRead = isRead
      oneMore(under, '00:07:00.5')
      expect(await prove(under.listing)).toBe('none')
      expect(heads(under.asked())).toBe(passes)
      // Nor are the bounds believed by which it was counted: all is read again.
      expect([...under.listing.gaps]).toEqual([])
      expect(under.listing.manners.grid).toBe(wholeSeconds)
      expect(under.listing.state.isReadInVain).toBe(true)
    },
  )

  test('and that is said where no bounds are to blame', async () => {
    await using under = await known(undefined, { manners: { grid: wholeSeconds } })
    oneMore(under, '00:07:0')
    expect(await prove(under.listing)).toBe('none')
    expect([...under.listing.gaps]).toEqual([
      'the service counts 44 requests below the newest, and 43 could be listed',
    ])
    expect(under.listing.state.isReadInVain).toBe(false)
  })

  test('where more come with each answer than are listed', async () => {
    await using under = await known()
    let second = 10_000
    under.service.intercept = ({ query }) => {
      if (query.get('limit') === '1000' && query.has('after') && !query.has('before'))
        for (let n = 0; n < 30; n++) add(under, second++)
      return undefined
    }
    expect(await prove(under.listing)).toBe('none')
    expect([...under.listing.gaps]).toEqual(['requests come in faster than they can be listed'])
    expect(under.decisions.filter(({ window }) => window.before === null).length).toBeGreaterThanOrEqual(6)
  })
})

test('what is new at the head is noted before it is read, with the page that shows it', async () => {
  await using under = await known()
  for (let n = 0; n < 30; n++) add(under, 1000 + n)
  const unread: unknown[] = []
  under.service.intercept = () => {
    unread.push(under.listing.state.unread())
    return undefined
  }
  expect(await prove(under.listing)).toBe('by-counts')
  expect(unread[0]).toEqual([])
  expect(unread[1]).toEqual([seconds(589.5, null)])
  expect(under.listing.changes).toMatchObject({ added: 30 })
  expect(under.listing.requests.count(everything)).toBe(90)
})

test('what is back above the newest known one is counted anew, as the answer may not have had it', async () => {
  await using under = await known(undefined, { service: { order: 'oldest-first', maxLimit: 10 } })
  const { listing } = under
  listing.manners.cutAt = 10
  const window = seconds(574.5, null)
  listing.requests.transaction(() =>
    listing.requests.tombstones.vanish({ window, grid: halfSeconds, stretch: window }, [], 1),
  )
  expect(await prove(listing)).toBe('by-counts')
  expect(listing.changes).toMatchObject({ returned: 2, added: 0 })
  expect(heads(under.asked())).toBeGreaterThan(2)
})

describe('requests that the snapshot has at two instants', () => {
  /** The snapshot has one twice, in the place of another. */
  async function doubled() {
    const under = await known()
    const [twice, missing] = [20, 30].map((place) => under.bucket.rows()[place])
    const { requests } = under.listing
    const row = (created: number) => ({
      ...{ requestid: twice?.requestid ?? '', cid: twice?.cid ?? '', status: 'pinned' as const, created },
      ...{ name: null, delegates: [], meta: null, failureReason: null, size: null },
    })
    const window = { after: (missing?.created ?? 0) - 500, before: (missing?.created ?? 0) + 500 }
    requests.transaction(() => {
      requests.tombstones.vanish({ window, grid: halfSeconds, stretch: window }, [], 1)
      requests.take([row((twice?.created ?? 0) + 5000)])
    })
    under.listing.changes.vanished = 0
    return { under, twice, missing }
  }

  test('are read again, though the counts are equal, and so is what they stood for', async () => {
    const { under } = await doubled()
    await using _ = under
    expect(await prove(under.listing)).toBe('by-counts')
    expect(decided(under).slice(0, 6)).toEqual([
      'read 17 17',
      'equal 43 43',
      'read 1 1',
      'read 17 17',
      'differs 43 42',
      'differs 43 42',
    ])
    expect(heads(under.asked())).toBe(3)
    expect(under.listing.changes).toMatchObject({ vanished: 1, returned: 1 })
    expect(under.listing.state.hasDoubled).toBe(false)
  })

  test('are told where the service goes on showing them', async () => {
    await using under = await ListingUnderTest.start({ has: apart(60), known: usual })
    const [twice, missing] = [20, 30].map((place) => under.bucket.rows()[place])
    under.service.intercept = ({ query }) => {
      const { rows, count } = under.bucket.page(readQuery(query, under.manners))
      const shown = rows.map((row) =>
        row === missing ? { ...row, requestid: twice?.requestid ?? '', cid: twice?.cid ?? '' } : row,
      )
      const results = shown.map((row) => shownRow(under.manners, row, []))
      return { status: 200, body: JSON.stringify({ count, results }) }
    }
    await under.know()
    expect(await prove(under.listing)).toBe('none')
    expect(heads(under.asked())).toBe(3)
    expect([...under.listing.gaps].at(-1)).toBe(
      'the service shows requests at two instants each, in whose place others may be missing',
    )
    expect(under.listing.state.hasDoubled).toBe(true)
  })
})
