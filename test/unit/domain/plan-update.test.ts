import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { compare, type ListedRequest } from '../../../src/domain/compare.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
import { planUpdate } from '../../../src/domain/plan-update.ts'
import { Cids } from '../../sandbox/identity.ts'
import { listedRequest as request } from './listed-request.ts'

const cids = new Cids(4)
const [one, two, three, four] = cids.take(4) as [string, string, string, string]
const twin = cids.bothVersions()
const keyOf = (text: string) => parseCid(text)?.key as CidKey

function plan(
  node: Readonly<Record<string, string | null>>,
  buckets: Readonly<Record<string, readonly ListedRequest[]>>,
  options: { readonly ignore?: string[]; readonly inDoubt?: string[]; readonly wanted?: string } = {},
) {
  const pins = new NodePins()
  for (const [cid, name] of Object.entries(node)) pins.add(keyOf(cid), { isV0: cid.startsWith('Qm'), name })
  const comparison = atOnce(compare(pins, Object.values(buckets)))
  const names = Object.keys(buckets)
  const failedRequests = comparison.buckets.flatMap(({ failedRequests }, index) =>
    failedRequests.map((request) => ({ bucket: names[index] as string, request })),
  )
  const inDoubt = new Map(options.inDoubt?.map((cid) => [keyOf(cid), 1]))
  const { missing, ignored } = atOnce(
    planUpdate(comparison, {
      targetBucket: 'target',
      failedRequests,
      ignore: new Map((options.ignore ?? []).map((cid) => [keyOf(cid), cid])),
      isNameWanted: (name) => options.wanted === undefined || name === options.wanted,
      inDoubt,
    }),
  )
  const all = Array.from({ length: missing.length }, (_, index) => missing.at(index))
  expect(all.map(({ cid }) => cid.key)).toEqual(all.map((_, index) => missing.keyAt(index)))
  for (const [index, { cid, failed }] of all.entries()) {
    expect(missing.indexOf(cid.key)).toBe(index)
    expect(missing.hasFailed(index)).toBe(failed !== null)
  }
  return { missing: all, ignored, inDoubt: all.map((_, index) => missing.isInDoubt(index)), agenda: missing }
}

test('missing is what the node pins and no bucket has pinned or on the way', () => {
  const { missing, ignored } = plan(
    { [one]: null, [two]: null, [three]: null, [four]: 'mine' },
    {
      a: [request(one, { status: 'queued' })],
      b: [request(two, { status: 'pinning' }), request(three)],
    },
  )
  expect(missing).toEqual([
    { cid: { key: keyOf(four), text: four }, name: 'mine', bucket: 'target', failed: null },
  ])
  expect(ignored).toBe(0)
})

test('the version of a CID makes no difference, and is sent as the node writes it', () => {
  expect(plan({ [twin.v1]: null }, { a: [request(twin.v0)] }).missing).toEqual([])
  expect(plan({ [twin.v0]: null }, {}).missing).toMatchObject([{ cid: { text: twin.v0 } }])
  expect(plan({ [twin.v1]: null }, {}).missing).toMatchObject([{ cid: { text: twin.v1 } }])
})

test.each([
  'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn',
  'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
])('the empty directory, which each Kubo pins by itself, is never sent: %s', (empty) => {
  expect(plan({ [empty]: null }, {})).toMatchObject({ missing: [], ignored: 0 })
  expect(plan({ [empty]: null }, { a: [request(empty, { status: 'failed' })] }).missing).toEqual([])
})

test('what failed is asked for again where it failed last, as it was asked for', () => {
  const { missing } = plan(
    { [twin.v0]: 'of the node', [one]: 'of the node', [two]: null },
    {
      a: [
        request(twin.v1, { requestid: 'old', status: 'failed', created: 5 }),
        request(two, { status: 'failed' }),
      ],
      b: [
        request(twin.v1, { requestid: 'new', status: 'failed', created: 9, name: 'of the request' }),
        request(one, { status: 'failed', created: 3 }),
        request(two, { status: 'queued' }),
      ],
    },
  )
  expect(missing).toMatchObject([
    { cid: { text: twin.v1 }, name: 'of the request', bucket: 'b', failed: { requestid: 'new' } },
    { cid: { text: one }, name: 'of the node', bucket: 'b', failed: { created: 3 } },
  ])
})

test.each([
  ['the first of two at one instant', 5, 'a'],
  ['the newer one, also where it comes first', 4, 'a'],
])('of failed requests it is %s', (_, created, bucket) => {
  const { missing } = plan(
    { [one]: null },
    {
      a: [request(one, { status: 'failed', created: 5 })],
      b: [request(one, { status: 'failed', created })],
    },
  )
  expect(missing).toMatchObject([{ bucket }])
})

test('what failed and is not on the node is not sent', () => {
  expect(plan({ [one]: null }, { a: [request(two, { status: 'failed' })] }).missing).toMatchObject([
    { cid: { text: one }, name: null },
  ])
})

test('what is ignored or not asked for by its name is not missing, and counted', () => {
  const { missing, ignored } = plan(
    { [one]: 'a', [two]: 'b', [three]: null, [four]: 'a' },
    {},
    { ignore: [four], wanted: 'a' },
  )
  expect(missing).toMatchObject([{ cid: { text: one } }])
  expect(ignored).toBe(3)
})

test('what may be there all the same is said', () => {
  expect(plan({ [one]: null, [two]: null }, {}, { inDoubt: [two] }).inDoubt).toEqual([false, true])
})

test('what is not missing is found nowhere', () => {
  const node = { [one]: null, [two]: null, [three]: null }
  const { agenda } = plan(node, { a: [request(two), request(four)] }, { ignore: [three] })
  expect([one, two, three, four, twin.v1].map((cid) => agenda.indexOf(keyOf(cid)))).toEqual([
    0, -1, -1, -1, -1,
  ])
  expect(plan({}, {}).agenda.indexOf(keyOf(one))).toBe(-1)
})
