import { describe, expect, test } from 'vitest'
import { doubtListings } from '../../../src/snapshot/bucket/state.ts'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners } from '../../sandbox/pinning-service.ts'
import { askedFor } from './asked-for.ts'
import { BucketUnderTest } from './bucket-under-test.ts'
import { proved } from './proved.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const others = new Cids(7)

/** A bucket with a request every ten seconds, of which an answer shows 20. */
async function bucketOf(count: number, more: Partial<Manners> = {}) {
  const under = await BucketUnderTest.start({ ...filebase, delegates: [], maxLimit: 20, ...more })
  const cids = new Cids(1)
  under.bucket.addAll(
    Array.from({ length: count }, (_, n) => ({ cid: cids.next(), created: start + n * 10_000 })),
  )
  return under
}

const add = ({ bucket }: BucketUnderTest, second: number, more: object = {}) =>
  bucket.add({ cid: others.next(), created: start + second * 1000, ...more })

function remove({ bucket }: BucketUnderTest, from: number, count = 1) {
  for (const { requestid } of bucket.rows().slice(from, from + count)) bucket.remove(requestid)
}

/** What was asked for since the last time, sorted: some is asked for at once. */
const asked = ({ service }: BucketUnderTest) =>
  service.requests
    .splice(0)
    .map((request) => askedFor(request, start))
    .sort()
    .join(' | ')

/** Ends the run that makes this request, the first being 1. */
function killAt(under: BucketUnderTest, request: number) {
  const stop = new AbortController()
  let requests = 0
  under.service.intercept = () => {
    if (++requests === request) stop.abort(new Error('killed'))
    return undefined
  }
  return under.list({ signal: stop.signal }).finally(() => {
    under.service.intercept = undefined
  })
}

const isCounted =
  'the service’s `count` is only the length of the page, so that no listing of it can be proved'
const alone = 'failed 1 .. | pinned 1 .. | pinning 1 .. | queued 1 ..'
const grid = 'all 1000 49.5..50.5 | all 1000 50.5..51.5'

/** What each of three listings asks for: the first, a later one, and one that a person wants. */
test.each([
  [
    0,
    [
      `all 1000 .. | all 1000 .. | ${alone}`,
      `all 1000 .. | ${alone}`,
      `all 1000 .. | all 1000 .. | ${alone}`,
    ],
  ],
  [
    12,
    [
      `all 1 .. | all 1 ..-1 | all 1 111.. | all 1000 .. | all 1000 .. | ${alone}`,
      'all 1000 .. | unsettled 1 ..',
      `all 1 .. | all 1 ..-1 | all 1 111.. | all 1000 .. | all 1000 .. | ${grid} | ${alone}`,
    ],
  ],
])(
  'a first listing of %i is cold, a later one incremental, and one that a person wants is full',
  async (count, expected) => {
    await using under = await bucketOf(count)
    const modes: string[] = []
    for (const [run, full] of [false, false, true].entries()) {
      const { mode, complete, unprovable } = await under.list({ full })
      modes.push(mode)
      expect({ complete, unprovable, asked: asked(under) }).toEqual({
        complete: true,
        unprovable: false,
        asked: expected[run],
      })
    }
    expect(modes).toEqual(['cold', 'incremental', 'full'])
  },
)

describe('a listing that was killed', () => {
  test('goes on with what it had not read', async () => {
    await using under = await bucketOf(200, { maxLimit: 10 })
    await expect(killAt(under, 10)).rejects.toThrow('killed')
    const known = under.snapshot().length
    expect(known).toBeGreaterThan(30)
    asked(under)
    expect(await under.list()).toMatchObject({ mode: 'cold', complete: true, added: 200 - known })
    expect(asked(under).split(' | ').length).toBeLessThan(30)
    expect(under.snapshot()).toEqual(under.truth())
  })

  test('goes on also where all was listed before: the counts may be equal', async () => {
    await using under = await bucketOf(45)
    await under.list()
    remove(under, 5)
    add(under, 55)
    under.tamper((db) => db.exec('INSERT INTO unread (bucket, after, before) VALUES (1, NULL, NULL)'))
    expect(await under.list()).toMatchObject({ mode: 'incremental', complete: true, added: 1, removed: 1 })
  })

  test('begins anew where a person wants everything listed', async () => {
    await using under = await bucketOf(200, { maxLimit: 10 })
    await expect(killAt(under, 15)).rejects.toThrow('killed')
    // One of those that were read, and another in its place.
    remove(under, 190)
    add(under, 1905)
    expect(await under.list({ full: true })).toMatchObject({ mode: 'full', complete: true })
    expect(under.snapshot()).toEqual(under.truth())
    expect(asked(under).split(' | ').length).toBeGreaterThan(35)
  })

  test('while it proves what it has read is no cold one any more', async () => {
    await using under = await bucketOf(5)
    // The second page, and each status alone, beside it.
    await expect(killAt(under, 8)).rejects.toThrow('killed')
    expect(await under.list()).toMatchObject({ mode: 'incremental', complete: true, added: 0 })
  })
})

describe('where the count is only of the page', () => {
  test('no listing is proved, each reads everything, and says why', async () => {
    await using under = await bucketOf(45, { count: 'page' })
    for (const mode of ['cold', 'full', 'full']) {
      const result = await under.list()
      expect(result).toMatchObject({ mode, complete: false, unprovable: true, notes: [isCounted] })
      expect(asked(under).split(' | ').length).toBeGreaterThan(8)
    }
    expect(under.snapshot()).toEqual(under.truth())
  })

  test('that is found out of a page that is longer than any that was honest', async () => {
    await using under = await bucketOf(12)
    await under.list()
    under.manners.count = 'page'
    for (let n = 0; n < 33; n++) add(under, 1000 + n)
    expect(await under.list()).toMatchObject({
      mode: 'full',
      unprovable: true,
      added: 33,
      notes: [isCounted],
    })
    under.manners.count = 'all'
    expect(await under.list()).toMatchObject({ complete: true, unprovable: false, notes: [] })
    expect(await under.list()).toMatchObject({ ...proved, mode: 'incremental' })
  })

  test('what vanished is believed gone by the next listing, but by none with rows that are no requests', async () => {
    await using under = await bucketOf(45, { count: 'page' })
    await under.list()
    remove(under, 20, 2)
    const odd = under.bucket.rows()[5]
    under.bucket.odd = (row) => (row === odd ? 'no date' : undefined)
    // The odd one is not shown either.
    for (let run = 0; run < 2; run++) expect(await under.list()).toMatchObject({ removed: 0, vanished: 3 })
    under.bucket.odd = undefined
    expect(await under.list()).toMatchObject({ removed: 0, vanished: 2 })
    expect(await under.list()).toMatchObject({ removed: 2, vanished: 0 })
  })
})

test('a count of more than there is is told as such', async () => {
  await using under = await bucketOf(12, { count: 1000 })
  const { notes, complete, unprovable } = await under.list()
  expect({ complete, unprovable, why: notes.at(-1) }).toEqual({
    complete: false,
    unprovable: true,
    why: 'the service’s `count` is more than there is, so that no listing of it can be proved',
  })
})

describe('rows that are no requests', () => {
  test('alone are an error of a service that has shown none, and a gap of one that has', async () => {
    await using under = await bucketOf(3)
    under.bucket.odd = () => 'no cid'
    await expect(under.list()).rejects.toThrow('cid')
    under.bucket.odd = undefined
    await under.list()
    under.bucket.odd = () => 'no cid'
    expect(await under.list()).toMatchObject({ complete: false, removed: 0, odd: [{}, {}, {}] })
  })

  test('leave what vanished in doubt, in each run', async () => {
    await using under = await bucketOf(45)
    await under.list()
    const odd = add(under, 1000)
    under.bucket.odd = (row) => (row === odd ? 'no date' : undefined)
    remove(under, 5, 2)
    for (let run = 0; run < 2; run++)
      expect(await under.list()).toMatchObject({ complete: false, removed: 0, vanished: 2 })
    under.bucket.odd = undefined
    expect(await under.list()).toMatchObject({ complete: true, removed: 2, vanished: 0, added: 1 })
  })

  test('are where the next listing reads again', async () => {
    await using under = await bucketOf(45)
    await under.list()
    const odd = add(under, 55)
    under.bucket.odd = (row) => (row === odd ? 'no date' : undefined)
    await under.list({ full: true })
    under.bucket.odd = undefined
    // As many requests, so that no count tells of it.
    remove(under, 30)
    expect(await under.list()).toMatchObject({ complete: true, added: 1, removed: 1 })
  })
})

test.each(['ignored', 'truncated'] as const)(
  'what was read by bounds that are %s now is read again',
  async (fractions) => {
    await using under = await bucketOf(45)
    await under.list()
    under.manners.fractions = fractions
    for (let n = 0; n < 30; n++) add(under, 1000 + n)
    remove(under, 20)
    expect(await under.list()).toMatchObject({ complete: true, added: 30, removed: 1, vanished: 0 })
    expect(under.snapshot()).toEqual(under.truth())
  },
)

test('what a filter that was misread showed is no gap of a listing of each status alone', async () => {
  await using under = await bucketOf(12, { severalStatuses: 'first', count: 'any-status' })
  for (const full of [false, true]) {
    expect(await under.list({ full })).toMatchObject({ complete: true, notes: [] })
    expect(under.snapshot()).toEqual(under.truth())
  }
})

test('an error in the place of an empty list is told', async () => {
  await using under = await bucketOf(12, { emptyList: 404 })
  expect(await under.list()).toMatchObject({
    complete: true,
    notes: ['the service answers an empty list with 404: that is taken for an empty list, as it gave others'],
  })
})

test('what looking up one that was not settled shows is proved again', async () => {
  await using under = await bucketOf(45)
  const queued = add(under, 105, { status: 'queued' })
  await under.list()
  // As many as before below the head, so that no count tells of it.
  under.bucket.remove(queued.requestid)
  add(under, 115)
  expect(await under.list()).toMatchObject({ complete: true, added: 1, removed: 1, vanished: 0 })
  expect(under.snapshot()).toEqual(under.truth())
})

describe('the audit', () => {
  test('of what was changed behind an equal count has everything listed again', async () => {
    await using under = await bucketOf(45)
    await under.list()
    remove(under, 15)
    add(under, 155)
    const notes: string[] = []
    for (let run = 0; run < 4; run++) {
      const result = await under.list()
      expect(result).toMatchObject({ complete: true, vanished: 0 })
      expect(result.mode).toBe(result.notes.length > 0 ? 'full' : 'incremental')
      notes.push(...result.notes)
    }
    expect(notes).toEqual([expect.stringContaining('the audit found a difference behind an equal count')])
    expect(under.snapshot()).toEqual(under.truth())
  })

  test('of what came from the cache is over once all was read', async () => {
    await using under = await bucketOf(600)
    await under.list()
    under.tamper(doubtListings)
    const left = () => {
      let unaudited: unknown
      under.tamper((db) => {
        unaudited = db.prepare('SELECT unaudited FROM bucket').get()?.['unaudited']
      })
      return unaudited
    }
    await under.list()
    expect(left()).toBe(9)
    await under.list({ full: true })
    expect(left()).toBe(0)
  })
})

describe('how much vanished at once', () => {
  test('is held against what there was before, not with what came', async () => {
    await using under = await bucketOf(100, { maxLimit: 1000 })
    await under.list()
    remove(under, 10, 11)
    for (let n = 0; n < 100; n++) add(under, 2000 + n)
    expect(await under.list()).toMatchObject({ added: 100, removed: 0, drops: [{ vanished: 11 }] })
  })

  test('is held against all that was listed, where none was known before', async () => {
    await using under = await bucketOf(200, { maxLimit: 50 })
    let requests = 0
    under.service.intercept = () => {
      if (++requests === 8) remove(under, 100, 18)
      return undefined
    }
    expect(await under.list()).toMatchObject({ complete: true, vanished: 0, drops: [] })
    under.service.intercept = undefined
    expect(under.snapshot()).toEqual(under.truth())
  })

  test('counts what vanished in runs that were killed', async () => {
    await using under = await bucketOf(100, { maxLimit: 1000 })
    await under.list()
    remove(under, 10, 6)
    await expect(killAt(under, 2)).rejects.toThrow('killed')
    remove(under, 20, 6)
    expect(await under.list()).toMatchObject({ removed: 0, drops: [{ vanished: 12 }] })
  })
})

test('how many there were before counts with what vanished in runs that were killed', async () => {
  await using under = await bucketOf(124, { maxLimit: 1000 })
  await under.list()
  remove(under, 10, 6)
  await expect(killAt(under, 2)).rejects.toThrow('killed')
  remove(under, 20, 6)
  expect(await under.list()).toMatchObject({ removed: 12, drops: [] })
})

test('what is gone is remembered for a week', async () => {
  await using under = await bucketOf(45)
  await under.list()
  remove(under, 20, 2)
  expect(await under.list()).toMatchObject({ removed: 2 })
  const gone = () => {
    let count: unknown
    under.tamper((db) => {
      count = db.prepare('SELECT count(*) AS n FROM gone').get()?.['n']
    })
    return count
  }
  under.letPass(24 * 6)
  await under.list()
  expect(gone()).toBe(2)
  under.letPass(24 * 2)
  await under.list()
  expect(gone()).toBe(0)
})
