import { expect, test } from 'vitest'
import type { ReasonClass } from '../../../../src/domain/reasons/classes.ts'
import { addReason, type ReasonCounts, totalOf } from '../../../../src/domain/reasons/counts.ts'

/** What comes of failures with these classes. */
function countsOf(classes: readonly ReasonClass[]): ReasonCounts {
  const counts: Parameters<typeof addReason>[0] = new Map()
  for (const [index, reasonClass] of classes.entries())
    addReason(counts, { class: reasonClass, reason: `words ${index}` })
  return counts
}

test('those of a class are counted together, with the words of the first', () => {
  const counts = countsOf(['no-block', 'other-x', 'no-block'])
  expect([...counts]).toEqual([
    ['no-block', { reason: 'words 0', count: 2 }],
    ['other-x', { reason: 'words 1', count: 1 }],
  ])
  expect(totalOf(counts)).toBe(3)
})

test('however many classes there are, only so many are kept, and all are counted', () => {
  const counts = countsOf(Array.from({ length: 10_000 }, (_, n) => `other-${n}` as const))
  expect(counts.size).toBe(101)
  expect(totalOf(counts)).toBe(10_000)
  expect(counts.get('other-reasons')).toEqual({ reason: 'other reasons', count: 9_900 })
})
