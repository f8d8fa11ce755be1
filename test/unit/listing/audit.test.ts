import { expect, test } from 'vitest'
import { doubtListings } from '../../../src/snapshot/bucket/state.ts'
import { Cids } from '../../sandbox/identity.ts'
import { filebase } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const attackers = "x'5500048badf00d'"

/** A bucket that was listed, of so many requests, of which an answer shows 20. */
async function listed(size: number): Promise<BucketUnderTest> {
  const under = await BucketUnderTest.start({ ...filebase, delegates: [], maxLimit: 20 })
  const cids = new Cids(1)
  for (let n = 0; n < size; n++) under.bucket.add({ cid: cids.next(), created: start + n * 10_000 })
  expect(await under.list()).toMatchObject({ complete: true })
  return under
}

/** Somebody changes the CID of the request that is this old by rank, and leaves all counts as they are. */
function plant(under: BucketUnderTest, rank: number): void {
  under.tamper((db) =>
    db.exec(
      `UPDATE request SET cid = ${attackers}, cid_text = 1
       WHERE requestid = (SELECT requestid FROM request ORDER BY created LIMIT 1 OFFSET ${rank})`,
    ),
  )
}

test.each([0, 90, 150])(
  'a CID that was planted in the cache is found before it is used: rank %i of 180',
  async (rank) => {
    await using under = await listed(180)
    plant(under, rank)
    under.tamper(doubtListings)
    const { complete, mode, notes } = await under.list()
    expect({ complete, mode }).toEqual({ complete: true, mode: 'full' })
    expect(notes).toContainEqual(expect.stringContaining('are for other CIDs than the snapshot had'))
    expect(under.snapshot()).toEqual(under.truth())
    // All was read again, so the next listing is as cheap as ever.
    expect((await under.list()).asked).toBeLessThan(6)
  },
)

test.each([0, 1000, 1990])('of a large bucket in ten runs at most: rank %i of 2000', async (rank) => {
  await using under = await listed(2000)
  plant(under, rank)
  under.tamper(doubtListings)
  let runs = 0
  for (; under.snapshot().join() !== under.truth().join(); runs++) await under.list()
  expect(runs).toBeLessThanOrEqual(10)
})

test('nothing planted: a tenth a run is read again, and after ten runs no more than ever', async () => {
  await using under = await listed(2000)
  const usual = (await under.list()).asked
  under.tamper(doubtListings)
  const asked: number[] = []
  for (let run = 0; run < 12; run++) {
    const result = await under.list()
    expect(result).toMatchObject({ complete: true, mode: 'incremental', added: 0, removed: 0, changed: 0 })
    asked.push(result.asked - usual)
  }
  // Slices are nine tenths of a page.
  expect(Math.max(...asked.slice(0, 10))).toBeLessThanOrEqual(2000 / 10 / 18 + 2)
  expect(Math.min(...asked.slice(0, 10))).toBeGreaterThanOrEqual(2000 / 10 / 18 - 2)
  expect(Math.max(...asked.slice(10))).toBeLessThanOrEqual(1)
})
