import { expect, test } from 'vitest'
import { ledgerPause, longestPause, retryDelay } from '../../../src/domain/backoff.ts'

const minute = 60_000

test('a request waits twice as long after each failure, from half a second to half a minute', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((attempt) => retryDelay(attempt, undefined, 0))
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
})

test('up to half of a delay is left out by chance, in whole ms', () => {
  const delays = [0, 0.25, 0.5, 1 - Number.EPSILON].map((random) => retryDelay(2, undefined, random))
  expect(delays).toEqual([1000, 875, 750, 500])
  expect(retryDelay(1, undefined, 0.3333)).toBe(417)
})

test.each([0, 1, 90_000, 86_400_000])('what the server asks for is honoured as it stands: %d ms', (asked) => {
  expect([1, 9].map((attempt) => retryDelay(attempt, asked, 0.5))).toEqual([asked, asked])
})

test('a CID rests twice as long after each failure, from 15 minutes to a day', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => ledgerPause(failures, 'later') / minute)
  expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440])
  expect(longestPause('later')).toBe(1440 * minute)
})

test('where trying again does not help, a CID rests for 30 days from its first failure on', () => {
  expect([1, 2, 1000].map((failures) => ledgerPause(failures, 'never'))).toEqual(
    Array(3).fill(30 * 1440 * minute),
  )
  expect(longestPause('never')).toBe(30 * 1440 * minute)
})
