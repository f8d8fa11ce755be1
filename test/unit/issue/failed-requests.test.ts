import { expect, test } from 'vitest'
import { inSlices } from '../../../src/in-slices.ts'
import { FailedRequests } from '../../../src/issue/failed-requests/failed-requests.ts'
import { toldOf } from '../../../src/issue/told.ts'
import type { FailedRequest } from '../../../src/report/report.ts'
import { tracked } from '../report/samples.ts'

const second = (n: number) => new Date(1_700_000_000_000 + n * 1000).toISOString()

/** One that failed so many seconds after the first could have. */
const failed = (n: number, over: Partial<FailedRequest> = {}): FailedRequest => ({
  ...{ requestid: `r${n}`, cid: `cid-${n}`, name: null, reason: `reason ${n}` },
  ...{ class: 'no-block', created: second(n), ...over },
})

const of = (buckets: Record<string, readonly FailedRequest[]>, mostCids = 3, askedAgain = '') =>
  inSlices(
    FailedRequests.in(
      Object.entries(buckets).map(([name, failedRequests]) => ({ name, failedRequests })),
      { isAskedAgain: (cid) => cid === askedAgain, mostCids },
    ),
  )

test('what failed is summed up by class and bucket', async () => {
  const all = await of({
    photos: [failed(5), failed(2), failed(3, { class: 'gave-up' })],
    films: [failed(1), failed(9, { class: 'gave-up' })],
  })
  const alike = (reasonClass: string, bucket: string, cids: number, oldest: number) =>
    expect.objectContaining({
      kind: 'request',
      class: reasonClass,
      bucket,
      cids,
      oldest: Date.parse(second(oldest)),
      next: null,
    })
  expect([...all.rows()]).toEqual([
    alike('no-block', 'photos', 2, 2),
    alike('no-block', 'films', 1, 1),
    alike('gave-up', 'photos', 1, 3),
    alike('gave-up', 'films', 1, 9),
  ])
})

test.each([
  ['fewer than are told', [2, 1], [1, 2]],
  ['as many', [3, 1, 2], [1, 2, 3]],
  ['more, the oldest last', [9, 8, 7, 6, 5, 4, 3, 2, 1], [1, 2, 3]],
  ['more, the oldest first', [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3]],
  ['more, in no order', [5, 9, 1, 7, 3, 8, 2, 6, 4], [1, 2, 3]],
])('of a class the oldest are told: %s', async (_, order, expected) => {
  const all = await of({ photos: order.map((n) => failed(n)) })
  expect(all.detailsOf('no-block')).toEqual({
    reason: `reason ${expected[0]}`,
    first: expected.map((n) => `cid-${n}`),
  })
  expect(all.detailsOf('gave-up')).toEqual({ reason: '', first: [] })
})

test('those of the same instant are told in the order of their requestids', async () => {
  const all = await of({
    photos: ['c', 'a', 'b'].map((requestid) => failed(1, { requestid, cid: requestid })),
  })
  expect(all.detailsOf('no-block').first).toEqual(['a', 'b', 'c'])
})

test('what is asked for again by itself is left out, and a CID is named once', async () => {
  const all = await of({ photos: [failed(1), failed(2), failed(3, { cid: 'cid-2' })] }, 3, 'cid-1')
  expect([all.named.size, ...all.named.keys()]).toEqual([1, 'request cid-2'])
})

test('how many are told by name: as many as there is room for, and of more only whether they are the same', async () => {
  const toldOfThem = async (cids: readonly string[]) => {
    const { named } = await of({ photos: cids.map((cid, n) => failed(n, { cid })) })
    return toldOf(tracked({ failedRequests: named }), 1)
  }
  const cids = Array.from({ length: 2000 }, (_, n) => `cid-${n}`)
  const few = await toldOfThem(['b', 'a'])
  expect(few).toMatchObject({ keys: ['request a', 'request b'], counts: { request: 2 } })
  expect(await toldOfThem(['a', 'b'])).toEqual(few)
  const many = await toldOfThem(cids)
  expect(many).toMatchObject({ keys: null, counts: { request: 2000 } })
  expect(await toldOfThem(cids.toReversed())).toEqual(many)
  expect((await toldOfThem([...cids.slice(1), 'another'])).keysDigest).not.toBe(many.keysDigest)
})
