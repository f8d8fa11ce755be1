import { expect, test } from 'vitest'
import { type Admission, admission } from '../../../src/domain/admission.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { roomIn, sizesOf } from '../../../src/domain/storage.ts'

const free = { fetched: 0, expected: 0, maxBytes: null, room: null }

test.each<[number | null, Partial<Parameters<typeof admission>[1]>, Admission]>([
  [null, {}, 'begin'],
  [1e15, {}, 'begin'],
  // What is fetched counts, and what is under way is waited for.
  [null, { maxBytes: 100, fetched: 99 }, 'begin'],
  [1000, { maxBytes: 100, fetched: 99 }, 'begin'],
  [1, { maxBytes: 100, fetched: 100 }, 'max-bytes'],
  [1, { maxBytes: 100, fetched: 50, expected: 50 }, 'wait'],
  [1, { maxBytes: 100, fetched: 50, expected: 49 }, 'begin'],
  // Room.
  [null, { room: 1 }, 'begin'],
  [null, { room: 0 }, 'keep-free'],
  [5, { room: -7 }, 'keep-free'],
  [10, { room: 10 }, 'begin'],
  [11, { room: 10 }, 'too-large'],
  [11, { room: 10, expected: 10 }, 'too-large'],
  [4, { room: 10, expected: 7 }, 'wait'],
  [3, { room: 10, expected: 7 }, 'begin'],
  [null, { room: 10, expected: 10 }, 'wait'],
  [null, { room: 10, expected: 9 }, 'begin'],
  // The first that fits.
  [11, { room: 10, maxBytes: 100, fetched: 100 }, 'max-bytes'],
  [11, { room: 10, maxBytes: 100, fetched: 90, expected: 10 }, 'too-large'],
])('size %j, %j: %s', (size, accounts, expected) => {
  expect(admission(size, { ...free, ...accounts })).toBe(expected)
})

test.each([
  [{ used: 10, most: null, free: null }, null],
  [{ used: 10, most: 100, free: null }, 90],
  [{ used: 110, most: 100, free: null }, -10],
  [{ used: 10, most: null, free: 5 }, 5],
  [{ used: 10, most: 100, free: 5 }, 5],
  [{ used: 99, most: 100, free: 5 }, 1],
  [{ used: 0, most: 0, free: 5 }, 0],
])('room in %j: %j', (storage, room) => {
  expect(roomIn(storage)).toBe(room)
})

test('sizes add up, and what is not known is counted', () => {
  expect(atOnce(sizesOf([0, 2, 3], (index) => [5, 1, null, 7][index] ?? null))).toEqual({
    bytes: 12,
    unknown: 1,
  })
  expect(atOnce(sizesOf([], () => 1))).toEqual({ bytes: 0, unknown: 0 })
})
