import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  coarser,
  everything,
  type Grid,
  halfSeconds,
  isCheaperToRead,
  isFine,
  milliseconds,
  type Order,
  onSeconds,
  orderOf,
  overlapOf,
  remainder,
  spread,
  surelyInside,
  type Window,
  wholeSeconds,
  widened,
} from '../../../src/domain/windows.ts'

const grids = fc.constantFrom(halfSeconds, milliseconds, wholeSeconds)

/** Instants as the grid's services have them, and a window around some of them. */
const cases = grids.chain((grid) => {
  const instant = fc.integer({ min: 0, max: 200 }).map((n) => (grid === milliseconds ? n * 7 : n * 1000))
  const bound = fc.option(
    fc.integer({ min: -1, max: 201 }).map((n) => (grid === milliseconds ? n * 7 : n * 1000 + 500)),
  )
  const instants = fc.array(instant, { minLength: 1, maxLength: 40 })
  return fc.record({ grid: fc.constant(grid), instants, after: bound, before: bound, seed: fc.nat() })
})

const ascending = (a: number, b: number) => a - b
const isSure = (windows: readonly Window[], instant: number, grid: Grid) =>
  windows.some((window) => surelyInside(window, instant, grid))

const window = (after: number | null, before: number | null): Window => ({ after, before })

describe('what is left of a window after a page', () => {
  test('covers, with what was shown, all that may be in the window; and is smaller than it', () => {
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom('newest', 'oldest', 'none'),
        fc.integer({ min: 2, max: 9 }),
        (facts, order, pieces) => {
          const { grid, instants, after, before } = facts
          const window = { after, before }
          const inside = instants.filter((instant) => surelyInside(window, instant, grid))
          fc.pre(inside.length > 1)
          const sorted = inside.toSorted((a, b) => (order === 'newest' ? b - a : a - b))
          const page =
            order === 'none'
              ? inside.filter((_, index) => index % 2 === facts.seed % 2)
              : sorted.slice(0, 1 + (facts.seed % (inside.length - 1)))
          fc.pre(page.length > 0)
          // A page of an unordered service that is in order by chance is for the proof to mend.
          const isByChance =
            new Set(page).size >= 6 &&
            [page.toSorted(ascending), page.toSorted(ascending).reverse()].some(
              (other) => other.join() === page.join(),
            )
          fc.pre(order !== 'none' || !isByChance)
          const { shown, rest } = remainder(window, page, grid, pieces)
          if (rest === null) {
            // Only a window too narrow for two bounds cannot be divided.
            expect(Math.max(...page) - Math.min(...page)).toBeLessThan(4 * grid.sure)
            return
          }
          for (const instant of inside) {
            const isShown = shown !== null && surelyInside(shown, instant, grid)
            if (isShown) expect(page).toContain(instant)
            else expect(isSure(rest, instant, grid)).toBe(true)
          }
          for (const part of rest) {
            expect(part.after ?? -1e9).toBeGreaterThanOrEqual(after ?? -1e9)
            expect(part.before ?? 1e9).toBeLessThanOrEqual(before ?? 1e9)
            expect(part).not.toEqual(window)
          }
        },
      ),
    )
  })

  test('is nothing, undivided, for one second that is too full', () => {
    expect(remainder({ after: 9500, before: 10_500 }, [10_000, 10_000], halfSeconds)).toEqual({
      shown: null,
      rest: null,
    })
  })

  test('is not taken for ordered where that may be chance', () => {
    expect(remainder(everything, [30_000, 20_000, 10_000], halfSeconds).shown).toBeNull()
  })

  test('leaves out the full second at the edge of a page, which may hold more', () => {
    expect(
      remainder(everything, [70_000, 60_000, 50_000, 40_000, 30_000, 20_000, 20_000], halfSeconds),
    ).toEqual({
      shown: { after: 19_501, before: null },
      rest: [{ after: null, before: 20_500 }],
    })
  })

  /** A second apart from 10 s on, and some more. */
  const seconds = (fraction: number, ...more: number[]) =>
    [...Array.from({ length: 20 - more.length }, (_, n) => (10 + n) * 1000 + fraction), ...more].sort(
      ascending,
    )

  test.each<[string, Grid, readonly number[], number, number]>([
    ['half a second beyond it', halfSeconds, seconds(0), 10_500, 9501],
    ['a second beyond it', wholeSeconds, seconds(0), 11_000, 9001],
    ['a whole second, where that is near', milliseconds, seconds(123), 11_000, 10_122],
    ['a whole second, for a tenth of the page', milliseconds, seconds(123, 10_500, 11_000), 11_000, 10_122],
    ['ms, for more than that', milliseconds, seconds(123, 10_500, 10_600, 11_000), 10_125, 10_122],
  ])('ends at its edge, and at a bound that is sure: %s', (_, grid, page, bound, shown) => {
    expect(remainder(everything, page.toReversed(), grid)).toEqual({
      shown: window(shown, null),
      rest: [window(null, bound)],
    })
    // The same from the other side.
    const mirrored = (instant: number) => 100_000 - instant
    expect(remainder(everything, page.map(mirrored).reverse(), grid, 2, 'oldest-first')).toEqual({
      shown: window(null, mirrored(shown)),
      rest: [window(mirrored(bound), null)],
    })
  })

  test.each<[string, Grid, Window, readonly number[], number, readonly Window[] | null]>([
    [
      'at the middle of what it showed',
      halfSeconds,
      everything,
      [30_000, 10_000, 40_000, 20_000],
      2,
      [window(null, 30_500), window(30_500, null)],
    ],
    [
      'into as many as are wanted',
      halfSeconds,
      everything,
      [30_000, 10_000, 40_000, 20_000],
      3,
      [window(null, 20_500), window(20_500, 30_500), window(30_500, null)],
    ],
    [
      'into no more than it showed requests, and one',
      halfSeconds,
      window(5500, 50_500),
      [20_000, 10_000],
      1e15,
      [window(5500, 10_500), window(10_500, 20_500), window(20_500, 50_500)],
    ],
    [
      'with an overlap where bounds are not exact',
      milliseconds,
      everything,
      [18, 10, 26],
      3,
      [window(null, 20), window(16, 28), window(24, null)],
    ],
    [
      'into none so narrow that it would be read several times over',
      milliseconds,
      everything,
      [15, 10, 25, 20],
      4,
      [window(null, 17), window(13, 27), window(23, null)],
    ],
    [
      'in half, where no even cut is allowed',
      wholeSeconds,
      window(9000, 14_000),
      [11_000, 10_000],
      2,
      [window(9000, 12_000), window(10_000, 14_000)],
    ],
    [
      'in half, near the middle of the cuts that are',
      wholeSeconds,
      window(0, 20_000),
      [2000, 1000, 9000],
      2,
      [window(0, 8000), window(6000, 20_000)],
    ],
    [
      'not into nothing and all of it',
      halfSeconds,
      window(11_500, null),
      [16_000, 15_000, 14_000, 13_000, 12_000, 11_000],
      2,
      [window(11_500, 14_500), window(14_500, null)],
    ],
    [
      'not at all, where it shows what is above it',
      halfSeconds,
      window(null, 10_000),
      [16_000, 15_000, 14_000, 13_000, 12_000, 11_000],
      2,
      null,
    ],
    [
      'not at all, where it shows what is below it',
      halfSeconds,
      window(20_000, null),
      [16_000, 15_000, 14_000, 13_000, 12_000, 11_000],
      2,
      null,
    ],
    [
      'not at all, where it shows oldest first what is below it',
      halfSeconds,
      window(20_000, null),
      [11_000, 12_000, 13_000, 14_000, 15_000, 16_000],
      2,
      null,
    ],
    [
      'not at all, where it shows oldest first what is above it',
      halfSeconds,
      window(null, 10_000),
      [11_000, 12_000, 13_000, 14_000, 15_000, 16_000],
      2,
      null,
    ],
    ['not at all, where there is no cut', wholeSeconds, window(9000, 11_000), [10_000, 10_000], 2, null],
  ])('is divided where the page is in no order, or not of it: %s', (_, grid, whole, page, pieces, rest) => {
    expect(remainder(whole, page, grid, pieces)).toEqual({ shown: null, rest })
  })
})

test.each<[Order, readonly number[]]>([
  ['newest-first', [6, 5, 4, 3, 2, 1]],
  ['newest-first', [6, 5, 5, 4, 3, 2, 2, 1]],
  ['oldest-first', [1, 2, 3, 4, 5, 6]],
  ['oldest-first', [1, 2, 3, 4, 5, 6, 6]],
  // What may be so by chance.
  ['none', [5, 4, 3, 2, 1]],
  ['none', [5, 5, 4, 3, 2, 1]],
  ['none', []],
  ['none', [6, 5, 4, 3, 1, 2]],
  ['none', [2, 1, 3, 4, 5, 6]],
])('the order is %s of a page with %j', (order, page) => {
  expect(orderOf(page)).toBe(order)
})

test.each([
  [halfSeconds, 1500, 4500, 0],
  [milliseconds, 1002, 4998, 2],
  [wholeSeconds, 2000, 4000, 1000],
])(
  'on the grid %j a request is surely inside from %i to %i, and windows overlap by %i',
  (grid, from, to, by) => {
    const inside = [from - 1, from, to, to + 1].map((instant) =>
      surelyInside(window(1000, 5000), instant, grid),
    )
    expect(inside).toEqual([false, true, true, false])
    expect(surelyInside(everything, from, grid)).toBe(true)
    expect(overlapOf(grid)).toBe(by)
  },
)

test('a rest that is spread is covered by its pieces', () => {
  fc.assert(
    fc.property(
      cases,
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 10_000 }),
      (facts, pieces, left) => {
        const { grid, instants, after, before } = facts
        const rest = { after, before }
        fc.pre((after ?? -1e9) < (before ?? 1e9))
        const windows = spread(rest, instants, left, pieces, grid)
        expect(windows.length).toBeLessThanOrEqual(pieces)
        for (const instant of instants) {
          if (surelyInside(rest, instant, grid)) expect(isSure(windows, instant, grid)).toBe(true)
        }
      },
    ),
  )
})

test.each([
  [1, 1, true],
  [5, 1, true],
  [10, 100, true],
  [1000, 1, false],
  [1000, 100, false],
  [1000, 200, true],
  [400, 100, true],
  [400, 50, false],
  [3, 1, true],
  [6, 1, false],
])('of %i pages whose count is off by %i: reading all is cheaper: %s', (pages, differing, cheaper) => {
  expect(isCheaperToRead(pages, differing)).toBe(cheaper)
})

describe('bounds', () => {
  test.each<[Window, boolean, Window]>([
    [everything, false, everything],
    [window(1000, 3000), false, window(1000, 3000)],
    [window(1500, 3000), true, window(1000, 3000)],
    [window(1000, 2001), true, window(1000, 3000)],
    [window(1999, null), true, window(1000, null)],
    [window(null, 2001), true, window(null, 3000)],
  ])('of %j are finer than a second: %s', (given, fine, seconds) => {
    expect(isFine(given)).toBe(fine)
    expect(onSeconds(given)).toEqual(seconds)
  })

  test('are sure of what the coarser of two grids is sure of', () => {
    expect(coarser(halfSeconds, wholeSeconds)).toBe(wholeSeconds)
    expect(coarser(wholeSeconds, milliseconds)).toBe(wholeSeconds)
    expect(coarser(milliseconds, halfSeconds)).toBe(halfSeconds)
  })

  test('go back where windows overlap, unless there is none', () => {
    expect(widened(window(9000, 20_000), wholeSeconds)).toEqual(window(7000, 20_000))
    expect(widened(window(9500, 20_500), halfSeconds)).toEqual(window(9500, 20_500))
    expect(widened(window(null, 20_000), wholeSeconds)).toEqual(window(null, 20_000))
  })
})
