import { describe, expect, test } from 'vitest'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'
import { proved } from './proved.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const onePage: Manners = { ...filebase, delegates: [] }

/** A bucket with a request every ten seconds, that was listed. */
async function listed(count: number, manners = onePage) {
  const under = await BucketUnderTest.start(manners)
  const cids = new Cids(1)
  const add = (second: number) => under.bucket.add({ cid: cids.next(), created: start + second * 1000 })
  for (let n = 0; n < count; n++) add(n * 10)
  const first = await under.list()
  return { under, add, first }
}

function remove({ bucket }: BucketUnderTest, count: number, from = 0): void {
  for (const { requestid } of bucket.rows().slice(from, from + count)) bucket.remove(requestid)
}

const dropOf = (count: number, of: number) => ({
  ...proved,
  vanished: count,
  drops: [{ vanished: count, at: expect.any(Number) }],
  notes: [expect.stringContaining(`${count} of ${of} requests vanished at once`)],
})

test.each([
  [100, 10, true],
  [100, 11, false],
  [110, 11, true],
  [110, 12, false],
  [10, 10, true],
  [11, 11, false],
])('of %i requests %i vanish, and that is believed at once: %s', async (count, gone, isBelieved) => {
  const { under, first } = await listed(count)
  await using _ = under
  expect(first).toMatchObject({ ...proved, mode: 'cold', added: count })
  remove(under, gone)
  const { asked, statuses, ...result } = await under.list()
  expect(result).toEqual(isBelieved ? { ...proved, removed: gone } : dropOf(gone, count))
})

describe('a large drop', () => {
  async function dropped() {
    const { under, add } = await listed(30)
    remove(under, 20)
    expect(await under.list()).toMatchObject(dropOf(20, 30))
    return { under, add }
  }

  test('is kept in each run, and believed a day later', async () => {
    const { under } = await dropped()
    await using _ = under
    for (let run = 0; run < 2; run++) expect(await under.list()).toMatchObject(dropOf(20, 30))
    under.letDayPass()
    expect(await under.list()).toMatchObject({ ...proved, removed: 20 })
    expect(await under.list()).toMatchObject(proved)
  })

  test('is not believed where one clock alone says that a day has passed', async () => {
    const { under } = await dropped()
    await using _ = under
    under.letDayPass('here')
    expect(await under.list()).toMatchObject(dropOf(20, 30))
  })

  test('is believed where a person says so, but not by the run that sees it first', async () => {
    const { under } = await listed(30)
    await using _ = under
    remove(under, 20)
    expect(await under.list({ isConfirmed: true })).toMatchObject(dropOf(20, 30))
    expect(await under.list({ isConfirmed: true, full: true })).toMatchObject({
      ...proved,
      mode: 'full',
      removed: 20,
    })
  })

  test('is not believed while the listing is not complete', async () => {
    const { under } = await dropped()
    await using _ = under
    const [odd] = under.bucket.rows()
    under.bucket.odd = (row) => (row === odd ? 'no date' : undefined)
    under.letDayPass()
    expect(await under.list()).toMatchObject({ complete: false, removed: 0, odd: [{}] })
    under.bucket.odd = undefined
    expect(await under.list()).toMatchObject({ complete: true, removed: 20, vanished: 0 })
  })

  test('keeps nothing of a few that go after it', async () => {
    const { under } = await dropped()
    await using _ = under
    remove(under, 2)
    expect(await under.list()).toMatchObject({ ...dropOf(20, 28), removed: 2 })
  })

  test('waits for its own day, whatever vanishes after it', async () => {
    const { under } = await listed(200)
    await using _ = under
    const removed: number[] = []
    const waiting: (readonly number[])[] = []
    for (let run = 0; run < 5; run++) {
      if (run < 3) remove(under, 30)
      const result = await under.list()
      removed.push(result.removed)
      waiting.push(result.drops.map(({ vanished }) => vanished))
      expect(new Set(result.drops.map(({ at }) => at)).size).toBe(result.drops.length)
      expect(result.notes).toHaveLength(result.drops.length)
      under.letPass(20)
    }
    expect(removed).toEqual([0, 0, 30, 30, 30])
    expect(waiting).toEqual([[30], [30, 30], [30, 30], [30], []])
    expect(under.snapshot()).toEqual(under.truth())
  })

  test('is believed with another by a person', async () => {
    const { under } = await listed(200)
    await using _ = under
    for (let drops = 0; drops < 2; drops++) {
      remove(under, 30)
      await under.list()
    }
    expect(await under.list({ isConfirmed: true, full: true })).toMatchObject({ removed: 60, drops: [] })
  })

  test('is followed by another, which waits anew', async () => {
    const { under, add } = await dropped()
    await using _ = under
    for (let n = 0; n < 30; n++) add(1000 + n * 10)
    expect(await under.list()).toMatchObject({ ...dropOf(20, 60), added: 30 })
    remove(under, 15)
    under.letDayPass()
    expect(await under.list()).toMatchObject({ ...dropOf(15, 40), removed: 20 })
    under.letDayPass()
    expect(await under.list()).toMatchObject({ ...proved, removed: 15 })
  })

  test('is forgotten when the requests are back', async () => {
    const { under } = await listed(30)
    await using _ = under
    under.bucket.hidden = () => true
    expect(await under.list()).toMatchObject(dropOf(30, 30))
    under.bucket.hidden = undefined
    expect(await under.list()).toMatchObject({ ...proved, changed: 30 })
    expect(under.snapshot()).toEqual(under.truth())
  })
})

test('what vanishes where nothing can be proved waits for one more listing that does not show it', async () => {
  const { under } = await listed(45, { ...onePage, maxLimit: 20, count: 'page' })
  await using _ = under
  const unproved = { mode: 'full', complete: false, unprovable: true, added: 0, drops: [] }
  remove(under, 2, 20)
  expect(await under.list()).toMatchObject({ ...unproved, removed: 0, vanished: 2 })
  expect(await under.list()).toMatchObject({ ...unproved, removed: 2, vanished: 0 })
})

test('one that moved is changed, and neither added nor removed', async () => {
  const { under } = await listed(30)
  await using _ = under
  const [row] = under.bucket.rows()
  under.bucket.remove(row?.requestid ?? '')
  under.bucket.add({ cid: row?.cid ?? '', requestid: row?.requestid ?? '', created: start + 1_000_000 })
  const { asked, statuses, ...result } = await under.list()
  expect(result).toEqual({ ...proved, changed: 1 })
  expect(under.snapshot()).toEqual(under.truth())
})
