import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Progress, progressLine } from '../../../src/text/progress.ts'

test.each([
  [
    { done: 1_200, total: 5_000, elapsed: 12_500 },
    '1,200 of 5,000 CIDs pinned (24%), 96 a second, about 40s left',
  ],
  [{ done: 5_000, total: 5_000, elapsed: 10_000 }, '5,000 of 5,000 CIDs pinned (100%), 500 a second'],
  [{ done: 0, total: 5_000, elapsed: 10_000 }, '0 of 5,000 CIDs pinned (0%)'],
  [{ done: 0, total: 0, elapsed: 0 }, '0 of 0 CIDs pinned'],
  [{ done: 7, total: undefined, elapsed: 2_000 }, '7 CIDs pinned, 3.5 a second'],
  [{ done: 3, total: 300, elapsed: 60_000 }, '3 of 300 CIDs pinned (1%), 3.0 a minute, about 1h 39m left'],
])('%j reads %j', (state, line) => {
  expect(progressLine({ what: 'CIDs pinned', ...state })).toBe(line)
})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a line every few seconds while it lives, and a last one when it ends', () => {
  const lines: string[] = []
  {
    using progress = new Progress({
      what: 'rows',
      total: 10,
      log: (line) => lines.push(line),
      now: () => Date.now(),
    })
    vi.advanceTimersByTime(4_999)
    expect(lines).toEqual([])
    progress.add(5)
    vi.advanceTimersByTime(1)
    expect(lines).toEqual(['5 of 10 rows (50%), 1.0 a second, about 5s left'])
    progress.setTotal(20)
    vi.advanceTimersByTime(5_000)
    expect(lines.at(-1)).toBe('5 of 20 rows (25%), 30.0 a minute, about 30s left')
    progress.add(15)
  }
  expect(lines.at(-1)).toBe('20 of 20 rows (100%), 2.0 a second')
  expect(lines).toHaveLength(3)
  expect(vi.getTimerCount()).toBe(0)
})

test('work that ends at once says nothing', () => {
  const lines: string[] = []
  {
    using progress = new Progress({ what: 'rows', log: (line) => lines.push(line), now: () => Date.now() })
    progress.add()
  }
  expect(lines).toEqual([])
})
