import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CidKey } from '../../../src/domain/cid.ts'
import { CidMarks } from '../../../src/domain/cid-marks.ts'

/** Keys that begin alike, of many lengths, of any bytes; few enough that they come more than once. */
const key = fc
  .tuple(
    fc.constantFrom('\x70\x12\x20', '\x55\x00', ''),
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }),
  )
  .map(([prefix, bytes]) => `${prefix}${String.fromCharCode(...bytes)}` as CidKey)

test('it holds what a Map holds, in the same order, each at a place of its own', () => {
  const mark = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  fc.assert(
    fc.property(fc.array(fc.tuple(key, mark), { maxLength: 200 }), fc.array(key), (pairs, others) => {
      const marks = new CidMarks()
      const places = new Map(pairs.map(([one, mark]) => [one, marks.set(one, mark)]))
      const map = new Map(pairs)
      expect([...marks]).toEqual([...map].map(([one, mark]) => [one, mark, places.get(one)]))
      expect([...places.values()]).toEqual([...places.keys()].map((_, index) => index))
      for (const any of [...map.keys(), ...others]) {
        expect(marks.get(any)).toBe(map.get(any) ?? 0)
        expect(marks.placeOf(any)).toBe(places.get(any) ?? -1)
      }
    }),
  )
})

test('it grows: over many times its first size, and over several chunks', () => {
  const marks = new CidMarks()
  const count = 50_000
  const keyOf = (n: number) => `\x70\x12\x20${String(n).padStart(60, '0')}` as CidKey
  for (let n = 0; n < count; n++) marks.set(keyOf(n), n)
  for (let n = 0; n < count; n++) if (marks.get(keyOf(n)) !== n) expect.fail(`${n} is lost`)
  expect(marks.get(keyOf(count))).toBe(0)
  expect([...marks]).toHaveLength(count)
})

test.each([
  ['over its first size', 3000, 0],
  ['over a chunk', 2200, 480],
])('it finds each of many, and none that is not there: %s', (_, count, length) => {
  const marks = new CidMarks()
  const keyOf = (n: number) => `${'x'.repeat(length)}${n}` as CidKey
  for (let n = 0; n < count; n++) marks.set(keyOf(n), n + 1)
  const range = Array.from({ length: count }, (_, n) => n)
  expect(range.filter((n) => marks.get(keyOf(n)) !== n + 1)).toEqual([])
  expect(range.filter((n) => marks.get(keyOf(count + n)) !== 0)).toEqual([])
  expect([...marks].map(([key]) => key)).toEqual(range.map(keyOf))
})

test('the longest keys fit', () => {
  const marks = new CidMarks()
  const long = 'ÿ'.repeat(511) as CidKey
  marks.set(long, 7)
  expect([...marks]).toEqual([[long, 7, 0]])
})
