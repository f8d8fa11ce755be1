import { describe, expect, test } from 'vitest'
import type { Why } from '../../../src/domain/reasons/classes.ts'
import { RoundTally } from '../../../src/domain/round-tally.ts'

const noBlock: Why = { class: 'no-block', reason: 'no block of it came within 15 s' }
const refused: Why = { class: 'refused-hash', reason: 'potentially insecure' }

const patience = (round: number) => (round < 3 ? 15_000 : 120_000)

/** A tally of so many CIDs, all of which have begun their first try at 0. */
function tallyOf(total: number): RoundTally {
  const tally = new RoundTally(total)
  for (let n = 0; n < total; n++) tally.begin(1, 0)
  return tally
}

describe('a round', () => {
  test('is told once, with why its CIDs have another try, when the last of them had its try', () => {
    const tally = tallyOf(4)
    tally.end(1, 'pinned', null)
    tally.end(1, 'again', noBlock)
    tally.end(1, 'again', refused)
    expect(tally.over(1_000, patience)).toEqual([])
    tally.end(1, 'again', noBlock)
    expect(tally.over(1_000, patience)).toEqual([
      {
        round: 1,
        again: 3,
        reasons: new Map([
          ['no-block', { reason: noBlock.reason, count: 2 }],
          ['refused-hash', { reason: refused.reason, count: 1 }],
        ]),
      },
    ])
    expect(tally.over(2_000, patience)).toEqual([])
    expect(tally).toMatchObject({ round: 2, pinned: 1, left: 3, leftInRound: 3 })
  })

  test('is not held up by one that still moves: without a sign of life none lasts longer than its patience', () => {
    const tally = tallyOf(2)
    tally.end(1, 'again', noBlock)
    expect(tally.over(25_000, patience)).toEqual([])
    expect(tally.over(25_001, patience)).toMatchObject([{ round: 1, again: 1 }])
  })

  test('is not over while one has not begun', () => {
    const tally = new RoundTally(2)
    tally.begin(1, 0)
    tally.end(1, 'again', noBlock)
    expect(tally.over(60_000, patience)).toEqual([])
    expect(tally.ahead).toEqual({ unbegun: 1, lastBegun: 0 })
  })

  test('that is started anew begins anew', () => {
    const tally = tallyOf(1)
    tally.end(1, 'anew', null)
    expect(tally.ahead.unbegun).toBe(1)
    expect(tally.over(60_000, patience)).toEqual([])
    tally.begin(1, 60_000)
    tally.end(1, 'pinned', null)
    expect(tally.over(60_000, patience)).toMatchObject([{ round: 1, again: 0 }])
  })
})

test('what is left to a later run is not waited for, and has no other try', () => {
  const tally = tallyOf(2)
  tally.end(1, 'pinned', null)
  tally.end(1, 'left', null)
  expect(tally).toMatchObject({ total: 2, pinned: 1, left: 0, leftInRound: 0 })
  expect(tally.over(1_000, patience)).toMatchObject([{ round: 1, again: 0 }])
})

test('the round that goes on is the first that is not over, with what is left in it', () => {
  const tally = tallyOf(10)
  expect(tally).toMatchObject({ round: 1, left: 10, leftInRound: 10, ahead: { unbegun: 0 } })
  for (let n = 0; n < 6; n++) tally.end(1, 'pinned', null)
  for (let n = 0; n < 3; n++) tally.end(1, 'again', refused)
  // These have their next turns at once, while one still waits for its first block.
  tally.begin(2, 1_000)
  expect(tally.over(1_000, patience)).toEqual([])
  expect(tally).toMatchObject({ round: 1, leftInRound: 1 })
  tally.end(1, 'again', noBlock)
  expect(tally.over(15_000, patience)).toMatchObject([{ round: 1, again: 4 }])
  expect(tally).toMatchObject({ round: 2, left: 4, leftInRound: 4, ahead: { unbegun: 3, lastBegun: 1_000 } })
  tally.end(2, 'given-up', refused)
  expect(tally).toMatchObject({ left: 3, leftInRound: 3, pinned: 6 })
})

test('where all are pinned, no other round begins', () => {
  const tally = tallyOf(1)
  tally.end(1, 'pinned', null)
  expect(tally.over(1_000, patience)).toMatchObject([{ round: 1, again: 0 }])
  expect(tally.leftInRound).toBe(0)
  expect(tally.over(1_000_000, patience)).toEqual([])
})
