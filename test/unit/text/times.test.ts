import { expect, test } from 'vitest'
import { dayAndTime, duration, timeSeenFrom } from '../../../src/text/times.ts'

test('instants are said in UTC, to the minute', () => {
  expect(dayAndTime('2026-11-25T19:33:58.123Z')).toBe('25 Nov 2026, 19:33')
  expect(dayAndTime('2026-10-01T23:00:00-04:00')).toBe('2 Oct 2026, 03:00')
  expect(dayAndTime('nonsense')).toBe('?')
})

test('what is on the same day is said without it', () => {
  expect(timeSeenFrom('2026-11-25T19:48:00Z', '2026-11-25T00:00:00Z')).toBe('19:48')
  expect(timeSeenFrom('2026-11-26T19:48:00Z', '2026-11-25T00:00:00Z')).toBe('19:48 on 26 Nov')
  expect(timeSeenFrom('nonsense', '2026-11-25T00:00:00Z')).toBe('a time unknown')
})

test.each([
  ['2026-11-25T00:00:00.400Z', '0.4 s'],
  ['2026-11-25T00:00:04.26Z', '4.2 s'],
  ['2026-11-25T00:03:04Z', '3 min 4 s'],
  ['2026-11-25T02:03:04Z', '2 h 3 min'],
  // The clock was set back.
  ['2026-11-24T00:00:00Z', '0.0 s'],
  ['nonsense', '?'],
])('from midnight to %s', (end, expected) => {
  expect(duration('2026-11-25T00:00:00Z', end)).toBe(expected)
})
