import { expect, test } from 'vitest'
import { sentOffLine, settledLine, settlingLine } from '../../../../src/text/lines/sending.ts'

test('what was sent, and what became of it', () => {
  expect(sentOffLine(64, 64, new Map([['other-too-large', { reason: 'too large', count: 4 }]]))).toBe(
    '64 of 64 CIDs asked for. 4 failed: too large (4)',
  )
  const wall = Date.parse('2026-11-25T19:49:00Z')
  expect(settlingLine('12 of 40 requests settled (30%)', 600_000, wall)).toBe(
    '12 of 40 requests settled (30%). Without a change, the wait is over by 19:59 UTC',
  )
  expect(
    settledLine(38, 40, new Map([['gave-up', { reason: 'Exceeded Max Attempts (11)', count: 1 }]])),
  ).toBe('38 of 40 requests settled. 1 failed: The service gave up (1). 2 left for the next run')
})
