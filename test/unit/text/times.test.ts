import { expect, test } from 'vitest'
import { duration, withinOrBy } from '../../../src/text/times.ts'

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
