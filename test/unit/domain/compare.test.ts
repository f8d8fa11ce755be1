import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { compare, type ListedRequest, NodePins } from '../../../src/domain/compare.ts'
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
      const comparison = compare(pins, buckets)
      const plan = planBackup(comparison, readable(buckets), new Map())
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
        }
      })
      expect(missing.map(({ cid, ...rest }) => ({ text: cid.text, ...rest }))).toEqual(expected)

      const isLive = ({ status }: ListedRequest) => status !== 'failed'
      const live = new Set(all.filter(isLive).map(({ text }) => text))
      const listed = new Set(all.map(({ text }) => text))
      const atService = [...comparison.lackingAtService()].map((place) => comparison.pinAt(place).cid.text)
      expect(atService).toEqual(node.filter((text) => !live.has(text)))
      expect([...comparison.onlyOnNode()]).toEqual(node.filter((text) => !listed.has(text)).map(keyOf))
      expect(comparison.listed).toBe(listed.size)
      expect(comparison.buckets.map(({ cids }) => cids)).toEqual(
        buckets.map((requests) => new Set(requests.map(({ text }) => text)).size),
      )
    }),
  )
})

function readable(buckets: readonly (readonly ListedRequest[])[]) {
  return buckets.map((requests, index) => ({
    name: `${index}`,
    at: (created: number) => requests.filter((one) => one.created === created),
  }))
}
