import { expect, test } from 'vitest'
import { grown } from '../../../src/domain/grown.ts'

test.each([
  ['twice as long, for the next index', 3, 6],
  ['twice as long, up to that', 5, 6],
  ['as long as it must be beyond that', 6, 7],
  ['as long as it must be far beyond', 100, 101],
])('a list becomes %s', (_, index, length) => {
  const list = Uint16Array.of(7, 8, 9)
  const longer = grown(list, index)
  expect(longer).toBeInstanceOf(Uint16Array)
  expect([...longer]).toEqual([7, 8, 9, ...Array<number>(length - 3).fill(0)])
})

test('a list that has room stays as it is', () => {
  const list = Float64Array.of(1, 2)
  expect(grown(list, 1)).toBe(list)
})

test('an empty list grows too', () => {
  expect(grown(new Uint8Array(0), 0)).toHaveLength(1)
})
