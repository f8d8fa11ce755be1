import { describe, expect, test } from 'vitest'
import { Cids } from '../../sandbox/identity.ts'
import { readQuery } from '../../sandbox/pinning-service/query.ts'
import { shownRow } from '../../sandbox/pinning-service/shown.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const day = 86_400_000
const plain: Manners = { ...filebase, delegates: [], maxLimit: 20 }

/** So many instants, so far apart, ms. */
const every = (apart: number, count: number, from = start) =>
  Array.from({ length: count }, (_, index) => from + index * apart)

async function bucketOf(manners: Manners, created: readonly number[]): Promise<BucketUnderTest> {
  const under = await BucketUnderTest.start(manners)
  const cids = new Cids(1)
  under.bucket.addAll(created.map((instant) => ({ cid: cids.next(), created: instant })))
  return under
}

describe('a bucket is listed, and no bound is a date before the year 0 or after 9999', () => {
  const dense = every(10_000, 3000)
  const oldestFirst: Manners = { ...plain, order: 'oldest-first' }

  test.each<[string, Manners, readonly number[]]>([
    ['whose newest page spans years', plain, [...dense, ...every(400 * day, 20, start + 90 * day)]],
    ['that has a request of the year 2099', plain, [...dense, Date.UTC(2099)]],
    ['that has a request of the year 1', oldestFirst, [Date.parse('0001-01-01T00:00:00Z'), ...dense]],
  ])('%s', async (_, manners, created) => {
    await using under = await bucketOf(manners, created)
    expect(await under.list()).toMatchObject({ complete: true, added: created.length, notes: [] })
    expect(under.snapshot()).toEqual(under.truth())
    const bounds = under.service.requests.flatMap(({ query }) => [query.get('after'), query.get('before')])
    // JavaScript writes other years with a sign and six digits, which services do not read.
    expect(bounds.filter((bound) => bound !== null && /^[-+]/.test(bound))).toEqual([])
  })
})

test('a request of a status that no filter by one shows does not make the bucket an empty one', async () => {
  await using under = await bucketOf(plain, [start])
  under.service.intercept = ({ query, path }) => {
    if (!path.endsWith('/pins')) return undefined
    const isOfAll = (query.get('status') ?? '').includes(',')
    const row = shownRow(plain, under.bucket.rows()[0] as never, [])
    const results = isOfAll ? [{ ...row, status: 'archived' }] : []
    return { status: 200, body: JSON.stringify({ count: results.length, results }) }
  }
  await expect(under.list()).rejects.toThrow('status')
})

test('counts that are one too many do not cost six full listings', async () => {
  const manners: Manners = { ...plain, maxLimit: 100 }
  const pages = 20
  await using under = await bucketOf(manners, every(10_000, pages * manners.maxLimit))
  const { service, bucket } = under
  service.intercept = ({ query, path }) => {
    if (!path.endsWith('/pins')) return undefined
    const { rows, count } = bucket.page(readQuery(query, manners))
    const results = rows.map((row) => shownRow(manners, row, []))
    const miscount = count > manners.maxLimit ? count + 1 : count
    return { status: 200, body: JSON.stringify({ count: miscount, results }) }
  }
  for (let run = 0; run < 3; run++) {
    const result = await under.list()
    expect(result).toMatchObject({ complete: false, unprovable: false, removed: 0, vanished: 0 })
    expect(result.asked).toBeLessThan(6 * pages)
    expect(under.snapshot()).toEqual(under.truth())
  }
})
