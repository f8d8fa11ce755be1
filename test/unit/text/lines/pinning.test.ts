import { describe, expect, test } from 'vitest'
import type { ReasonClass } from '../../../../src/domain/reasons/classes.ts'
import type { ReasonCounts } from '../../../../src/domain/reasons/counts.ts'
import {
  type PinningStanding,
  pinnedLine,
  pinningLine,
  roundLine,
} from '../../../../src/text/lines/pinning.ts'

const rules = { attempts: 3, patience: (round: number) => (round < 3 ? 15_000 : 120_000), atOnce: 1_000 }
const wall = Date.parse('2026-11-25T19:46:30Z')
const times = { now: 1_000_000, end: 9_000_000, wall }

function lineOf(standing: Partial<PinningStanding>, more: Partial<typeof times> = {}): string {
  const usual = {
    total: 464,
    pinned: 400,
    left: 64,
    round: 3,
    leftInRound: 64,
    unbegun: 0,
    lastBegun: 1_000_000,
  }
  return pinningLine({ ...usual, pinnedPerSecond: 0, endedPerSecond: 0, ...standing }, rules, {
    ...times,
    ...more,
  })
}

describe('while the pinning goes on', () => {
  test('the first round says what it comes to at the rate of late', () => {
    const standing = {
      total: 5_000,
      pinned: 1_200,
      left: 3_800,
      round: 1,
      leftInRound: 3_740,
      unbegun: 3_000,
    }
    expect(lineOf({ ...standing, pinnedPerSecond: 96, endedPerSecond: 98 })).toBe(
      '1,200 of 5,000 CIDs pinned (24%), 96 a second: round 1 of 3 ends in about 38s',
    )
    // All of the last 30 s were in vain.
    expect(lineOf({ ...standing, endedPerSecond: 10 })).toBe(
      '1,200 of 5,000 CIDs pinned (24%): round 1 of 3 ends in about 6m 14s',
    )
  })

  test('a later round says which it is, how long it waits, and when it is over', () => {
    expect(lineOf({})).toBe(
      '400 of 464 CIDs pinned (86%), 64 without success so far: round 3 of 3 waits up to 2m for each, done by 19:49 UTC',
    )
    expect(lineOf({ round: 2 })).toContain('round 2 of 3 waits up to 15s for each, over within 15s')
  })

  test('where more are to be tried than fit at once, each wave of them takes as long', () => {
    const standing = { total: 10_000, pinned: 0, left: 10_000, leftInRound: 10_000, unbegun: 9_000 }
    expect(lineOf(standing)).toContain('done by 20:07 UTC')
  })

  test('no round is said to go on for longer than the run', () => {
    expect(lineOf({}, { end: 1_010_000 })).toContain('done within 10s')
  })

  test('the first round, too, where nothing ends', () => {
    expect(lineOf({ round: 1, pinned: 0, left: 464, leftInRound: 464 })).toBe(
      '0 of 464 CIDs pinned (0%), 464 without success so far: round 1 of 3 waits up to 15s for each, over within 15s',
    )
  })

  test('what is left when all waits are over moves', () => {
    expect(lineOf({ left: 2, lastBegun: 500_000 })).toBe('400 of 464 CIDs pinned (86%), 2 under way')
  })

  test('after the last try there is nothing to wait for', () => {
    expect(lineOf({ pinned: 464, left: 0 })).toBe('464 of 464 CIDs pinned (100%)')
  })
})

/** What failed, by class. */
function counts(...each: readonly [ReasonClass, reason: string, count: number][]): ReasonCounts {
  return new Map(each.map(([reasonClass, reason, count]) => [reasonClass, { reason, count }]))
}

test('a round that is over says why what is tried again was in vain', () => {
  const reasons = counts(['stalled', 'no progress for 15 s', 20], ['no-block', 'no block of it came', 240])
  expect(roundLine({ round: 1, again: 260, reasons }, 3)).toBe(
    'Round 1 of 3: 260 CIDs not pinned, tried again: No block came (240); Stalled (20)',
  )
})

test('at the end it says what became of all', () => {
  expect(pinnedLine(3, 3, new Map())).toBe('3 of 3 CIDs pinned')
  expect(pinnedLine(600, 900, counts(['no-block', 'no block of it came', 240]))).toBe(
    '600 of 900 CIDs pinned. 240 failed: No block came (240). 60 left for the next run',
  )
})

test('of many reasons the most frequent are named, in one line, and the others counted', () => {
  const each = (n: number): [ReasonClass, string, number] => [`other-${n}`, `reason ${n}\n::error::`, n + 1]
  const reasons = counts(...Array.from({ length: 100 }, (_, n) => each(n)))
  expect(pinnedLine(0, 5_050, reasons)).toBe(
    '0 of 5,050 CIDs pinned. 5,050 failed: reason 99 ::error:: (100); reason 98 ::error:: (99); reason 97 ::error:: (98); reason 96 ::error:: (97); reason 95 ::error:: (96); 95 other reasons (4,560)',
  )
})
