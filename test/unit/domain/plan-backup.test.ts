import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { compare, type ListedRequest } from '../../../src/domain/compare.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
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
  expect(comparison.totals.listed).toBe(2)
})

test('what is told of a CID is of its own request, and of the pinned one of its instant', () => {
  const { missing } = plan([], {
    a: [
      request(one, { status: 'failed', name: 'failed', delegates: 1 }),
      request(two, { name: 'two', delegates: 2, size: 20 }),
      request(one, { name: 'pinned', delegates: 3 }),
    ],
    b: [request(three, { name: 'three', delegates: 4 })],
  })
  expect(missing).toEqual([
    { cid: { text: two, key: keyOf(two) }, name: 'two', bucket: 'a', delegates: 2, size: 20 },
    { cid: { text: one, key: keyOf(one) }, name: 'pinned', bucket: 'a', delegates: 3, size: null },
    { cid: { text: three, key: keyOf(three) }, name: 'three', bucket: 'b', delegates: 4, size: null },
  ])
})

test('those of one instant and bucket are read at one go', () => {
  const requests = [
    request(one, { created: 0 }),
    request(two, { created: 0 }),
    request(three, { created: 5 }),
  ]
  const buckets = [requests, [request(four, { created: 5 })]]
  const read: string[] = []
  const toRead = buckets.map((ones, index) => ({
    name: `${index}`,
    at: (created: number) => {
      read.push(`${index} at ${created}`)
      return ones.filter((one) => one.created === created)
    },
  }))
  const { missing } = atOnce(planBackup(atOnce(compare(new NodePins(), buckets)), toRead, new Map()))
  const texts = Array.from({ length: missing.length }, (_, index) => missing.at(index).cid.text)
  expect(texts).toEqual([one, two, three, four])
  expect(read).toEqual(['0 at 0', '0 at 5', '1 at 5'])
})

test('the first that is read may be of another bucket than the first', () => {
  const { missing } = plan([], { a: [], b: [request(twin.v0, { created: 0 })] })
  expect(missing).toMatchObject([{ cid: { text: twin.v0 }, bucket: 'b' }])
})

test('one whose request was moved since is told by its CID alone', () => {
  const gone = [{ name: 'a', at: () => [] }]
  const comparison = atOnce(
    compare(new NodePins(), [[request(twin.v0, { name: 'old', delegates: 7, size: 12 })]]),
  )
  expect(atOnce(planBackup(comparison, gone, new Map())).missing.at(0)).toEqual({
    cid: { key: keyOf(twin.v0), text: twin.v1 },
    name: null,
    bucket: 'a',
    delegates: null,
    size: 12,
  })
})

test('of names given at one instant the first counts, and no older one after it', () => {
  const { missing } = plan([], {
    a: [request(one, { created: 9, name: 'first' }), request(one, { created: 9, name: 'second' })],
    b: [request(one, { created: 8, name: 'older' }), request(one, { created: 10 })],
  })
  expect(missing).toMatchObject([{ name: 'first' }])
})

test('a name that comes later counts where it is newer than the one that was given, or none was', () => {
  const { missing } = plan([], {
    a: [request(one, { created: 9 }), request(two, { created: 9, name: 'old' })],
    b: [request(one, { created: 5, name: 'only' }), request(two, { created: 20 })],
    c: [request(two, { created: 15, name: 'new' })],
    d: [request(two, { created: 14, name: 'older' })],
  })
  expect(missing.map(({ name }) => name)).toEqual(['only', 'new'])
})

test('what is ignored is not missing, and counted', () => {
  expect(plan([], { a: [request(one), request(twin.v0)] }, [twin.v1])).toMatchObject({
    ignored: 1,
    missing: [{ cid: { text: one } }],
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
