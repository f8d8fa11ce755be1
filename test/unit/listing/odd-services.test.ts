import { describe, expect, test } from 'vitest'
import { statuses } from '../../../src/domain/pin.ts'
import { Cids } from '../../sandbox/identity.ts'
import { readQuery } from '../../sandbox/pinning-service/query.ts'
import { shownRow } from '../../sandbox/pinning-service/shown.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import type { RecordedRequest } from '../../sandbox/server.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const plain: Manners = { ...filebase, delegates: [] }
const day = 86_400_000

/** So many instants, so far apart, ms. */
const every = (apart: number, count: number, from = start) =>
  Array.from({ length: count }, (_, index) => from + index * apart)

async function bucketOf(manners: Manners, created: readonly number[], seed = 1): Promise<BucketUnderTest> {
  const under = await BucketUnderTest.start(manners, seed)
  add(under, created)
  return under
}

function add({ bucket }: BucketUnderTest, created: readonly number[]): void {
  const cids = new Cids(bucket.size + 1)
  bucket.addAll(created.map((instant) => ({ cid: cids.next(), created: instant })))
}

/** From now on the service counts otherwise than it should. */
function miscount(
  { service, bucket }: BucketUnderTest,
  manners: Manners,
  count: (real: number) => number,
): void {
  service.intercept = ({ query, path }) => {
    if (!path.endsWith('/pins')) return undefined
    const page = bucket.page(readQuery(query, manners))
    const results = page.rows.map((row) => shownRow(manners, row, []))
    return { status: 200, body: JSON.stringify({ count: count(page.count), results }) }
  }
}

/** A run that is killed when such a request comes in. */
async function killedAt(under: BucketUnderTest, isAt: (request: RecordedRequest) => boolean): Promise<void> {
  const stop = new AbortController()
  under.service.intercept = (request) => {
    if (isAt(request)) stop.abort(new Error('killed'))
    return undefined
  }
  await expect(under.list({ signal: stop.signal })).rejects.toThrow('killed')
  under.service.intercept = undefined
}

describe('instants far from the others', () => {
  test('are listed, and no bound is a date that cannot be written', async () => {
    const years = [...every(10_000, 20_000), ...every(30 * day, 20, start + 90 * day)]
    await using newest = await bucketOf({ ...plain, maxLimit: 20 }, years.slice(-2020))
    await using future = await bucketOf({ ...plain, maxLimit: 100 }, [...every(10_000, 3000), Date.UTC(2099)])
    const zeroTime = Date.parse('0001-01-01T00:00:00Z')
    await using zero = await bucketOf({ ...plain, order: 'oldest-first', maxLimit: 100 }, [
      ...every(10_000, 3000),
      zeroTime,
    ])
    for (const under of [newest, future, zero]) {
      expect(await under.list()).toMatchObject({ complete: true })
      expect(under.snapshot()).toEqual(under.truth())
      for (const { query } of under.service.requests)
        for (const bound of ['after', 'before']) expect(query.get(bound) ?? '').not.toMatch(/^[-+]/)
    }
  })
})

test('what is found out of the bounds while the head is read buries nothing that the head did not show', async () => {
  for (const seed of [1, 2, 3]) {
    const created = every(60_000, 15)
    // Two of one second, which the page of the head will end between.
    created[7] = created[8] ?? 0
    await using under = await bucketOf({ ...plain, maxLimit: 20 }, created, seed)
    await under.list()
    under.bucket.remove(under.bucket.rows()[0]?.requestid ?? '')
    add(under, every(60_000, 13, start + 3_600_000))
    expect(await under.list()).toMatchObject({ complete: true, removed: 1 })
    expect(under.snapshot()).toEqual(under.truth())
  }
})

describe('a count that stops at the page’s length', () => {
  const manners = { ...plain, maxLimit: 100 }
  const capped = (real: number) => Math.min(real, 100)

  test('is found out at once', async () => {
    await using under = await bucketOf(manners, every(10_000, 1000))
    miscount(under, manners, capped)
    for (let run = 0; run < 3; run++) {
      expect(await under.list()).toMatchObject({ complete: false, unprovable: true, removed: 0, vanished: 0 })
      expect(under.snapshot()).toEqual(under.truth())
    }
  })

  test('is found out once the bucket has grown to it', async () => {
    await using under = await bucketOf(manners, every(10_000, 90))
    miscount(under, manners, capped)
    expect(await under.list()).toMatchObject({ complete: true })
    add(under, every(10_000, 500, start + day))
    for (let run = 0; run < 3; run++) {
      expect(await under.list()).toMatchObject({ complete: false, unprovable: true, removed: 0, vanished: 0 })
      expect(under.snapshot()).toEqual(under.truth())
    }
  })
})

test('a service without honest counts that gives less a page than it did loses nothing', async () => {
  const manners = { ...plain, count: 'page' as const, maxLimit: 1000 }
  await using under = await bucketOf(manners, every(10_000, 2000))
  await under.list()
  under.manners.maxLimit = 100
  for (let run = 0; run < 3; run++) {
    expect(await under.list()).toMatchObject({ unprovable: true, removed: 0, vanished: 0 })
    expect(under.snapshot()).toEqual(under.truth())
  }
})

test('a request just on the bound below the head is seen, where the service is strict on both sides', async () => {
  const manners = { ...plain, maxLimit: 20, fractions: 'truncated' as const }
  await using under = await bucketOf(manners, every(5000, 60))
  for (let run = 0; run < 4; run++) await under.list()
  const bounds = under.service.requests.slice(-4).map(({ query }) => query.get('after'))
  const bound = Date.parse(bounds.find((after) => after !== null) ?? '')
  expect(bound).toBeGreaterThan(start)
  add(under, [bound])
  expect(await under.list()).toMatchObject({ complete: true, added: 1 })
  expect(under.snapshot()).toEqual(under.truth())
})

describe('the audit reaches every part of a bucket', () => {
  /** Two changes behind an equal count. */
  async function isFoundWithin(runs: number, under: BucketUnderTest, place: number): Promise<boolean> {
    const row = under.bucket.rows()[place]
    under.bucket.remove(row?.requestid ?? '')
    add(under, [(row?.created ?? 0) + 2000])
    for (let run = 0; run < runs; run++) {
      await under.list()
      if (under.snapshot().join() === under.truth().join()) return true
    }
    return false
  }

  test('in which no bound can be placed', async () => {
    const manners = { ...plain, maxLimit: 100, fractions: 'truncated' as const }
    await using under = await bucketOf(manners, [...every(1000, 600), start + day])
    await under.list()
    expect(await isFoundWithin(20, under, 150)).toBe(true)
  })

  test('whose service gives less a page than it did', async () => {
    const manners = { ...plain, maxLimit: 1000 }
    await using under = await bucketOf(manners, every(10_000, 2000))
    await under.list()
    under.manners.maxLimit = 100
    await under.list()
    expect(await isFoundWithin(30, under, 1000)).toBe(true)
  })
})

test('a request that had vanished and is there again, as another has gone, is no equal count', async () => {
  await using under = await bucketOf({ ...plain, maxLimit: 100 }, every(10_000, 300))
  await under.list()
  const rows = under.bucket.rows()
  const hidden = new Set(rows.slice(200, 250).map(({ requestid }) => requestid))
  under.bucket.hidden = ({ requestid }) => hidden.has(requestid)
  expect(await under.list()).toMatchObject({ vanished: 50 })
  const [back = '', gone = ''] = [rows[225]?.requestid, rows[10]?.requestid]
  hidden.delete(back)
  under.bucket.remove(gone)
  let isBack = false
  for (let run = 0; run < 8 && !isBack; run++) {
    await under.list()
    const snapshot = under.snapshot().join('\n')
    isBack = snapshot.includes(back)
    // The run that finds the one also looks for what made up for it.
    expect(snapshot.includes(gone)).toBe(!isBack)
  }
  expect(isBack).toBe(true)
})

test('counts that stop at some number do not cost six full listings', async () => {
  const manners = { ...plain, maxLimit: 100 }
  await using under = await bucketOf(manners, every(10_000, 5000))
  miscount(under, manners, (real) => Math.min(real, 1000))
  for (let run = 0; run < 3; run++) {
    const asked = under.service.requests.length
    expect(await under.list()).toMatchObject({ complete: false, removed: 0 })
    // Of 50 pages; to find out more than once takes the first run some more.
    expect(under.service.requests.length - asked).toBeLessThan(run === 0 ? 8 * 50 : 3 * 50)
    expect(under.snapshot()).toEqual(under.truth())
  }
})

describe('a run that is killed', () => {
  test('as it waits to know the bounds, with everything read, is not in vain', async () => {
    await using under = await bucketOf({ ...plain, maxLimit: 100 }, every(10_000, 1000))
    const isProbe = ({ query }: RecordedRequest) =>
      Date.parse(query.get('before') ?? '') - Date.parse(query.get('after') ?? '') <= 1000
    const stop = new AbortController()
    under.service.intercept = (request) => {
      if (isProbe(request)) return 'hang'
      if (under.snapshot().length === 1000) stop.abort(new Error('killed'))
      return undefined
    }
    const watch = setInterval(() => {
      if (under.snapshot().length === 1000) stop.abort(new Error('killed'))
    }, 20)
    await expect(under.list({ signal: stop.signal })).rejects.toThrow('killed')
    clearInterval(watch)
    expect(under.snapshot()).toHaveLength(1000)
    under.service.intercept = undefined
    // Less than its 10 pages; and each status alone, as this is the first listing that comes to its end.
    const { asked, statuses: askedFor } = await under.list()
    const single = askedFor.filter((some) => !some.includes(','))
    expect(single.toSorted()).toEqual(statuses.toSorted())
    expect(asked - single.length).toBeLessThan(10)
  })

  test('of a service without honest counts goes on where it stopped', async () => {
    await using under = await bucketOf({ ...plain, count: 'page', maxLimit: 20 }, every(10_000, 400))
    for (let run = 0; run < 3; run++) {
      let asked = 0
      await killedAt(under, () => ++asked === 15)
    }
    expect(under.snapshot()).toHaveLength(400)
  })
})
