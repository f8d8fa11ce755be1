import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Finder, type Span } from '../../../src/secrets/finder.ts'

/** Few letters, so that texts are found in one another, and begin alike. */
const letters = fc.constantFrom('a', 'b', 'ä', '\u{1F600}')
const textOf = (minLength: number, maxLength: number) => fc.string({ unit: letters, minLength, maxLength })

test('finds the longest text at each place, and nothing else', () => {
  const given = fc.array(textOf(8, 14), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(given, fc.array(fc.oneof(textOf(0, 30), fc.nat(7)), { maxLength: 8 }), (texts, parts) => {
      const text = parts.map((part) => (typeof part === 'number' ? (texts[part] ?? '') : part)).join('')
      const expected: Span[] = []
      for (let start = 0; start < text.length; start++) {
        const here = texts.filter((one) => text.startsWith(one, start)).map(({ length }) => length)
        if (here.length > 0) expected.push({ start, end: start + Math.max(...here) })
      }
      expect(new Finder(texts).find(text)).toEqual(expected)
    }),
    { numRuns: 2000 },
  )
})

test('texts longer than a window may move are found', () => {
  const text = Array.from({ length: 600 }, (_, index) => String.fromCharCode(33 + ((index * 7) % 90))).join(
    '',
  )
  expect(new Finder([text]).find(`${'x'.repeat(1000)}${text}y`)).toEqual([{ start: 1000, end: 1600 }])
})

test('without texts nothing is found', () => {
  expect(new Finder([]).find('x'.repeat(1000))).toEqual([])
})
