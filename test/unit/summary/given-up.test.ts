import { expect, test } from 'vitest'
import { failedRequestEntries } from '../../../src/draft/failed-request-entries.ts'
import { givenUpOf } from '../../../src/summary/counts.ts'
import { bucket, failure, report } from '../report/samples.ts'

const entries = (...cids: readonly string[]) =>
  failedRequestEntries(
    cids.map((text, n) => ({
      ...{ requestid: `r${n}`, text, key: undefined, name: null, delegates: null, size: null },
      ...{ status: 'failed' as const, created: n * 1000, failureReason: n < 2 ? 'no block' : null },
    })),
  )

const buckets = [
  bucket({ name: 'photos', failedRequests: entries('a', 'b', 'c') }),
  bucket({ name: 'films', failedRequests: entries('b', 'd') }),
]
const { update } = report()

test.each([
  ['without an update', null, ['photos a', 'photos b', 'photos c', 'films b', 'films d']],
  ['but for those that an update asks for again', ['b'], ['photos a', 'photos c', 'films d']],
  ['which may be all', ['a', 'b', 'c', 'd'], []],
])('the requests that the service gave up: %s', (_, failed, expected) => {
  const direction = failed && {
    ...(update ?? { pinned: [], pending: [], unsent: [] }),
    failed: failed.map((cid) => failure(0, { cid })),
  }
  // As they are made, and as a report that was read has them.
  for (const read of [false, true]) {
    const own = buckets.map((one) => (read ? { ...one, failedRequests: [...one.failedRequests] } : one))
    const givenUp = givenUpOf({ buckets: own, update: direction as typeof update })
    expect([...givenUp].map(({ bucket: name, cid }) => `${name} ${cid}`)).toEqual(expected)
    expect(givenUp).toHaveLength(expected.length)
    expect([...(givenUp.buckets?.() ?? [])]).toEqual(expected.map((one) => one.split(' ')[0]))
  }
})

test('each has its reason, and what that has in common with others', () => {
  expect([...entries('a', 'b', 'c')]).toMatchObject([
    { cid: 'a', reason: 'no block', class: expect.any(String), created: '1970-01-01T00:00:00.000Z' },
    { cid: 'b', reason: 'no block' },
    { cid: 'c', reason: null, class: 'unsaid', created: '1970-01-01T00:00:02.000Z' },
  ])
})
