import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cids } from '../../sandbox/identity.ts'
import { filebase, type Manners, type NewRow, type PinRow } from '../../sandbox/pinning-service.ts'
import { Random } from '../../sandbox/random.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

/** What the service gives in a page: little, so that few rows make many pages. */
const pageSize = 50
const newestFirst: Manners = { ...filebase, maxLimit: pageSize }
const orders = ['newest-first', 'oldest-first', 'unordered'] as const

/** A bucket's requests, a minute apart; three in ten share their second with a neighbour. */
class Requests {
  readonly #cids = new Cids(7)
  readonly #random: Random
  #now = Date.parse('2023-05-01T00:00:00Z')
  #isSecond = false

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  take(count: number): NewRow[] {
    return this.#cids.take(count).map((cid) => ({ cid, created: this.#next() }))
  }

  #next(): Date {
    // One in 5.66 joins the one before it: 2 of 6.66 are in pairs.
    this.#isSecond = !this.#isSecond && this.#random.below(1000) < 177
    if (!this.#isSecond) this.#now += 60_000
    return new Date(this.#now)
  }
}

interface Filled extends AsyncDisposable {
  readonly under: BucketUnderTest
  readonly requests: Requests
}

async function bucketOf(count: number, manners: Manners, seed = 1): Promise<Filled> {
  const under = await BucketUnderTest.start(manners, seed)
  const requests = new Requests(seed)
  under.bucket.addAll(requests.take(count))
  return { under, requests, [Symbol.asyncDispose]: () => under[Symbol.asyncDispose]() }
}

/** A listing that is killed when its request of this number comes in. */
async function killed(at: number, under: BucketUnderTest): Promise<void> {
  const { service } = under
  const stop = new AbortController()
  let came = 0
  service.intercept = () => {
    if (++came === at) stop.abort(new Error('killed'))
    return undefined
  }
  await expect(under.list({ signal: stop.signal })).rejects.toThrow('killed')
  service.intercept = undefined
}

describe('a cold listing', () => {
  test.each([
    [2000, 1],
    [2000, 2],
    [5000, 3],
  ])('of %i requests asks at most 1.3 times the least (seed %i)', async (count, seed) => {
    await using filled = await bucketOf(count, newestFirst, seed)
    const { under } = filled
    const { asked, statuses, ...result } = await under.list()
    expect(result).toMatchObject({ mode: 'cold', complete: true, added: count, notes: [] })
    expect(under.snapshot()).toEqual(under.truth())
    expect(asked).toBeLessThanOrEqual((1.3 * count) / pageSize)
  })

  test.each([0, 1, 2, 3, 9, 17])(
    'that is killed %i requests before its end is not paid for again',
    async (left) => {
      await using whole = await bucketOf(1000, newestFirst)
      const { asked } = await whole.under.list()
      await using cut = await bucketOf(1000, newestFirst)
      await killed(asked - left, cut.under)
      const rest = await cut.under.list()
      expect(rest.complete).toBe(true)
      // The answers to those in flight, at most 16, are lost.
      expect(rest.asked).toBeLessThanOrEqual(left + 16)
      expect((await cut.under.list()).asked).toBeLessThanOrEqual(4)
    },
  )
})

describe.each(orders)('an unchanged bucket of a service that answers %s', (order) => {
  test.each([51, 500, 2000])('costs at most 4 requests where it holds %i', async (count) => {
    await using filled = await bucketOf(count, { ...newestFirst, order })
    const { under } = filled
    await under.list()
    const nothing = { complete: true, added: 0, removed: 0, changed: 0 }
    for (let run = 0; run < 4; run++) {
      const { asked, statuses, ...result } = await under.list()
      expect(result).toMatchObject(nothing)
      expect(asked).toBeLessThanOrEqual(4)
    }
    for (let at = 1; at <= 4; at++) {
      await killed(at, under)
      const { asked, statuses, ...result } = await under.list()
      expect(result).toMatchObject(nothing)
      expect(asked).toBeLessThanOrEqual(4)
    }
  })
})

describe.each(orders)('new requests at a service that answers %s', (order) => {
  test.each([1, 49, 50, 100, 200, 500, 2000])('cost their pages: %i', async (count) => {
    await using filled = await bucketOf(1000, { ...newestFirst, order })
    const { under, requests } = filled
    await under.list()
    under.bucket.addAll(requests.take(count))
    const { asked, statuses, ...result } = await under.list()
    expect(result).toMatchObject({ mode: 'incremental', complete: true, added: count, removed: 0 })
    expect(under.snapshot()).toEqual(under.truth())
    // A page that ends within a second brings some of it twice: a tenth more is about as much. One in no order only
    // tells how to divide its window, and brings all of that again.
    const pages = ((order === 'unordered' ? 2.5 : 1.1) * count) / pageSize
    expect(asked).toBeLessThanOrEqual(Math.ceil(pages) + 5)
  })
})

test('one deletion among a thousand pages is found within 8 round trips, at no more than 27 requests', async () => {
  await using filled = await bucketOf(20_000, { ...newestFirst, maxLimit: 20 })
  const { under } = filled
  await under.list()
  const { service, bucket } = under
  for (const place of [1, 4567, 9999, 13_001, 19_000]) {
    const gone = bucket.rows()[place]
    bucket.remove(gone?.requestid ?? '')
    const from = service.requests.length
    const trips: number[] = []
    let foundIn: number | undefined
    service.intercept = ({ query }) => {
      // What was answered before it came: all that are asked for at once come within the delay.
      const answered = service.requests
        .slice(from)
        .flatMap(({ status }, n) => (status === undefined ? [] : [n]))
      trips.push(1 + answered.reduce((most, n) => Math.max(most, trips[n] ?? 0), 0))
      // The head is asked for again: what differed has been read.
      if (trips.length > 1 && !query.has('before')) foundIn ??= (trips.at(-1) ?? 0) - 1
      return { delayMs: 150 }
    }
    expect(await under.list()).toMatchObject({ complete: true, removed: 1 })
    service.intercept = undefined
    expect(foundIn).toBeLessThanOrEqual(8)
    expect(service.requests.length - from).toBeLessThanOrEqual(27)
  }
}, 120_000)

const size = 20_000

interface Deletions {
  readonly count: number
  readonly where: 'evenly spread' | 'at random'
  readonly seed: number
}

const evenly = (count: number): Deletions => ({ count, where: 'evenly spread', seed: 0 })
const atRandom = (count: number, seed: number): Deletions => ({ count, where: 'at random', seed })

const tried: Readonly<Record<(typeof orders)[number], readonly Deletions[]>> = {
  'newest-first': [
    ...[1, 2, 5, 10, 30, 100].flatMap((count) => [
      evenly(count),
      ...[1, 2].map((seed) => atRandom(count, seed)),
    ]),
    ...[200, 400, 1000].flatMap((count) => [evenly(count), atRandom(count, 1)]),
  ],
  'oldest-first': [evenly(1), atRandom(10, 3), evenly(100)],
  unordered: [evenly(1), atRandom(10, 4), evenly(100)],
}

function chosen(rows: readonly PinRow[], { count, where, seed }: Deletions): PinRow[] {
  const places =
    where === 'evenly spread'
      ? Array.from({ length: count }, (_, n) => Math.floor(((n + 0.5) * rows.length) / count))
      : new Random(seed).distinct(count, rows.length)
  return places.map((place) => rows[place] as PinRow)
}

/** No window ends between two requests of one second: so much of a page stays empty. Of a thousand it is nothing. */
const unusedOfPage = 0.3

/** Requests that are gone from the end of a window are looked for beyond it, a few of them. */
const looksBeyond = 3

/** Halving costs two looks a step for each deletion; reading everything is the other way. */
function mostFor(deleted: number): number {
  const steps = Math.log2(Math.max(1, size / (pageSize * deleted))) + 2
  return Math.min(2 * deleted * steps, size / (pageSize - unusedOfPage)) + 4 + looksBeyond
}

describe.each(orders)(`a bucket of ${size} requests at a service that answers %s`, (order) => {
  let filled: Filled
  let cold: Awaited<ReturnType<BucketUnderTest['list']>>
  beforeAll(async () => {
    filled = await bucketOf(size, { ...newestFirst, order })
    cold = await filled.under.list()
  })
  afterAll(() => filled[Symbol.asyncDispose]())

  // A page in no order is seldom all of its window: there it is more.
  test.runIf(order !== 'unordered')('costs at most 1.3 times the least to list at first', () => {
    expect(cold).toMatchObject({ mode: 'cold', complete: true, added: size, notes: [] })
    expect(filled.under.snapshot()).toEqual(filled.under.truth())
    expect(cold.asked).toBeLessThanOrEqual((1.3 * size) / pageSize)
  })

  test('costs at most 4 requests while it is unchanged', async () => {
    for (let run = 0; run < 3; run++) expect((await filled.under.list()).asked).toBeLessThanOrEqual(4)
  })

  test.each(tried[order])(
    'with $count deletions $where (seed $seed) costs what changed',
    async (deletions) => {
      const { under, requests } = filled
      const { count } = deletions
      for (const { requestid } of chosen(under.bucket.rows(), deletions)) under.bucket.remove(requestid)
      const { asked, statuses, ...result } = await under.list()
      // As many new ones, so that the next case finds as many requests.
      under.bucket.addAll(requests.take(count))
      await under.list()
      expect(result).toMatchObject({ complete: true, removed: count, added: 0 })
      expect(asked).toBeLessThanOrEqual(mostFor(count))
    },
  )

  test('is known as it is after all that', () => {
    expect(filled.under.snapshot()).toEqual(filled.under.truth())
  })
})
