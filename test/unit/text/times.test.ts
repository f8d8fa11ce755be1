import { expect, test } from 'vitest'
import { dayAndTime, duration, timeSeenFrom, took, withinOrBy } from '../../../src/text/times.ts'

test.each([
  [0, '0ms'],
  [340, '340ms'],
  [1_300, '1.3s'],
  [20_000, '20s'],
  [20_400, '20s'],
  [90_000, '1m 30s'],
  [5 * 3_600_000 + 61_000, '5h 1m'],
  [-5, '0ms'],
])('%d ms read %j', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test.each([
  [-5, 'within 1s'],
  [1, 'within 1s'],
  [11_001, 'within 12s'],
  [59_999, 'within 1m'],
  [16 * 60_000, 'by 19:50 UTC'],
  [6 * 3_600_000, 'by 26 Nov, 01:34 UTC'],
])(
  'what is %d ms from now is told as %j: by the clock, and with the day where that is another',
  (ms, text) => {
    expect(withinOrBy(ms, Date.parse('2026-11-25T19:33:20Z'))).toBe(text)
  },
)

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
  expect(took('2026-11-25T00:00:00Z', end)).toBe(expected)
})
