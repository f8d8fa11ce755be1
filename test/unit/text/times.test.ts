import { expect, test } from 'vitest'
import { clock, duration } from '../../../src/text/times.ts'

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

test('an instant is told by the clock, and with its day where that is another', () => {
  const now = Date.parse('2026-11-25T19:33:20Z')
  expect(clock(now + 16 * 60_000, now)).toBe('19:49 UTC')
  expect(clock(now + 6 * 3_600_000, now)).toBe('26 Nov, 01:33 UTC')
})
