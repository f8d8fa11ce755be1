import { describe, expect, test } from 'vitest'
import { Cids } from '../../sandbox/identity.ts'
import { cluster, filebase, type Manners, type NewRow, type PinRow } from '../../sandbox/pinning-service.ts'
import { Random } from '../../sandbox/random.ts'
import type { RecordedRequest } from '../../sandbox/server.ts'
import { BucketUnderTest } from './bucket-under-test.ts'

const start = Date.parse('2023-05-01T00:00:00Z')

/** Requests a minute apart, of which every third shares its second with the one before. */
function rows(count: number, more: Partial<NewRow> = {}): NewRow[] {
  return new Cids(7).take(count).map((cid, index) => ({
    cid,
    created: new Date(start + (index - (index % 3 === 2 ? 1 : 0)) * 60_000),
    ...more,
  }))
}

async function bucketOf(count: number, manners: Manners = filebase): Promise<BucketUnderTest> {
  const service = await BucketUnderTest.start(manners)
  service.bucket.addAll(rows(count))
  return service
}

/** A run that is killed when such a request comes in. */
async function killed(under: BucketUnderTest, at: (request: RecordedRequest, number: number) => boolean) {
  const { service } = under
  const stop = new AbortController()
  let number = 0
  service.intercept = (request) => {
    if (at(request, ++number)) stop.abort(new Error('killed'))
    return undefined
  }
  await expect(under.list({ signal: stop.signal })).rejects.toThrow('killed')
  service.intercept = undefined
}

describe.each([
  ['a service that answers newest first', filebase],
  ['a service that answers oldest first', { ...filebase, order: 'oldest-first' as const }],
  ['a service that answers in no order', { ...cluster, maxLimit: 1000 }],
])('%s', (_, manners) => {
  test('a bucket of many pages is listed completely, and unchanged costs 4 requests', async () => {
    await using service = await bucketOf(12_345, manners)
    expect(await service.list()).toMatchObject({ mode: 'cold', complete: true, added: 12_345, notes: [] })
    expect(service.snapshot()).toEqual(service.truth())
    for (let run = 0; run < 15; run++) {
      const unchanged = { mode: 'incremental', complete: true, asked: 4, added: 0, removed: 0, changed: 0 }
      expect(await service.list()).toMatchObject(unchanged)
    }
  })

  test('a deletion among many pages is found by comparing counts', async () => {
    await using service = await bucketOf(12_345, manners)
    await service.list()
    service.bucket.remove(service.bucket.rows()[4567]?.requestid ?? '')
    const result = await service.list()
    expect(result).toMatchObject({ complete: true, removed: 1, added: 0 })
    expect(result.asked).toBeLessThanOrEqual(2 * (Math.log2(12.345) + 2) + 4)
    expect(service.snapshot()).toEqual(service.truth())
  })
})

test('one page holds a small bucket: one request shows all of it', async () => {
  await using service = await bucketOf(300)
  await service.list()
  service.bucket.setStatus(service.bucket.rows()[5]?.requestid ?? '', 'failed', 'Exceeded Max Attempts (11)')
  expect(await service.list()).toMatchObject({ complete: true, asked: 1, changed: 1 })
  expect(service.snapshot()).toEqual(service.truth())
})

describe('a request that was asked for again, and moved to the head', () => {
  const move = (service: BucketUnderTest, index: number, minutes: number) => {
    const { cid, requestid } = service.bucket.rows()[index] as PinRow
    service.bucket.remove(requestid)
    service.bucket.add({ cid, requestid, created: new Date(start + minutes * 60_000) })
  }

  test.each([30, 3000])('is known once, in a bucket of %i', async (count) => {
    await using service = await bucketOf(count, { ...cluster, maxLimit: 1000 })
    await service.list()
    move(service, count - 10, count)
    expect(await service.list()).toMatchObject({ complete: true, added: 0, removed: 0, changed: 1 })
    expect(service.snapshot()).toEqual(service.truth())
  })

  test('and then removed is reported once', async () => {
    await using service = await bucketOf(3000)
    await service.list()
    move(service, 10, 3000)
    // The head is in the snapshot, and what is below it is not counted.
    await killed(service, (_, number) => number === 2)
    service.bucket.remove(service.bucket.rows().at(-1)?.requestid ?? '')
    expect(await service.list()).toMatchObject({ complete: true, removed: 1 })
    expect(service.snapshot()).toEqual(service.truth())
  })
})

test('every page of unsettled requests costs one more request', async () => {
  await using service = await BucketUnderTest.start(filebase)
  service.bucket.addAll(rows(5000).map((row, index) => (index < 1500 ? { ...row, status: 'queued' } : row)))
  await service.list()
  expect(await service.list()).toMatchObject({ complete: true, asked: 5, changed: 0 })
})

test('what settled since is looked up: pinned, failed or gone', async () => {
  await using service = await BucketUnderTest.start(filebase)
  service.bucket.addAll(rows(3000).map((row, index) => (index < 30 ? { ...row, status: 'queued' } : row)))
  await service.list()
  const unsettled = service.bucket.rows().filter(({ status }) => status === 'queued')
  for (const { requestid } of unsettled.slice(0, 10)) service.bucket.setStatus(requestid, 'pinned')
  for (const { requestid } of unsettled.slice(10, 20))
    service.bucket.setStatus(requestid, 'failed', 'no peers')
  service.bucket.remove(unsettled[25]?.requestid ?? '')
  expect(await service.list()).toMatchObject({ complete: true, removed: 1, changed: 20 })
  expect(service.snapshot()).toEqual(service.truth())
})

test('what settled since is looked up one by one where the service takes one CID a filter', async () => {
  await using service = await BucketUnderTest.start({ ...filebase, maxCids: 1 })
  service.bucket.addAll(
    rows(3000).map((row, index) => (index % 250 === 100 ? { ...row, status: 'queued' } : row)),
  )
  await service.list()
  const unsettled = service.bucket.rows().filter(({ status }) => status === 'queued')
  for (const { requestid } of unsettled.slice(0, 8)) service.bucket.setStatus(requestid, 'pinned')
  expect(await service.list()).toMatchObject({ complete: true, changed: 8 })
  expect(service.snapshot()).toEqual(service.truth())
})

test('many that settled at once are read by the page', async () => {
  await using service = await BucketUnderTest.start(filebase)
  service.bucket.addAll(rows(4000).map((row, index) => (index < 2000 ? row : { ...row, status: 'queued' })))
  await service.list()
  const unsettled = service.bucket.rows().filter(({ status }) => status === 'queued')
  for (const [index, { requestid }] of unsettled.entries()) {
    if (index < 1900) service.bucket.setStatus(requestid, index % 10 === 0 ? 'failed' : 'pinned')
    else if (index < 1910) service.bucket.remove(requestid)
  }
  const result = await service.list()
  expect(result).toMatchObject({ complete: true, removed: 10, changed: 1900 })
  // Looked up by ten, they would take 200.
  expect(result.asked).toBeLessThan(30)
  expect(service.snapshot()).toEqual(service.truth())
})

test('what a service says of a request while its own node is down is not believed', async () => {
  await using service = await BucketUnderTest.start({ ...cluster, maxLimit: 1000 })
  service.bucket.addAll(rows(1500).map((row, index) => (index === 7 ? { ...row, status: 'pinning' } : row)))
  await service.list()
  const before = service.snapshot()
  const [row] = service.bucket.rows().filter(({ status }) => status === 'pinning')
  const nothing = {
    requestid: row?.requestid,
    status: 'failed',
    created: '0001-01-01T00:00:00Z',
    pin: { cid: row?.cid },
  }
  service.service.intercept = ({ path, query }) => {
    if (path.endsWith(`/${row?.requestid}`)) return { status: 200, body: JSON.stringify(nothing) }
    return query.get('status') === 'queued,pinning,failed'
      ? { status: 200, body: '{"count":0,"results":[]}' }
      : undefined
  }
  expect(await service.list()).toMatchObject({ complete: true, added: 0, removed: 0, changed: 0 })
  expect(service.snapshot()).toEqual(before)
})

describe('a drop too large to be believed', () => {
  async function dropped(): Promise<BucketUnderTest> {
    const service = await bucketOf(3000)
    await service.list()
    for (const { requestid } of service.bucket.rows().slice(100, 900)) service.bucket.remove(requestid)
    const first = await service.list()
    expect(first).toMatchObject({ complete: true, removed: 0, vanished: 800 })
    expect(first.notes.join()).toContain('800 of 3000 requests vanished at once')
    return service
  }
  const kept = { complete: true, removed: 0, vanished: 800 }
  const gone = { complete: true, removed: 800, vanished: 0, drops: [], notes: [] }

  test('is kept until a run a day later sees the same', async () => {
    await using service = await dropped()
    for (let run = 0; run < 3; run++) expect(await service.list()).toMatchObject(kept)
    service.letDayPass()
    expect(await service.list()).toMatchObject(gone)
    expect(service.snapshot()).toEqual(service.truth())
  })

  test.each(['here', 'service'] as const)(
    'is kept where only one clock says that a day has passed: %s',
    async (clock) => {
      await using service = await dropped()
      service.letDayPass(clock)
      expect(await service.list()).toMatchObject(kept)
    },
  )

  test('is confirmed by a person, once it was said', async () => {
    await using service = await bucketOf(3000)
    await service.list()
    for (const { requestid } of service.bucket.rows().slice(100, 900)) service.bucket.remove(requestid)
    expect(await service.list({ full: true, isConfirmed: true })).toMatchObject({ removed: 0, vanished: 800 })
    expect(await service.list({ full: true, isConfirmed: true })).toMatchObject({ ...gone, mode: 'full' })
  })

  test('does not keep a few that go after it from being believed, and a further large one waits anew', async () => {
    await using service = await dropped()
    const remove = (count: number) => {
      for (const { requestid } of service.bucket.rows().slice(0, count)) service.bucket.remove(requestid)
    }
    remove(5)
    expect(await service.list()).toMatchObject({ removed: 5, vanished: 800 })
    service.letDayPass()
    remove(1000)
    expect(await service.list()).toMatchObject({ removed: 800, vanished: 1000 })
    expect(await service.list()).toMatchObject({ removed: 0, vanished: 1000 })
    service.letDayPass()
    expect(await service.list()).toMatchObject({ removed: 1000, vanished: 0 })
    expect(service.snapshot()).toEqual(service.truth())
  })

  test('is not believed either where the run that saw it first was killed', async () => {
    await using service = await bucketOf(3000)
    await service.list()
    for (const { requestid } of service.bucket.rows().slice(100, 900)) service.bucket.remove(requestid)
    const stop = new AbortController()
    let counts = 0
    service.service.intercept = ({ query }) => {
      // The second one is to prove what the first one found wrong, and what was then read.
      if (query.get('limit') === '1' && ++counts === 2) stop.abort(new Error('killed'))
      return undefined
    }
    await expect(service.list({ signal: stop.signal })).rejects.toThrow('killed')
    service.service.intercept = undefined
    expect(await service.list()).toMatchObject(kept)
    service.letDayPass()
    expect(await service.list()).toMatchObject(gone)
  })

  test('is not believed of a cold listing either', async () => {
    await using service = await bucketOf(5000)
    const { service: server, bucket } = service
    // Everything has been read when the service's own node goes down, before the proof.
    server.intercept = ({ query }) => {
      if (query.get('limit') === '1' && query.has('before')) bucket.hidden = () => true
      return undefined
    }
    expect(await service.list()).toMatchObject({ mode: 'cold', removed: 0, vanished: 5000 })
    server.intercept = undefined
    bucket.hidden = undefined
    expect(await service.list()).toMatchObject({ complete: true, removed: 0, vanished: 0 })
    expect(service.snapshot()).toEqual(service.truth())
  })

  test('is forgotten when the requests are back', async () => {
    await using service = await bucketOf(3000, { ...cluster, maxLimit: 1000 })
    await service.list()
    // IPFS Cluster with its own node down: every count is 0.
    service.bucket.hidden = () => true
    const hidden = await service.list()
    expect(hidden).toMatchObject({ removed: 0, vanished: 3000 })
    expect(hidden.asked).toBeLessThan(10)
    service.bucket.hidden = undefined
    expect(await service.list()).toMatchObject({ complete: true, removed: 0, vanished: 0 })
    expect(service.snapshot()).toEqual(service.truth())
  })
})

test('the audit finds what hides behind an equal count, and everything is listed again', async () => {
  await using service = await bucketOf(5000)
  await service.list()
  const all = service.bucket.rows()
  // One became visible late, another is gone: the count is the same.
  service.bucket.add({ cid: new Cids(99).next(), created: new Date(start + 30_000) })
  service.bucket.remove(all[1]?.requestid ?? '')
  const results = []
  for (let run = 0; run < 7; run++) results.push(await service.list())
  expect(results.filter(({ mode }) => mode === 'full')).toHaveLength(1)
  expect(results.flatMap(({ notes }) => notes).join()).toContain('behind an equal count')
  expect(service.snapshot()).toEqual(service.truth())
})

describe('a second that holds more than a page', () => {
  const sameSecond = (count: number) =>
    rows(count, { created: new Date(start) }).concat(
      rows(2000).map((row, n) => ({ ...row, cid: new Cids(n).next('raw') })),
    )

  test('is read with a larger page where the service gives one', async () => {
    await using service = await BucketUnderTest.start({ ...filebase, maxLimit: 10_000 })
    service.bucket.addAll(sameSecond(4000))
    expect(await service.list()).toMatchObject({ complete: true, added: 6000 })
    expect(service.snapshot()).toEqual(service.truth())
  })

  test.each(['capped', 'refused'] as const)(
    'is named where it does not: larger pages are %s',
    async (aboveMaxLimit) => {
      await using service = await BucketUnderTest.start({ ...filebase, aboveMaxLimit })
      service.bucket.addAll(sameSecond(4000))
      const result = await service.list()
      expect(result).toMatchObject({ complete: false, removed: 0 })
      expect(result.notes.join()).toMatch(
        /2023-04-30T23:59:59\.500Z to 2023-05-01T00:00:00\.500Z holds 400\d requests/,
      )
    },
  )
})

describe('a service whose count is only the page’s length', () => {
  test.each([1000, 250])('is read whole and never called complete (pages of %i)', async (maxLimit) => {
    await using service = await bucketOf(3000, { ...filebase, count: 'page', maxLimit })
    for (let run = 0; run < 2; run++) {
      expect(await service.list()).toMatchObject({
        complete: false,
        unprovable: true,
        removed: 0,
        vanished: 0,
      })
      expect(service.snapshot()).toEqual(service.truth())
    }
    service.bucket.remove(service.bucket.rows()[50]?.requestid ?? '')
    expect(await service.list()).toMatchObject({ complete: false, removed: 0, vanished: 1 })
    expect(await service.list()).toMatchObject({ complete: false, removed: 1, vanished: 0 })
    expect(service.snapshot()).toEqual(service.truth())
  })

  const manners = { ...filebase, count: 'page' as const, maxLimit: 20 }
  const unproved = { complete: false, unprovable: true, removed: 0, vanished: 0 }

  test('is found out when its bucket has grown from one request, and read once', async () => {
    await using service = await bucketOf(1, manners)
    await service.list()
    service.bucket.addAll(rows(90).slice(1))
    const result = await service.list()
    expect(result).toMatchObject(unproved)
    expect(result.notes).toHaveLength(1)
    expect(result.asked).toBeLessThan(25)
    expect(service.snapshot()).toEqual(service.truth())
  })

  test('loses nothing of a second that holds more than a page, and names it', async () => {
    await using service = await bucketOf(10, manners)
    const many = new Cids(8).take(15).map((cid) => ({ cid, created: new Date(start + 60_000_000) }))
    service.bucket.addAll(many)
    await service.list()
    expect(service.snapshot()).toEqual(service.truth())
    const more = new Cids(9).take(10).map((cid) => ({ cid, created: new Date(start + 60_000_000) }))
    service.bucket.addAll(more)
    const result = await service.list()
    expect(result).toMatchObject(unproved)
    expect(result.notes.join()).toContain('may hold more than the 20 requests that the service gives of it')
    expect(service.snapshot().length).toBeGreaterThanOrEqual(25)
  })
})

test('a bucket in use is proved while requests come in', async () => {
  await using service = await bucketOf(5000)
  await service.list()
  const cids = new Cids(123)
  let now = start + 5000 * 60_000
  service.service.intercept = () => {
    now += 100
    service.bucket.add({ cid: cids.next(), created: new Date(now) })
    return { delayMs: 5 }
  }
  const result = await service.list()
  expect(result).toMatchObject({ complete: true, removed: 0, notes: [] })
  expect(result.asked).toBeLessThan(10)
})

test('as many new requests as went do not make up for them, where they are more than a page', async () => {
  await using service = await bucketOf(100, { ...filebase, maxLimit: 20 })
  // The second run's audit looks at the head, the third's below it.
  for (let run = 0; run < 2; run++) await service.list()
  service.bucket.remove(service.bucket.rows()[0]?.requestid ?? '')
  const newest = start + 200 * 60_000
  const head = new Cids(8).take(30).map((cid, n) => ({ cid, created: new Date(newest + n * 1000) }))
  service.bucket.addAll(head)
  service.service.intercept = ({ query }) => {
    // All is counted once the new ones have been read: one more makes the count what it was to be.
    if (query.get('limit') === '1' && service.bucket.size === 129)
      service.bucket.add({ cid: new Cids(9).next(), created: new Date(newest + 60_000) })
    return undefined
  }
  expect(await service.list()).toMatchObject({ complete: true, added: 31, removed: 1 })
  expect(service.snapshot()).toEqual(service.truth())
})

test('more new requests than a page, that the audit comes upon, are all read, though as many have gone', async () => {
  await using service = await bucketOf(100, { ...filebase, maxLimit: 20 })
  // The first warm run's audit looks at the head.
  await service.list()
  const { bucket, service: server } = service
  const newest = start + 200 * 60_000
  const added = new Cids(8).take(21).map((cid, n) => ({ cid, created: new Date(newest + n * 1000) }))
  server.intercept = ({ query }) => {
    // The head has been read.
    if (query.get('status') !== 'queued,pinning,failed') return undefined
    bucket.addAll(added)
    bucket.remove(bucket.rows()[1]?.requestid ?? '')
    return undefined
  }
  await service.list()
  server.intercept = undefined
  expect(await service.list()).toMatchObject({ complete: true, removed: 1 })
  expect(service.snapshot()).toEqual(service.truth())
})

test('two full seconds a little apart are told from one that holds more than a page', async () => {
  const truncated = { ...filebase, maxLimit: 20, fractions: 'truncated' as const }
  await using service = await BucketUnderTest.start(truncated)
  const seconds = [0, 10].flatMap((second) =>
    new Cids(second).take(12).map((cid) => ({ cid, created: new Date(start + second * 1000) })),
  )
  service.bucket.addAll(seconds)
  expect(await service.list()).toMatchObject({ complete: true, added: 24, notes: [] })
})

test('a full listing takes nothing from a cold one that was killed, nor from what a service once answered', async () => {
  await using service = await bucketOf(5000)
  const stop = new AbortController()
  service.service.intercept = () => {
    if (service.service.requests.length === 9) stop.abort(new Error('killed'))
    return undefined
  }
  await expect(service.list({ signal: stop.signal })).rejects.toThrow('killed')
  service.service.intercept = undefined
  const full = await service.list({ full: true })
  expect(full).toMatchObject({ mode: 'full', complete: true, unprovable: false })
  expect(full.asked).toBeGreaterThan(6)
  expect(service.snapshot()).toEqual(service.truth())
})

test('one wrong count does not brand a service for ever', async () => {
  await using service = await bucketOf(300)
  service.service.intercept = ({ query }) =>
    query.get('limit') === '1' ? { status: 200, body: '{"count":0,"results":[]}' } : undefined
  await service.list()
  service.service.intercept = undefined
  expect(await service.list()).toMatchObject({ complete: true, unprovable: false })
})

test('requests that are hidden just as they are to tell which bounds are honoured tell nothing', async () => {
  await using service = await BucketUnderTest.start({ ...filebase, maxLimit: 20 })
  service.bucket.addAll(new Cids(8).take(60).map((cid, n) => ({ cid, created: new Date(start + n * 1000) })))
  let told = 0
  service.service.intercept = ({ query }) => {
    const span = Date.parse(query.get('before') ?? '') - Date.parse(query.get('after') ?? '')
    const isToTell = span <= 2000 && told++ < 3
    service.bucket.hidden = isToTell ? () => true : undefined
    return undefined
  }
  for (let run = 0; run < 2; run++) expect(await service.list()).toMatchObject({ complete: true })
  const asked = service.service.requests.length
  await service.list()
  const [head] = service.service.requests.slice(asked)
  expect(head?.query.get('after')).toMatch(/\.500Z$/)
})

test('a count without any request is said, not believed', async () => {
  await using service = await bucketOf(10)
  service.service.intercept = () => ({ status: 200, body: '{"count":300,"results":[]}' })
  const result = await service.list()
  expect(result).toMatchObject({ complete: false, added: 0 })
  expect(result.notes.join()).toContain('shows none of them')
})

describe('a service that shows less than it goes by', () => {
  test('is listed completely where it keeps finer instants than it shows', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      await using service = await BucketUnderTest.start(
        { ...filebase, maxLimit: 200, created: 'hidden-milliseconds' },
        seed,
      )
      const random = new Random(seed)
      const hidden = rows(3000).map((row, n) => ({
        ...row,
        created: new Date(start + n * 2000 + random.below(4000)),
      }))
      service.bucket.addAll(hidden)
      expect(await service.list()).toMatchObject({ complete: true, removed: 0, vanished: 0 })
      expect(service.snapshot()).toHaveLength(3000)
      expect(await service.list()).toMatchObject({ complete: true, added: 0, removed: 0 })
    }
  })

  describe('because requests lie beyond the second at which they are shown', () => {
    const manners = { ...filebase, maxLimit: 20, created: 'hidden-milliseconds' as const }

    /** The second page, of 20, ends within a second whose requests were created in its second half. */
    async function bucketOf60(more: Partial<Manners> = {}): Promise<BucketUnderTest> {
      const service = await BucketUnderTest.start({ ...manners, ...more })
      const created = (index: number) => {
        if (index === 20) return start + 21 * 60_000 + 700
        return start + index * 60_000 + (index === 21 ? 900 : 0)
      }
      service.bucket.addAll(new Cids(7).take(60).map((cid, n) => ({ cid, created: new Date(created(n)) })))
      return service
    }

    /** Some that the first page shows, below those that every proof looks at again. */
    const removeRead = ({ bucket }: BucketUnderTest, count: number) => {
      for (const { requestid } of bucket.rows().slice(42, 42 + count)) bucket.remove(requestid)
    }

    test('is not proved by a count that a deletion has made right', async () => {
      await using service = await bucketOf60()
      service.service.intercept = ({ query }) => {
        const isBelowSecondPage = Date.parse(query.get('before') ?? '') < start + 22 * 60_000
        if (isBelowSecondPage && service.bucket.size === 60) removeRead(service, 2)
        return undefined
      }
      expect(await service.list()).toMatchObject({ complete: true })
      expect(service.snapshot()).toEqual(service.truth())
    })

    test('is read again by the next run where the one that found it out is killed', async () => {
      await using service = await bucketOf60()
      let isFound = false
      await killed(service, ({ query }) => {
        const wasFound = isFound
        // It looks on both sides of a bound for what should have been before it.
        const bounds = ['after', 'before'].map(
          (name) => Date.parse(query.get(name) ?? '') - start - 21 * 60_000,
        )
        isFound ||= bounds[0] === -1000 && bounds[1] === 1000
        return wasFound
      })
      removeRead(service, 1)
      expect(await service.list()).toMatchObject({ complete: true })
      expect(service.snapshot()).toEqual(service.truth())
    })

    test('is found out also where everything is read again', async () => {
      await using service = await BucketUnderTest.start({ ...manners, count: 'page' })
      // The first run's pages end at others; the second reads a window of 20 that begins with it.
      const created = (index: number) => start + index * 60_000 + (index === 40 ? 700 : 0)
      service.bucket.addAll(new Cids(7).take(61).map((cid, n) => ({ cid, created: new Date(created(n)) })))
      for (let run = 0; run < 2; run++) {
        expect(await service.list()).toMatchObject({ unprovable: true, vanished: 0 })
        expect(service.snapshot()).toEqual(service.truth())
      }
    })

    test('is read whole where no count tells what is missing', async () => {
      await using service = await bucketOf60({ count: 'page' })
      expect(await service.list()).toMatchObject({ complete: false, unprovable: true, vanished: 0 })
      expect(service.snapshot()).toEqual(service.truth())
    })
  })

  test('keeps both requests of one requestid', async () => {
    await using service = await bucketOf(30)
    const [one, two] = service.bucket.rows()
    const answer = (limit: number) => {
      const results = [two, one].map((row) => ({
        requestid: 'the same',
        status: 'pinned',
        created: row?.created === undefined ? '' : new Date(row.created).toISOString(),
        pin: { cid: row?.cid },
        delegates: [],
      }))
      return { status: 200, body: JSON.stringify({ count: 2, results: results.slice(0, limit) }) }
    }
    service.service.intercept = ({ query }) => answer(Number(query.get('limit')))
    await service.list()
    expect(service.snapshot()).toHaveLength(2)
  })

  test('takes a requestid with a lone surrogate in without losing it', async () => {
    await using service = await bucketOf(1)
    const [row] = service.bucket.rows()
    const result = {
      requestid: 'a\ud800',
      status: 'pinned',
      created: '2023-05-01T00:00:00Z',
      pin: { cid: row?.cid },
    }
    service.service.intercept = () => ({ status: 200, body: JSON.stringify({ count: 1, results: [result] }) })
    expect(await service.list()).toMatchObject({ complete: true, removed: 0 })
    expect(await service.list()).toMatchObject({ complete: true, added: 0, removed: 0, vanished: 0 })
    expect(service.snapshot()).toHaveLength(1)
  })
})

test('a cold listing that was killed goes on where it stopped', async () => {
  await using service = await bucketOf(40_000)
  const stop = new AbortController()
  service.service.intercept = ({ query }) => {
    if (service.service.requests.length === 45) stop.abort(new Error('killed'))
    return query.has('limit') ? { delayMs: 5 } : undefined
  }
  await expect(service.list({ signal: stop.signal })).rejects.toThrow('killed')
  const kept = service.snapshot().length
  expect(kept).toBeGreaterThan(8000)
  const rest = await service.list()
  expect(rest).toMatchObject({ mode: 'cold', complete: true })
  // The pages that were kept are not asked for again.
  expect(rest.asked).toBeLessThan(((40_000 - kept) / 1000) * 1.5 + 12)
  expect(service.snapshot()).toEqual(service.truth())
})

describe('how far a listing has come', () => {
  /** What is done and what is left together, answer by answer. */
  async function totals(service: BucketUnderTest, full: boolean) {
    let done = 0
    const totals: number[] = []
    let left = Number.NaN
    await service.list({
      full,
      onProgress: (progress) => {
        done += progress.read
        left = progress.left
        totals.push(done + left)
      },
    })
    return { totals, left }
  }

  test.each([
    ['newest-first', false],
    ['oldest-first', false],
    ['newest-first', true],
  ] as const)('is known from its first answer to its last (%s, full: %s)', async (order, full) => {
    await using service = await bucketOf(12_345, { ...filebase, order })
    if (full) await service.list()
    const { totals: all, left } = await totals(service, full)
    expect(all.length).toBeGreaterThan(12)
    // Some requests come twice, where windows overlap.
    for (const total of all) expect(total / 12_345).toBeCloseTo(1, 1)
    expect(left).toBe(0)
  })
})
