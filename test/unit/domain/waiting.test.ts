import { describe, expect, test } from 'vitest'
import { FirstBlocks, isWaiting, rampAllowed, waitingAllowed } from '../../../src/domain/waiting.ts'

describe('a pin without a block', () => {
  test.each([
    ['before any other had one', { waited: 0, usual: 0, still: Number.POSITIVE_INFINITY }, true],
    ['while nothing moves, however late others were', { waited: 500, usual: 9_000, still: 1_000 }, true],
    ['while others move that were as slow', { waited: 500, usual: 400, still: 999 }, false],
    ['for nearly thrice what is usual', { waited: 1_199, usual: 400, still: 0 }, false],
    ['for thrice what is usual', { waited: 1_200, usual: 400, still: 0 }, true],
  ])('%s', (_, { waited, ...others }, expected) => {
    expect(isWaiting(waited, others)).toBe(expected)
  })
})

describe('what is usual', () => {
  const usualOf = (times: readonly number[]) => {
    const blocks = new FirstBlocks()
    for (const time of times) blocks.note(time)
    return blocks.usual
  }

  test.each([
    ['nothing, before the first', [], 0],
    ['the first, at first', [70], 70],
    ['not moved by a few that are found late', [30, 9_000, 20, 9_000, 40], 40],
    ['by size, not by text', [100, 20, 3], 20],
    ['of the last fifteen', Array.from({ length: 15 }, (_, n) => n + 1), 8],
    ['only of late', [...Array<number>(15).fill(9_000), ...Array<number>(8).fill(20)], 20],
    [
      'not before most of late are so',
      [...Array<number>(15).fill(9_000), ...Array<number>(7).fill(20)],
      9_000,
    ],
  ])('is %s', (_, times, expected) => {
    expect(usualOf(times)).toBe(expected)
  })
})

test.each([
  [1, 48, 3],
  [32, 1536, 96],
  [256, 1536, 768],
])(
  'at concurrency %i, %i may wait besides, and %i more begin while nothing moves',
  (concurrency, waiting, ramp) => {
    expect(waitingAllowed(concurrency)).toBe(waiting)
    expect(rampAllowed(concurrency)).toBe(ramp)
  },
)
