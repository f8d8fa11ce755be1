import { expect, test } from 'vitest'
import { type Conclusion, noStreaks, type Streaks, streaksAfter } from '../../../src/domain/history.ts'

type End = Conclusion | 'doubted'

/** After runs that began at 1, 2, 3, … */
const after = (...ends: readonly End[]) =>
  ends.reduce<Streaks>((streaks, end, index) => {
    const how =
      end === 'doubted' ? { conclusion: 'ok' as const, doubted: true } : { conclusion: end, doubted: false }
    return streaksAfter(streaks, { ...how, startedAt: index + 1 })
  }, noStreaks)

test.each<[string, readonly End[], Streaks]>([
  ['none', [], { inStepSince: null, failing: null }],
  ['one that is well', ['ok'], { inStepSince: 1, failing: null }],
  [
    'several that are well: since the first',
    ['failed-pins', 'ok', 'ok', 'ok'],
    { inStepSince: 2, failing: null },
  ],
  ['CIDs that fail are not in step, and no failing run', ['ok', 'failed-pins'], noStreaks],
  ['nor is what is not believed yet', ['ok', 'doubted'], noStreaks],
  ['nor is work that is left', ['ok', 'out-of-time'], noStreaks],
  ['one that fails', ['ok', 'error'], { inStepSince: null, failing: { since: 2, runs: 1 } }],
  [
    'several that fail: since the first',
    ['ok', 'error', 'error', 'error'],
    { inStepSince: null, failing: { since: 2, runs: 3 } },
  ],
  ['one that ends well ends it', ['error', 'error', 'ok'], { inStepSince: 3, failing: null }],
  ['and so does one that ends in any other way', ['error', 'error', 'out-of-time'], noStreaks],
  [
    'a cancelled one tells nothing: they go on failing',
    ['error', 'cancelled', 'error'],
    { inStepSince: null, failing: { since: 1, runs: 2 } },
  ],
  ['and being in step', ['ok', 'cancelled', 'ok'], { inStepSince: 1, failing: null }],
])('%s', (_, ends, expected) => {
  expect(after(...ends)).toEqual(expected)
})
