import { describe, expect, test } from 'vitest'
import { statuses } from '../../../src/domain/pin.ts'
import { Cids } from '../../sandbox/identity.ts'
import { oddForms } from '../../sandbox/pinning-service/odd-forms.ts'
import { readQuery } from '../../sandbox/pinning-service/query.ts'
import { shownRow } from '../../sandbox/pinning-service/shown.ts'
import { cluster, filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const plain: Manners = { ...filebase, delegates: [], maxLimit: 20 }
const proved = { complete: true, vanished: 0, removed: 0, notes: [] }

/** Requests ten seconds apart, every third in the second of the one before. */
const apart = (count: number, from = start, fraction = 0) =>
  Array.from({ length: count }, (_, n) => from + (n - (n % 3 === 2 ? 1 : 0)) * 10_000 + fraction)

async function bucketOf(more: Partial<Manners>, created: readonly number[], base = plain) {
  const under = await BucketUnderTest.start({ ...base, ...more })
  const cids = new Cids(1)
  under.bucket.addAll(created.map((instant) => ({ cid: cids.next(), created: instant })))
  return under
}

const isFine = (bound: string | null) => bound?.includes('.') === true
const fineIn = ({ service }: BucketUnderTest, from = 0) =>
  service.requests
    .slice(from)
    .filter(({ query }) => isFine(query.get('after')) || isFine(query.get('before')))

describe.each([400, 422, 500, 'html', 'ignored', 'truncated'] as const)(
  'a bound finer than a second that is answered with %s',
  (fractions) => {
    test.each([
      ['whole seconds', {}],
      ['milliseconds', { created: 'utc-milliseconds' as const }],
      ['no order', { order: 'unordered' as const }],
    ])('costs a few requests once, and the bucket is proved (%s)', async (_, more) => {
      await using under = await bucketOf({ fractions, ...more }, apart(300, start, 123))
      expect(await under.list()).toMatchObject(proved)
      expect(under.snapshot()).toEqual(under.truth())
      expect(fineIn(under).length).toBeLessThanOrEqual(5)
      const asked = under.service.requests.length
      under.bucket.remove(under.bucket.rows()[150]?.requestid ?? '')
      expect(await under.list()).toMatchObject({ complete: true, removed: 1 })
      expect(under.snapshot()).toEqual(under.truth())
      expect(fineIn(under, asked)).toEqual([])
    })

    test.each([
      ['half seconds', {}],
      ['milliseconds', { created: 'utc-milliseconds' as const }],
    ])('is learned anew where it was honoured last week (%s)', async (_, more) => {
      const manners = { ...plain, ...more }
      await using under = await bucketOf({}, apart(300, start, 123), manners)
      const own = under.manners
      await under.list()
      expect(fineIn(under).length).toBeGreaterThan(2)
      own.fractions = fractions
      const cids = new Cids(99)
      for (let n = 0; n < 30; n++)
        under.bucket.add({ cid: cids.next(), created: start + 4_000_000 + n * 1000 })
      under.bucket.remove(under.bucket.rows()[150]?.requestid ?? '')
      expect(await under.list()).toMatchObject({ complete: true, vanished: 0, removed: 1, added: 30 })
      expect(under.snapshot()).toEqual(under.truth())
      const asked = under.service.requests.length
      expect(await under.list()).toMatchObject(proved)
      expect(fineIn(under, asked).length).toBeLessThanOrEqual(fractions === 'truncated' ? 99 : 0)
    })
  },
)

test('whole seconds are written without a fraction', async () => {
  await using under = await bucketOf({ fractions: 400 }, apart(300))
  await under.list()
  for (const { query } of under.service.requests.slice(-4))
    for (const name of ['after', 'before'])
      expect(query.get(name) ?? '2023-05-01T00:00:00Z').toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})

test.each([
  ['the first instant there is', '0000-01-01T00:00:00Z'],
  ['the last', '9999-12-31T23:59:59Z'],
])('a request created at %s makes no bound that is not a date', async (_, instant) => {
  for (const order of ['newest-first', 'oldest-first', 'unordered'] as const) {
    await using under = await bucketOf({ order, created: 'utc-seconds' }, [...apart(60), Date.parse(instant)])
    expect(await under.list()).toMatchObject(proved)
    expect(await under.list()).toMatchObject(proved)
    expect(under.snapshot()).toEqual(under.truth())
    for (const { query } of under.service.requests)
      for (const name of ['after', 'before'])
        expect(query.get(name) ?? '2023-05-01T00:00:00Z').toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
  }
})

describe.each(['first', 'last', 'one-word', 'default', 400, 500] as const)(
  'several statuses in one filter that are read as %s',
  (severalStatuses) => {
    test.each([0, 1, 2, 12, 100])('do not make a smaller bucket of %i requests', async (count) => {
      await using under = await bucketOf({ severalStatuses }, [])
      const cids = new Cids(1)
      const of = ['queued', 'pinned', 'failed', 'pinned', 'pinning'] as const
      under.bucket.addAll(
        apart(count).map((created, n) => ({
          cid: cids.next(),
          created,
          status: of[n % of.length] ?? 'pinned',
        })),
      )
      for (let run = 0; run < 2; run++) {
        expect(await under.list()).toMatchObject(proved)
        expect(under.snapshot()).toEqual(under.truth())
      }
      const several = under.service.requests
        .slice(-3)
        .filter(({ query }) => query.get('status')?.includes(','))
      expect(several).toHaveLength(count > 0 || typeof severalStatuses === 'number' ? 0 : several.length)
    })

    test('do not make one of requests that settle', async () => {
      await using under = await bucketOf({ severalStatuses }, [])
      for (const [n, created] of apart(6).entries())
        under.bucket.add({ cid: new Cids(n).next(), created, status: 'queued' })
      for (const status of ['pinning', 'pinned', 'failed', 'queued'] as const) {
        await under.list()
        for (const { requestid } of under.bucket.rows().slice(0, 3)) under.bucket.setStatus(requestid, status)
        expect(await under.list()).toMatchObject(proved)
        expect(under.snapshot()).toEqual(under.truth())
      }
    })
  },
)

test.each([10, 100])(
  'several statuses that are read as the default are found out once others come (to %i)',
  async (n) => {
    await using under = await bucketOf({ severalStatuses: 'default' }, apart(n))
    for (let run = 0; run < 2; run++) await under.list()
    under.bucket.add({ cid: new Cids(9).next(), created: start + 1000, status: 'queued' })
    expect(await under.list()).toMatchObject({ ...proved, added: 1 })
    expect(under.snapshot()).toEqual(under.truth())
  },
)

test.each([1, 12])(
  'several statuses that are read as the first are found out anew by a full listing of %i that knows them',
  async (count) => {
    await using under = await bucketOf({ severalStatuses: 'first', count: 'any-status' }, apart(count))
    expect(await under.list()).toMatchObject(proved)
    expect(await under.list({ full: true })).toMatchObject(proved)
    expect(under.snapshot()).toEqual(under.truth())
  },
)

test('an empty bucket is called empty after each status alone said so', async () => {
  await using under = await bucketOf({}, [])
  // The proof of a first listing asks once more.
  expect(await under.list()).toMatchObject({ ...proved, asked: 6 })
  expect(await under.list()).toMatchObject({ ...proved, asked: 5 })
  // At once, in any order.
  const asked = under.service.requests.slice(-5).map(({ query }) => query.get('status'))
  expect(asked.sort()).toEqual([statuses.join(), ...statuses].sort())
})

describe('a count of every status, whatever status is asked for', () => {
  test.each([12, 300])('is recognised in a bucket of %i', async (count) => {
    for (const severalStatuses of ['list', 'last'] as const) {
      await using under = await bucketOf({ count: 'any-status', severalStatuses }, [])
      const of = ['queued', 'pinned', 'failed', 'pinned'] as const
      under.bucket.addAll(
        apart(count).map((created, n) => ({
          cid: new Cids(n).next(),
          created,
          status: n < 6 ? (of[n % 4] ?? 'pinned') : 'pinned',
        })),
      )
      for (let run = 0; run < 3; run++) {
        expect(await under.list()).toMatchObject(proved)
        expect(under.snapshot()).toEqual(under.truth())
      }
    }
  })
})

describe('of a service that is asked for each status alone', () => {
  const singly: Partial<Manners> = { severalStatuses: 'first' }
  const half = { status: 'failed' as const }

  async function listed(more: Partial<Manners>) {
    const under = await bucketOf({ ...singly, ...more }, apart(60))
    under.bucket.addAll(
      new Cids(99).take(15).map((cid, n) => ({ ...half, cid, created: start - n * 60_000 })),
    )
    await under.list()
    return under
  }

  test('one count that is one too many, of what settled just then, is not remembered', async () => {
    await using under = await listed({})
    let isFirst = true
    under.service.intercept = ({ query }) => {
      if (!isFirst || query.get('status') !== 'pinning') return undefined
      isFirst = false
      return { status: 200, body: '{"count":1,"results":[]}' }
    }
    for (let run = 0; run < 3; run++) expect(await under.list()).toMatchObject(proved)
    expect(isFirst).toBe(false)
  })

  test('what is remembered of its counts is forgotten where they tell otherwise', async () => {
    await using under = await listed({ count: 'any-status' })
    expect(await under.list()).toMatchObject(proved)
    under.manners.count = 'all'
    for (let run = 0; run < 2; run++) expect(await under.list()).toMatchObject(proved)
    expect(under.snapshot()).toEqual(under.truth())
  })
})

/** Rows of buckets of some sizes, of which one page holds some whole. */
const placed = [5, 15, 100].flatMap((count) => [
  ['the oldest', count, 0] as const,
  ['one in the middle', count, Math.floor(count / 2)] as const,
  ['the newest', count, count - 1] as const,
])

describe.each(oddForms)('a row with %s', (form) => {
  test.each(placed)(
    'that is %s of %i does not hide the others, is told, and the bucket is not complete',
    async (_, count, place) => {
      await using under = await bucketOf({}, apart(count))
      const odd = under.bucket.rows()[place]
      under.bucket.odd = (row) => (row === odd ? form : undefined)
      for (let run = 0; run < 3; run++) {
        const result = await under.list()
        expect(result).toMatchObject({ complete: false, unprovable: false, removed: 0, vanished: 0 })
        expect(result.odd).toHaveLength(1)
        expect(result.odd[0]?.problem).toMatch(/requestid|status|created|cid|expected/)
        expect(result.notes.join()).toContain('1 row is no request that can be read')
        expect(result.asked).toBeLessThan(60)
        expect(under.snapshot()).toEqual(
          under.truth().filter((line) => !line.startsWith(`${odd?.requestid} `)),
        )
      }
      under.bucket.odd = undefined
      expect(await under.list()).toMatchObject({ complete: true, added: 1, odd: [] })
    },
  )

  test.each([5, 15, 100])('does the same where it comes to %i that were proved', async (count) => {
    await using under = await bucketOf({}, apart(count))
    expect(await under.list()).toMatchObject(proved)
    const odd = under.bucket.add({ cid: new Cids(9).next(), created: start + 10_000_000 })
    under.bucket.odd = (row) => (row === odd ? form : undefined)
    for (let run = 0; run < 2; run++)
      expect(await under.list()).toMatchObject({ complete: false, unprovable: false, removed: 0, odd: [{}] })
  })

  test('is told in each run, also where another has gone and the counts are equal', async () => {
    await using under = await bucketOf({}, apart(100))
    const rows = under.bucket.rows()
    under.bucket.odd = (row) => (row === rows[30] ? form : undefined)
    await under.list()
    under.bucket.remove(rows[70]?.requestid ?? '')
    expect(await under.list()).toMatchObject({ complete: false, odd: [{}] })
    under.bucket.odd = undefined
    expect(await under.list()).toMatchObject({ ...proved, added: 1, removed: 1, odd: [] })
    expect(under.snapshot()).toEqual(under.truth())
  })

  test.each([0, 19, 20, 44])('does not hide that a count is only of the page (row %i)', async (place) => {
    await using under = await bucketOf({ count: 'page' }, apart(45))
    const odd = under.bucket.rows()[place]
    under.bucket.odd = (row) => (row === odd ? form : undefined)
    for (let run = 0; run < 2; run++) {
      expect(await under.list()).toMatchObject({ complete: false, unprovable: true, odd: [{}] })
      expect(under.snapshot()).toHaveLength(44)
    }
  })

  test('does not hide that a filter by several statuses is read as the default', async () => {
    await using under = await bucketOf({ maxLimit: 1000 }, apart(9))
    expect(await under.list()).toMatchObject(proved)
    under.bucket.add({ cid: new Cids(8).next(), created: start + 2_000_000, status: 'failed' })
    const newest = under.bucket.rows().findLast(({ status }) => status === 'pinned')
    under.bucket.odd = (row) => (row === newest ? form : undefined)
    under.manners.severalStatuses = 'default'
    expect(await under.list()).toMatchObject({ complete: false, odd: [{}] })
    expect(under.snapshot()).toEqual(
      under.truth().filter((line) => !line.startsWith(`${newest?.requestid} `)),
    )
  })

  test('does not hide the others where each status is asked for alone, and nothing else has its status', async () => {
    await using under = await bucketOf({ severalStatuses: 400 }, apart(9))
    const odd = under.bucket.add({ cid: new Cids(9).next(), created: start, status: 'queued' })
    under.bucket.odd = (row) => (row === odd ? form : undefined)
    expect(await under.list()).toMatchObject({ complete: false, added: 9, odd: [{}] })
  })

  test('is an error where there is nothing else', async () => {
    await using under = await bucketOf({}, apart(3))
    under.bucket.odd = () => form
    await expect(under.list()).rejects.toThrow(/GET .*\/pins.*: /)
  })
})

describe('pages that lie', () => {
  test.each([5, 100])('one request twice and another missing is not complete (of %i)', async (count) => {
    await using under = await bucketOf({ pages: 'doubled' }, apart(count))
    for (let run = 0; run < 2; run++) {
      const result = await under.list()
      expect(result).toMatchObject({ complete: false, removed: 0 })
      expect(result.asked).toBeLessThan(count * 8)
    }
  })

  test('requests that the service does not give are not made up for by others that are gone', async () => {
    const inOneSecond = Array.from({ length: 30 }, (_, n) => start + n)
    await using under = await bucketOf({ maxLimit: 20 }, [
      ...apart(100).map((at) => at + 60_000),
      ...inOneSecond,
    ])
    expect(await under.list()).toMatchObject({ complete: false, added: 120 })
    for (const { requestid } of under.bucket.rows().slice(60, 70)) under.bucket.remove(requestid)
    expect(await under.list()).toMatchObject({ complete: false, removed: 0 })
  })

  test('one request twice at two instants and another missing is not complete, cold and warm', async () => {
    await using under = await bucketOf({}, apart(100))
    const [twice, missing] = under.bucket
      .rows()
      .slice(10, 90)
      .filter((_, n) => n % 60 === 0)
    under.service.intercept = ({ query }) => {
      const { rows, count } = under.bucket.page(readQuery(query, under.manners))
      const shown = rows.map((row) =>
        row === missing ? { ...row, requestid: twice?.requestid ?? '', cid: twice?.cid ?? '' } : row,
      )
      const results = shown.map((row) => shownRow(under.manners, row, []))
      return { status: 200, body: JSON.stringify({ count, results }) }
    }
    expect(await under.list()).toMatchObject({ complete: false, removed: 0 })
    expect(await under.list()).toMatchObject({ complete: false, removed: 0 })
  })

  test.each([4_294_967_295, 1e9, 2 ** 53 - 1, -1, 0.5])(
    'a count of %d neither ends nor freezes the run',
    async (count) => {
      for (const base of [plain, { ...cluster, maxLimit: 20 }])
        for (const rows of [0, 3, 100]) {
          await using under = await bucketOf({ count }, apart(rows), base)
          const result = await under.list()
          expect(result).toMatchObject({ removed: 0, vanished: 0 })
          if (rows > 1 || count > 1) expect(result.complete).toBe(false)
          expect(result.asked).toBeLessThan(300)
          expect(under.snapshot()).toEqual(under.truth())
        }
    },
  )

  test.each(['empty', 'html', 'object', 'half'] as const)(
    'a first list that is %s is asked for again',
    async (firstList) => {
      await using under = await bucketOf({ firstList }, apart(10))
      expect(await under.list()).toMatchObject({ ...proved, added: 10 })
    },
  )

  test('thousands of rows that are none are told as many, and the others are kept', async () => {
    await using under = await bucketOf({}, apart(10))
    under.service.intercept = ({ query }) => {
      const { rows, count } = under.bucket.page(readQuery(query, under.manners))
      const results = [...Array(5000).fill(null), ...rows.map((row) => shownRow(under.manners, row, []))]
      return { status: 200, body: JSON.stringify({ count: count + 5000, results }) }
    }
    const result = await under.list()
    expect(result).toMatchObject({ complete: false, added: 10 })
    expect(result.notes.join()).toContain('more than 1000 rows are no request that can be read')
    expect(under.snapshot()).toEqual(under.truth())
  })

  test('a list that stays unreadable is an error that says so, after a few tries', async () => {
    await using under = await bucketOf({}, apart(10))
    under.service.intercept = () => ({ status: 200, body: '<html>' })
    await expect(under.list()).rejects.toThrow('the answer is not JSON')
    expect(under.service.requests.length).toBeLessThanOrEqual(4)
  })

  test('a 404 in the place of an empty list is one where the endpoint has given others', async () => {
    await using under = await bucketOf({ emptyList: 404 }, [])
    await expect(under.list()).rejects.toThrow('check `endpoint`')
    under.bucket.addAll(apart(50).map((created, n) => ({ cid: new Cids(n).next(), created })))
    const listed = await under.list()
    expect(listed).toMatchObject({ complete: true, added: 50 })
    expect(listed.notes.join()).toContain('404')
    for (const { requestid } of under.bucket.rows()) under.bucket.remove(requestid)
    const emptied = await under.list()
    expect(emptied).toMatchObject({ complete: true, vanished: 50 })
    expect(emptied.notes.join()).toContain('answers an empty list with 404')
  })
})

test('texts of any length are kept short', async () => {
  await using under = await bucketOf({}, [])
  under.bucket.add({ cid: 'x'.repeat(100_000), created: start })
  under.bucket.add({
    cid: new Cids(1).next(),
    created: start,
    status: 'failed',
    reason: 'y'.repeat(100_000),
    requestid: 'z'.repeat(1024),
  })
  expect(await under.list()).toMatchObject(proved)
  expect(under.snapshot().join().length).toBeLessThan(3000)
})
