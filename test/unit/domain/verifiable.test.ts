import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { compare } from '../../../src/domain/compare.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
import { PinnedSince } from '../../../src/domain/pinned-since.ts'
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
  { ignored = [], since = [] }: { ignored?: readonly string[]; since?: readonly string[] } = {},
): Verifiable {
  const pins = new NodePins()
  for (const text of onNode) pins.add(keyOf(text), { isV0: false, name: null })
  const requests = Object.values(buckets).map((cids) =>
    cids.map((text) => listedRequest(text, { status: 'pinned' })),
  )
  const comparison = atOnce(compare(pins, requests))
  const ignore = new Map(ignored.map((text) => [keyOf(text), null]))
  const pinned = new PinnedSince(comparison, since.map(keyOf))
  return new Verifiable(comparison, { buckets: Object.keys(buckets).map(Number), pinned, ignore })
}

const pinsOf = (some: Verifiable) => [...some].map(({ key, bucket }) => [key, bucket])

test('verified is what the node pins and a bucket has pinned, unless it is ignored', () => {
  const some = verifiable(
    [first, second, third],
    { 7: [first, fourth], 9: [first, third] },
    { ignored: [third] },
  )
  expect(pinsOf(some)).toEqual([[keyOf(first), 9]])
  expect(some.find(keyOf(first))).toMatchObject({ bucket: 9 })
  for (const text of [second, third, fourth, texts[9] ?? '']) expect(some.find(keyOf(text))).toBeUndefined()
})

test('also what the run has pinned since', () => {
  const some = verifiable([first], { 7: [first, second, third] }, { since: [second] })
  expect(pinsOf(some).map(([key]) => key)).toEqual([keyOf(first), keyOf(second)])
  expect(some.find(keyOf(second))).toMatchObject({ bucket: 7 })
  expect(some.find(keyOf(third))).toBeUndefined()
})

test('a request that is not pinned is no pin', () => {
  const pins = new NodePins()
  pins.add(keyOf(first), { isV0: false, name: null })
  const comparison = atOnce(compare(pins, [[listedRequest(first, { status: 'pinning' })]]))
  expect([
    ...new Verifiable(comparison, { buckets: [1], pinned: { has: () => false }, ignore: new Map() }),
  ]).toEqual([])
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
    digestOf(texts, { 1: texts.slice(0, 20), 2: texts.slice(20) }, { ignored: [second] }),
    digestOf([...texts.slice(1), ...new Cids(6).take(1)], {
      1: [...texts.slice(1, 20), ...new Cids(6).take(1)],
      2: texts.slice(20),
    }),
  ]
  expect(new Set([digest, ...others]).size).toBe(others.length + 1)
})
