import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fingerprints } from '../../../src/domain/fingerprints.ts'

test('a text that came before is known, and no other is', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 3 })), (texts) => {
      const seen = new Fingerprints()
      const before = new Set<string>()
      for (const text of texts) {
        expect(seen.add(text)).toBe(before.has(text))
        before.add(text)
      }
    }),
  )
})

test('of 100,000 that differ in a character none is taken for another, and each is known however many came', () => {
  const seen = new Fingerprints()
  const texts = Array.from({ length: 100_000 }, (_, index) => `${index.toString(36)}-the-same-for-all`)
  expect(texts.filter((text) => seen.add(text))).toEqual([])
  expect(texts.filter((text) => !seen.add(text))).toEqual([])
})
