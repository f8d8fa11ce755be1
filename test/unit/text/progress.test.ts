import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Counted, countedLine, Progress, pauseAfter, rateOf } from '../../../src/text/progress.ts'

test.each([
  [
    { done: 1_200, total: 5_000, perSecond: 96 },
    '1,200 of 5,000 CIDs asked for (24%), 96 a second, about 40s left',
  ],
  [{ done: 5_000, total: 5_000, perSecond: 500 }, '5,000 of 5,000 CIDs asked for (100%), 500 a second'],
  [{ done: 1_200, total: 5_000, perSecond: 0 }, '1,200 of 5,000 CIDs asked for (24%)'],
  [{ done: 0, total: 0, perSecond: 0 }, '0 of 0 CIDs asked for'],
  [{ done: 7, total: undefined, perSecond: 3.5 }, '7 CIDs asked for, 3.5 a second'],
  [{ done: 3, total: 300, perSecond: 0.05 }, '3 of 300 CIDs asked for (1%), 3 a minute, about 1h 39m left'],
])('%j reads %j', (state, line) => {
  expect(countedLine('CIDs asked for', state)).toBe(line)
})

test.each([
  [0, null],
  [0.001, '1 a minute'],
  [0.9, '54 a minute'],
  [1, '1 a second'],
  [9.96, '10 a second'],
  [1234.5, '1,235 a second'],
])('a rate of %d a second is told as %j', (perSecond, told) => {
  expect(rateOf(perSecond)).toBe(told)
})

test('what it comes to follows from the last 30 s, not from what was before', () => {
  const counted = new Counted('rows', 0, 10_000)
  for (let ms = 0; ms < 10_000; ms += 10) counted.add(ms)
  for (let ms = 10_000; ms < 60_000; ms += 1_000) counted.add(ms)
  expect(counted.line(60_000)).toBe('1,050 of 10,000 rows (10%), 1 a second, about 2h 29m left')
})

test('nothing of nobody knows how much is no news', () => {
  const counted = new Counted('rows', 0)
  expect(counted.line(5_000)).toBe(null)
  counted.add(5_000, 2)
  expect(counted.line(5_000)).toBe('2 rows, 24 a minute')
})

/** When lines are due in so long, ms. */
function linesIn(ms: number): number[] {
  const lines: number[] = []
  for (let at = pauseAfter(0); at <= ms; at += pauseAfter(at)) lines.push(at)
  return lines
}

test('a line every 5 s for a minute, then every 30 s, then every minute', () => {
  const lines = linesIn(900_000).map((ms) => ms / 1000)
  expect(lines.slice(0, 14)).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 90, 120])
  expect(lines.slice(-4)).toEqual([720, 780, 840, 900])
})

test('five hours are some 300 lines, whatever is done in them', () => {
  expect(linesIn(5 * 60 * 60_000).length).toBeLessThan(330)
})

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('it says its line for as long as it lives, and no longer', () => {
  const lines: string[] = []
  let line: string | null = 'first'
  {
    using _ = new Progress({
      line: () => line,
      log: (text) => lines.push(text),
      now: () => performance.now(),
    })
    vi.advanceTimersByTime(4_999)
    expect(lines).toEqual([])
    vi.advanceTimersByTime(1)
    expect(lines).toEqual(['first'])
    line = null
    vi.advanceTimersByTime(5_000)
    expect(lines).toEqual(['first'])
    line = 'third'
    vi.advanceTimersByTime(50_000)
    expect(lines).toHaveLength(11)
    vi.advanceTimersByTime(29_999)
    expect(lines).toHaveLength(11)
    vi.advanceTimersByTime(1)
    expect(lines).toHaveLength(12)
  }
  expect(vi.getTimerCount()).toBe(0)
})
