import { expect, test } from 'vitest'
import { isStreakTold, streakNow } from '../../../src/issue/streak.ts'
import { toldOf } from '../../../src/issue/told.ts'
import { tracked } from '../report/samples.ts'

const failing = (runs: number, since = '2026-11-19T10:03:00Z') => ({ since, runs, errors: [] })
const told = (runs: number) => toldOf(tracked({ failing: failing(runs, '2026-11-01T08:00:00Z') }), 1)

test('goes by the history, and by the issue where that has counted runs that no history has', () => {
  expect(streakNow(failing(3), undefined)).toEqual(failing(3))
  expect(streakNow(failing(3), told(2))).toEqual(failing(3))
  expect(streakNow(failing(1), told(5))).toEqual(failing(6, '2026-11-01T08:00:00Z'))
  expect(streakNow(failing(1), toldOf(tracked(), 1))).toEqual(failing(1))
  expect(streakNow(null, told(5))).toBeNull()
})

test('does not count on over a run that ended well, of which GitHub could not be told', () => {
  const one = { ...failing(1), wellAt: '2026-11-18T10:03:00.000Z' }
  expect(streakNow(one, told(5))).toEqual(one)
  const before = { ...failing(1), wellAt: '2026-10-31T08:00:00.000Z' }
  expect(streakNow(before, told(5))).toMatchObject(failing(6, '2026-11-01T08:00:00Z'))
})

test('is told from the second run on, but where nothing else would remember the first', () => {
  expect(isStreakTold(failing(2), 'whole', undefined)).toBe(true)
  expect(isStreakTold(failing(1), 'whole', undefined)).toBe(false)
  expect(isStreakTold(failing(1), 'unopened', undefined)).toBe(true)
  expect(isStreakTold(failing(1), 'unopened', toldOf(tracked(), 1))).toBe(false)
})
