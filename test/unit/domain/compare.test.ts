import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { type Comparison, compare, type ListedRequest } from '../../../src/domain/compare.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
import { statuses } from '../../../src/domain/pin.ts'
import { planBackup } from '../../../src/domain/plan-backup.ts'
import { Cids } from '../../sandbox/identity.ts'

const texts = new Cids(5).take(6)
const keyOf = (text: string) => parseCid(text)?.key as CidKey

const request = fc.record({
  requestid: fc.uuid(),
  created: fc.integer({ min: 1, max: 4 }),
  status: fc.constantFrom(...statuses),
  text: fc.constantFrom(...texts),
  name: fc.option(fc.constantFrom('a', 'b', 'c')),
  delegates: fc.option(fc.integer({ min: 1, max: 3 })),
  size: fc.option(fc.integer({ min: 1, max: 9 })),
})

/** In the order of the snapshot: newest first. */
const bucket = fc
  .uniqueArray(request, { maxLength: 12, selector: ({ requestid }) => requestid })
  .map((requests) =>
    requests
      .map((one): ListedRequest => ({ ...one, key: keyOf(one.text), failureReason: null }))
      .sort((one, other) => other.created - one.created || (one.requestid < other.requestid ? 1 : -1)),
  )

test('packed, it finds what plain sets and sorted lists find', () => {
  const nodePins = fc.uniqueArray(fc.constantFrom(...texts))
  fc.assert(
    fc.property(nodePins, fc.array(bucket, { maxLength: 3 }), (node, buckets) => {
      const pins = new NodePins()
      for (const text of node) pins.add(keyOf(text), { isV0: false, name: null })
      const comparison = atOnce(compare(pins, buckets))
      const plan = atOnce(planBackup(comparison, readable(buckets), new Map()))
      const missing = Array.from({ length: plan.missing.length }, (_, index) => plan.missing.at(index))

      const all = buckets.flatMap((requests, index) =>
        requests.map((one) => ({ ...one, bucket: `${index}` })),
      )
      const onNode = new Set(node)
      const lacking = all.filter(({ status, text }) => status === 'pinned' && !onNode.has(text))
      const expected = [...Map.groupBy(lacking, ({ text }) => text).values()].map((same) => {
        const named = same.filter(({ name }) => name !== null)
        const newest = named.reduce<(typeof named)[number] | undefined>(
          (best, one) => (best === undefined || one.created > best.created ? one : best),
          undefined,
        )
        const [first] = same
        return {
          text: first?.text,
          bucket: first?.bucket,
          delegates: first?.delegates,
          name: newest?.name ?? null,
          size: same.find(({ size }) => size !== null)?.size ?? null,
        }
      })
      expect(missing.map((_, index) => plan.missing.sizeAt(index))).toEqual(missing.map(({ size }) => size))
      expect(missing.map(({ cid, ...rest }) => ({ text: cid.text, ...rest }))).toEqual(expected)

      const isLive = ({ status }: ListedRequest) => status !== 'failed'
      const live = new Set(all.filter(isLive).map(({ text }) => text))
      const listed = new Set(all.map(({ text }) => text))
      const atService = [...comparison.lackingAtService()].map((place) => comparison.pinAt(place).cid.text)
      expect(atService).toEqual(node.filter((text) => !live.has(text)))
      expect([...comparison.onlyOnNode()]).toEqual(node.filter((text) => !listed.has(text)).map(keyOf))
      expect(comparison.totals.listed).toBe(listed.size)
      expect(comparison.buckets.map(({ cids }) => cids)).toEqual(
        buckets.map((requests) => new Set(requests.map(({ text }) => text)).size),
      )
    }),
  )
})

test('how both sides stand is counted as with plain sets, in each bucket and in all of them', () => {
  const some = fc.uniqueArray(fc.constantFrom(...texts))
  fc.assert(
    fc.property(some, some, some, fc.array(bucket, { maxLength: 3 }), (node, ignored, pinnedNow, buckets) => {
      const pins = new NodePins()
      for (const text of node) pins.add(keyOf(text), { isV0: false, name: null })
      const comparison = atOnce(compare(pins, buckets, new Set(ignored.map(keyOf))))
      const onNode = new Set(node)
      const isMirrored = (text: string) => onNode.has(text) || !ignored.includes(text)
      const distinct = (requests: readonly ListedRequest[], isOfIt: (one: ListedRequest) => boolean) =>
        new Set(requests.filter(isOfIt).map(({ text }) => text))
      const countsOf = (requests: readonly ListedRequest[]) => {
        const pinned = distinct(requests, ({ status }) => status === 'pinned')
        const live = distinct(requests, ({ status }) => status !== 'failed')
        return {
          pinned: [...pinned].filter(isMirrored).length,
          pinnedOnNode: inBoth(pinned, onNode),
          liveOnNode: inBoth(live, onNode),
          ignored: [...pinned].filter((text) => !isMirrored(text)).length,
          pinnedAtService: pinned.size,
        }
      }
      expect(
        comparison.buckets.map(({ pinned, pinnedOnNode, liveOnNode }) => ({
          pinned,
          pinnedOnNode,
          liveOnNode,
        })),
      ).toEqual(
        buckets.map((requests) => {
          const { pinned, pinnedOnNode, liveOnNode } = countsOf(requests)
          return { pinned, pinnedOnNode, liveOnNode }
        }),
      )
      const { pinnedAtService, ignored: left, liveOnNode } = countsOf(buckets.flat())
      expect(comparison.totals).toMatchObject({ pinnedAtService, ignored: left, liveOnNode })
      expect(comparison.totals.pinnedAtService - comparison.lackingOnNode).toBe(
        countsOf(buckets.flat()).pinnedOnNode,
      )

      // What is pinned now counts in each bucket that has it.
      const plan = atOnce(
        planBackup(comparison, readable(buckets), new Map(ignored.map((text) => [keyOf(text), text]))),
      )
      const isPinnedNow = (index: number) => pinnedNow.map(keyOf).includes(plan.missing.keyAt(index))
      const missing = Array.from({ length: plan.missing.length }, (_, index) => plan.missing.at(index))
      const came = new Set(missing.filter((_, index) => isPinnedNow(index)).map(({ cid }) => cid.text))
      expect(atOnce(plan.missing.countsIn(isPinnedNow))).toEqual(
        buckets.map((requests) =>
          inBoth(
            distinct(requests, ({ status }) => status === 'pinned'),
            came,
          ),
        ),
      )
    }),
  )
})

const inBoth = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  [...one].filter((text) => other.has(text)).length

function readable(buckets: readonly (readonly ListedRequest[])[]) {
  return buckets.map((requests, index) => ({
    name: `${index}`,
    at: (created: number) => requests.filter((one) => one.created === created),
  }))
}

const requestOf = (text: string, status: ListedRequest['status']): ListedRequest => ({
  requestid: `${status} ${text}`,
  created: 1000,
  status,
  text,
  key: keyOf(text),
  name: null,
  delegates: null,
  failureReason: null,
  size: null,
})

const [oneText, twoText] = texts as [string, string]
const [one, two] = [keyOf(oneText), keyOf(twoText)]

const seenOf = (comparison: Comparison, key: CidKey) => ({
  isOnNode: comparison.isOnNode(key),
  isListed: comparison.isListed(key),
  isLive: comparison.isLiveAtService(key),
  isPinned: comparison.isPinnedAtService(key),
})
const nowhere = { isOnNode: false, isListed: false, isLive: false, isPinned: false }

test('what the node pins is on it, and what only the service has is not', () => {
  const pins = new NodePins()
  pins.add(one, { isV0: false, name: null })
  const comparison = atOnce(compare(pins, [[requestOf(twoText, 'queued')]]))
  expect(seenOf(comparison, one)).toEqual({ ...nowhere, isOnNode: true })
  expect(seenOf(comparison, two)).toEqual({ ...nowhere, isListed: true, isLive: true })
  expect(comparison.nameOnNode(one)).toBeNull()
})

test('what is on neither side is nowhere', () => {
  const pins = new NodePins()
  pins.add(one, { isV0: false, name: 'other' })
  const comparison = atOnce(compare(pins, []))
  expect(seenOf(comparison, two)).toEqual(nowhere)
  expect(comparison.nameOnNode(two)).toBeNull()
})

test.each(
  statuses.map((status) => [status, { isLive: status !== 'failed', isPinned: status === 'pinned' }] as const),
)('a request that is %s, alone and with others', (status, expected) => {
  const alone = atOnce(compare(new NodePins(), [[requestOf(oneText, status)]]))
  expect(seenOf(alone, one)).toEqual({ ...nowhere, isListed: true, ...expected })
  const buckets = [status, 'pinned', 'failed'].map((each) => [requestOf(oneText, each as typeof status)])
  expect(seenOf(atOnce(compare(new NodePins(), buckets)), one)).toMatchObject({
    isLive: true,
    isPinned: true,
  })
})

test('a CID of the node counts once, whichever version, and keeps the name that it was seen with', () => {
  const twin = new Cids(7).bothVersions()
  const pins = new NodePins()
  pins.add(keyOf(twin.v0), { isV0: true, name: 'mine' })
  pins.add(keyOf(twin.v1), { isV0: false, name: null })
  const comparison = atOnce(compare(pins, [[requestOf(twin.v1, 'queued')]]))
  expect(comparison.nodePins).toBe(1)
  expect(comparison.nameOnNode(keyOf(twin.v1))).toBe('mine')
})

test('what the service lacks is shown as the node writes it, with its name; the empty directory is nobody’s', () => {
  const twin = new Cids(8).bothVersions()
  const pins = new NodePins()
  pins.add(keyOf(twin.v0), { isV0: true, name: 'old' })
  pins.add(one, { isV0: false, name: null })
  pins.add(two, { isV0: false, name: 'there' })
  pins.add(keyOf('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'), { isV0: true, name: null })
  const comparison = atOnce(compare(pins, [[requestOf(oneText, 'failed'), requestOf(twoText, 'queued')]]))
  const lacking = [...comparison.lackingAtService()].map((place) => comparison.pinAt(place))
  expect(lacking).toEqual([
    { cid: { key: keyOf(twin.v0), text: twin.v0 }, name: 'old' },
    { cid: { key: one, text: oneText }, name: null },
  ])
  expect([...comparison.onlyOnNode()]).toEqual([keyOf(twin.v0)])
})
