import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  everything,
  type Grid,
  halfSeconds,
  milliseconds,
  piecesOf,
  spread,
  type Window,
  wholeSeconds,
} from '../../../src/domain/windows.ts'

const window = (after: number | null, before: number | null): Window => ({ after, before })

describe('a rest is spread', () => {
  const start = Date.UTC(2024)
  const at = (second: number) => start + second * 1000
  /** Three in 100 s. */
  const page = [at(300), at(250), at(200)]

  test.each<[string, Window, number, number, Grid, readonly Window[]]>([
    [
      'evenly between its bounds',
      window(at(0), at(80)),
      999,
      4,
      wholeSeconds,
      [window(at(0), at(20)), window(at(18), at(40)), window(at(38), at(60)), window(at(58), at(80))],
    ],
    [
      'over the time that so many more take, and the farthest piece has no end',
      window(null, at(200)),
      6,
      4,
      halfSeconds,
      [
        window(null, at(50.5)),
        window(at(50.5), at(100.5)),
        window(at(100.5), at(150.5)),
        window(at(150.5), at(200)),
      ],
    ],
    [
      'in the same way to the other side',
      window(at(300), null),
      3,
      2,
      halfSeconds,
      [window(at(300), at(350.5)), window(at(350.5), null)],
    ],
    ['not, into one', window(null, at(200)), 6, 1, halfSeconds, [window(null, at(200))]],
    ['not, where it has no bound', everything, 6, 4, halfSeconds, [everything]],
    ['not, where it is older than any pin', window(null, 0), 6, 4, halfSeconds, [window(null, 0)]],
    [
      'over no time before 1970',
      window(null, 20_000),
      1e9,
      2,
      milliseconds,
      [window(null, 10_000), window(9996, 20_000)],
    ],
    [
      'over no time after 9999',
      window(Date.UTC(9999) - 20_000, null),
      1e9,
      2,
      milliseconds,
      [window(Date.UTC(9999) - 20_000, Date.UTC(9999) - 10_000), window(Date.UTC(9999) - 10_004, null)],
    ],
    [
      'over no more than thirty years',
      window(start, null),
      1e15,
      2,
      milliseconds,
      [window(start, start + 15 * 365 * 86_400_000), window(start + 15 * 365 * 86_400_000 - 4, null)],
    ],
  ])('%s', (_, rest, left, pieces, grid, expected) => {
    expect(spread(rest, page, left, pieces, grid)).toEqual(expected)
  })

  test('as if a page of one instant took a second', () => {
    const windows = spread(window(at(0), null), [at(0), at(0)], 40, 2, halfSeconds)
    expect(windows).toEqual([window(at(0), at(10.5)), window(at(10.5), null)])
  })

  test('into a thousand at most', () => {
    expect(spread(window(at(0), at(1e6)), page, 1e6, 1e15, halfSeconds)).toHaveLength(1000)
  })
})

describe('what is left is divided', () => {
  test.each<[string, number, number, number]>([
    ['not, where one reader has nothing else to do', 5000, 1, 1],
    ['into one, where it is less than a page', 300, 20, 1],
    ['into pages, where there are readers for all', 5000, 20, 6],
    ['into as many as there are readers, where each gets whole pages', 1800, 2, 2],
    ['into a few more, where their last pages would be nearly empty', 99_000, 32, 55],
    ['no finer than it takes', 99_000, 28, 55],
    ['into a bounded number, whatever a service says', 1e15, 1e9, 1000],
  ])('%s', (_, left, wanted, expected) => {
    expect(piecesOf(left, 1000, wanted)).toBe(expected)
  })

  test('never into fewer than are wanted, nor in a way that takes more requests than that would', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 300 }), (left, wanted) => {
        const pieces = piecesOf(left, 1000, wanted)
        const least = Math.min(wanted, Math.ceil(left / 900))
        const asked = (some: number) => some * Math.ceil(left / some / 900)
        expect(pieces).toBeGreaterThanOrEqual(least)
        expect(asked(pieces)).toBeLessThanOrEqual(asked(least))
      }),
    )
  })
})
