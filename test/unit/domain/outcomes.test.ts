import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Outcomes, type Result } from '../../../src/domain/outcomes.ts'

const result = fc.constantFrom<Result>('open', 'pinned', 'failed', 'pending', 'unsent')

test('it holds the last result of each, and knows how many have which', () => {
  const length = 20
  const change = fc.tuple(fc.integer({ min: 0, max: length - 1 }), result)
  fc.assert(
    fc.property(fc.array(change, { maxLength: 100 }), (changes) => {
      const outcomes = new Outcomes(length)
      const plain = Array.from({ length }, (): Result => 'open')
      for (const [index, one] of changes) {
        outcomes.set(index, one)
        plain[index] = one
      }
      expect(plain.map((_, index) => outcomes.get(index))).toEqual(plain)
      for (const one of ['open', 'pinned', 'failed', 'pending', 'unsent'] as const) {
        const indexes = plain.keys().filter((index) => plain[index] === one)
        expect([...outcomes.indexesOf(one)]).toEqual([...indexes])
        expect(outcomes.count(one)).toBe([...outcomes.indexesOf(one)].length)
      }
    }),
  )
})
