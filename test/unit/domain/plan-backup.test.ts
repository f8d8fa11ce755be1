import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { compare, type ListedRequest, NodePins } from '../../../src/domain/compare.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { planBackup } from '../../../src/domain/plan-backup.ts'
import { Cids } from '../../sandbox/identity.ts'
import { listedRequest as request } from './listed-request.ts'

const cids = new Cids(3)
const [one, two, three, four] = cids.take(4) as [string, string, string, string]
const twin = cids.bothVersions()
const keyOf = (text: string) => parseCid(text)?.key as CidKey

function plan(node: string[], buckets: Record<string, ListedRequest[]>, ignore: string[] = []) {
  const pins = new NodePins()
  for (const cid of node) pins.add(keyOf(cid), { isV0: cid.startsWith('Qm'), name: null })
  const comparison = atOnce(compare(pins, Object.values(buckets)))
  const toRead = Object.entries(buckets).map(([name, requests]) => ({
    name,
    at: (created: number) => requests.filter((one) => one.created === created),
  }))
  const { missing, ignored } = atOnce(
    planBackup(comparison, toRead, new Map(ignore.map((cid) => [keyOf(cid), cid]))),
  )
  const all = Array.from({ length: missing.length }, (_, index) => missing.at(index))
  expect(all.map(({ cid }) => cid.key)).toEqual(all.map((_, index) => missing.keyAt(index)))
  return { comparison, buckets: comparison.buckets, missing: all, ignored }
}

test('missing is what is pinned at the service and not on the node', () => {
  const { missing } = plan([two], { a: [request(one), request(two), request(three, { status: 'queued' })] })
  expect(missing.map(({ cid }) => cid.text)).toEqual([one])
})

test('the version of a CID makes no difference', () => {
  expect(plan([twin.v1], { a: [request(twin.v0)] }).missing).toEqual([])
})

test('a CID of several buckets is missing once: in the first, under the newest name of any', () => {
  const { missing, buckets, comparison } = plan([], {
    a: [request(one, { created: 5, name: 'old' }), request(one, { requestid: 'second', created: 9 })],
    b: [request(one, { created: 7, name: 'new' }), request(two)],
  })
  expect(missing.map(({ cid, bucket, name }) => [cid.text, bucket, name])).toEqual([
    [one, 'a', 'new'],
    [two, 'b', null],
  ])
  expect(buckets.map(({ cids }) => cids)).toEqual([1, 2])
  expect(comparison.listed).toBe(2)
})

test('of names given at one instant the first counts, and no older one after it', () => {
  const { missing } = plan([], {
    a: [request(one, { created: 9, name: 'first' }), request(one, { created: 9, name: 'second' })],
    b: [request(one, { created: 8, name: 'older' }), request(one, { created: 10 })],
  })
  expect(missing).toMatchObject([{ name: 'first' }])
})

test('what is ignored is not missing, and counted', () => {
  expect(plan([], { a: [request(one), request(twin.v0)] }, [twin.v1])).toMatchObject({
    ignored: 1,
    missing: [{ name: null }],
  })
})

test('a failed request is shown unless its CID is pinned in some bucket', () => {
  const { buckets } = plan([], {
    a: [
      request(one, { status: 'failed' }),
      request(two, { status: 'failed' }),
      request(three, { status: 'queued' }),
    ],
    b: [request(one), request('not a CID', { status: 'failed' })],
  })
  expect(buckets.map(({ failedRequests }) => failedRequests.map(({ text }) => text))).toEqual([[two], []])
})

test('the node’s own pins are those that no bucket has under any status', () => {
  const { comparison } = plan([one, two, three, four], {
    a: [request(two, { status: 'failed' })],
    b: [request(three)],
  })
  expect(comparison.onlyOnNode().toArray()).toEqual([keyOf(one), keyOf(four)])
  expect(comparison.nodePins).toBe(4)
})

test.each([
  'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn',
  'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
])(
  'the empty directory, which each Kubo pins by itself, is a pin, and not one that only the node has: %s',
  (empty) => {
    const { comparison } = plan([empty, one], {})
    expect(comparison.onlyOnNode().toArray()).toEqual([keyOf(one)])
    expect(comparison.nodePins).toBe(2)
  },
)

test('a CID that does not parse does no harm', () => {
  expect(plan([], { a: [request('not a CID'), request(one)] }).missing).toHaveLength(1)
})
