import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  everything,
  type Grid,
  halfSeconds,
  isCheaperToRead,
  milliseconds,
  remainder,
  spread,
  surelyInside,
  type Window,
  wholeSeconds,
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
})

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
