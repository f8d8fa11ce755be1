import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { Manners } from '../../../src/domain/manners.ts'
import type { PinRequest } from '../../../src/domain/pin.ts'
import { everything, halfSeconds } from '../../../src/domain/windows.ts'
import type { Listing } from '../../../src/listing/listing.ts'
import { takePage, upTo } from '../../../src/listing/take.ts'
import { UnsureWindows } from '../../../src/listing/unsure-windows.ts'
import { BucketRequests } from '../../../src/snapshot/bucket/requests.ts'
import { DelegateBook } from '../../../src/snapshot/delegates.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Cids } from '../../sandbox/identity.ts'

const start = Date.parse('2023-05-01T00:00:00Z')
const cids = new Cids(1)

/** So many requests, one a second. */
const rows = (count: number, from = 0): PinRequest[] =>
  Array.from({ length: count }, (_, index) => ({
    requestid: `r${from + index}`,
    status: 'pinned',
    created: start + (from + index) * 1000,
    cid: cids.next(),
    name: null,
    delegates: [],
    meta: null,
    failureReason: null,
    size: null,
  }))

/** A listing that has taken in nothing yet. */
function listing(run = 1) {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const requests = new BucketRequests(db, 'main', new DelegateBook(db, 0))
  const changes = { added: 0, changed: 0, vanished: 0, returned: 0 }
  const stop = new AbortController()
  const manners = Object.assign(new Manners(), { grid: halfSeconds })
  const unsure = new UnsureWindows()
  const state = requests.state()
  const some = { requests, state, manners, run, changes, unsure, signal: stop.signal } as Listing
  return { db, stop, listing: some, requests, changes, unsure }
}

const whole = { window: everything, grid: halfSeconds, isOneAnswer: true }
const count = 25_000

describe('an answer of many rows', () => {
  test('is taken in while others have their turns, and what it did not show becomes tombstones', async () => {
    const { db, listing: under, requests, changes } = listing()
    using _ = db
    let turns = 0
    const look = () => {
      turns++
      timer = setImmediate(look)
    }
    let timer = setImmediate(look)
    await takePage(under, rows(count), whole, () => {
      expect(requests.count(everything)).toBe(count)
    })
    expect({ ...changes, turns: turns >= 5 }).toEqual({
      added: count,
      changed: 0,
      vanished: 0,
      returned: 0,
      turns: true,
    })
    turns = 0
    await takePage(under, rows(10, count), whole)
    clearImmediate(timer)
    expect(changes).toMatchObject({ added: count + 10, vanished: count })
    expect(turns).toBeGreaterThanOrEqual(2)
    expect(requests.count(everything)).toBe(10)
    expect(requests.state().unread()).toEqual([])
  })

  test('leaves everything to be read again by the next run where this one is killed', async () => {
    const { db, stop, listing: under, requests } = listing()
    using _ = db
    setImmediate(() => stop.abort(new Error('killed')))
    const also = () => expect.fail('it was not taken in')
    await expect(takePage(under, rows(count), whole, also)).rejects.toThrow('killed')
    expect(requests.count(everything)).toBeGreaterThan(0)
    expect(requests.state().unread()).toEqual([everything])
  })

  test('keeps what is noted with it', async () => {
    const { db, listing: under, requests } = listing()
    using _ = db
    const { state } = under
    await takePage(under, rows(count), whole, () => state.startUnread([everything]))
    expect(requests.state().unread()).toEqual([everything])
  })
})

test('an answer of as many rows as are known there is not taken in at once', async () => {
  const { db, listing: under, requests, changes } = listing()
  using _ = db
  await takePage(under, rows(6000), whole)
  const taken = takePage(under, rows(6000, 6000), whole)
  expect(requests.count(everything)).toBeLessThan(12_000)
  await taken
  expect(changes).toEqual({ added: 12_000, changed: 0, vanished: 6000, returned: 0 })
})

test('what is back counts as such, and what was not shown is not taken for gone', async () => {
  const { db, listing: under, changes } = listing()
  using _ = db
  const some = rows(10)
  await takePage(under, some, whole)
  await takePage(under, some.slice(0, 4), whole)
  await takePage(under, [], null)
  expect(changes).toEqual({ added: 10, changed: 0, vanished: 6, returned: 0 })
  await takePage(under, some.slice(2), null)
  expect(changes).toEqual({ added: 10, changed: 6, vanished: 6, returned: 6 })
})

test('with an answer goes what is known of the service by then', async () => {
  const { db, listing: under, requests } = listing()
  using _ = db
  Object.assign(under.manners, { pageSize: 123 })
  await takePage(under, rows(10), whole)
  expect(requests.state().manners.pageSize).toBe(123)
})

test('what is newer than the newest known one is left out', () => {
  expect(upTo(start + 1000, rows(5)).map(({ requestid }) => requestid)).toEqual(['r0', 'r1'])
})

test('an answer of few rows is taken in at once', () => {
  const { db, listing: under, requests } = listing()
  using _ = db
  void takePage(under, rows(1000), whole)
  expect(requests.count(everything)).toBe(1000)
})

test('where something may be missing is noted with the answer, once', async () => {
  const { db, listing: under, requests, unsure } = listing()
  using _ = db
  const window = { after: start, before: start + 1000 }
  unsure.add(window)
  const fail = () => {
    throw new Error('no room')
  }
  await expect(takePage(under, rows(10), whole, fail)).rejects.toThrow('no room')
  expect(requests.state().unread()).toEqual([])
  for (let page = 0; page < 2; page++) await takePage(under, rows(10), null)
  expect(requests.state().unread()).toEqual([window])
})

test('where an answer cannot be taken in, nothing of it counts', async () => {
  const { db, listing: under, requests, changes } = listing()
  using _ = db
  const fail = () => {
    throw new Error('no room')
  }
  await expect(takePage(under, rows(10), whole, fail)).rejects.toThrow('no room')
  expect(changes).toEqual({ added: 0, changed: 0, vanished: 0, returned: 0 })
  expect(requests.count(everything)).toBe(0)
})
