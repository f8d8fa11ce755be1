import { expect, test } from 'vitest'
import { RecentRate } from '../../../src/domain/recent-rate.ts'

test('in the first seconds, it is what came since the beginning', () => {
  const rate = new RecentRate(5_000)
  expect(rate.perSecond(5_000)).toBe(0)
  rate.note(5_500)
  rate.note(6_500, 3)
  expect(rate.perSecond(7_000)).toBe(2)
})

test('then it is of the last 30 s: what was quick before, and is slow now, is slow', () => {
  const rate = new RecentRate(0)
  for (let ms = 0; ms < 10_000; ms += 10) rate.note(ms)
  expect(rate.perSecond(10_000)).toBe(100)
  for (let ms = 10_000; ms < 60_000; ms += 1_000) rate.note(ms)
  expect(rate.perSecond(60_000)).toBeCloseTo(1, 1)
  expect(rate.perSecond(100_000)).toBe(0)
})

test('a million cost no more than the seconds in which they come', () => {
  const rate = new RecentRate(0)
  for (let n = 0; n < 1_000_000; n++) rate.note(n / 20)
  expect(rate.perSecond(50_000)).toBeCloseTo(20_000, -3)
})
