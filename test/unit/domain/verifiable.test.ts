import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { compare, NodePins } from '../../../src/domain/compare.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { Verifiable } from '../../../src/domain/verifiable.ts'
import { Cids } from '../../sandbox/identity.ts'
import { listedRequest } from './listed-request.ts'

const texts = new Cids(5).take(40)
const keyOf = (text: string) => parseCid(text)?.key as CidKey
const [first = '', second = '', third = '', fourth = ''] = texts

/** @param buckets the CIDs that each has pinned, by its number in the snapshot */
function verifiable(
  onNode: readonly string[],
  buckets: Readonly<Record<number, readonly string[]>>,
  ignored: readonly string[] = [],
): Verifiable {
  const pins = new NodePins()
  for (const text of onNode) pins.add(keyOf(text), { isV0: false, name: null })
  const requests = Object.values(buckets).map((cids) =>
    cids.map((text) => listedRequest(text, { status: 'pinned' })),
  )
  const comparison = atOnce(compare(pins, requests))
  const ignore = new Map(ignored.map((text) => [keyOf(text), null]))
  return new Verifiable(comparison, Object.keys(buckets).map(Number), ignore)
}

const pinsOf = (some: Verifiable) => [...some].map(({ key, bucket }) => [key, bucket])

test('verified is what the node pins and a bucket has pinned, unless it is ignored', () => {
  const some = verifiable([first, second, third], { 7: [first, fourth], 9: [first, third] }, [third])
  expect(pinsOf(some)).toEqual([[keyOf(first), 9]])
  expect(some.find(keyOf(first))).toMatchObject({ bucket: 9 })
  for (const text of [second, third, fourth, texts[9] ?? '']) expect(some.find(keyOf(text))).toBeUndefined()
})

test('a request that is not pinned is no pin', () => {
  const pins = new NodePins()
  pins.add(keyOf(first), { isV0: false, name: null })
  const comparison = atOnce(compare(pins, [[listedRequest(first, { status: 'pinning' })]]))
  expect([...new Verifiable(comparison, [1], new Map())]).toEqual([])
})

test('the same pins have the same digest in whatever order; others have another', () => {
  const digestOf = (...given: Parameters<typeof verifiable>) => atOnce(verifiable(...given).digest())
  const digest = digestOf(texts, { 1: texts.slice(0, 20), 2: texts.slice(20) })
  expect(digestOf(texts.toReversed(), { 1: texts.slice(0, 20).toReversed(), 2: texts.slice(20) })).toBe(
    digest,
  )
  const others = [
    digestOf(texts, { 1: texts.slice(0, 21), 2: texts.slice(21) }),
    digestOf(texts, { 2: texts.slice(0, 20), 1: texts.slice(20) }),
    digestOf(texts.slice(1), { 1: texts.slice(0, 20), 2: texts.slice(20) }),
    digestOf(texts, { 1: texts.slice(0, 20), 2: texts.slice(20) }, [second]),
    digestOf([...texts.slice(1), ...new Cids(6).take(1)], {
      1: [...texts.slice(1, 20), ...new Cids(6).take(1)],
      2: texts.slice(20),
    }),
  ]
  expect(new Set([digest, ...others]).size).toBe(others.length + 1)
})
