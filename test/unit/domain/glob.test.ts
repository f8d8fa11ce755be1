import fc from 'fast-check'
import picomatch from 'picomatch/posix.js'
import { expect, test } from 'vitest'
import { Glob } from '../../../src/domain/glob.ts'
import { GlobError, type GlobPart, readGlob } from '../../../src/domain/glob-syntax.ts'

const matches = (glob: string, name: string) => new Glob(readGlob(glob)).matches(name)

test.each([
  ['*.jpg', 'a.jpg', true],
  ['*.jpg', '.jpg', true],
  ['*.jpg', 'a.jpg.txt', false],
  ['*.jpg', 'photos/a.jpg', false],
  ['*', 'ALL', true],
  ['*', '', true],
  ['all', 'ALL', false],
  ['**/*.jpg', 'photos/2026/a.jpg', true],
  ['**/*.jpg', 'a.jpg', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'ab', false],
  ['photos/**', 'photos/2026/a.jpg', true],
  ['photos/**', 'photos/', true],
  ['photos/**', 'photos', false],
  ['photos/**', 'videos/a.mp4', false],
  ['photos**', 'photos-2026/a.jpg', true],
  // Only at the start of a part does `**/` stand for nothing.
  ['a**/b', 'a/b', true],
  ['a**/b', 'ab', false],
  ['{a,b/}**/c', 'b/c', false],
  ['{a/,b/}**/c', 'b/c', true],
  ['{**/*.jpg,*.png}', 'a.jpg', true],
  ['***', 'a/b', true],
  ['?.txt', 'ä.txt', true],
  ['?.txt', '🐟.txt', true],
  ['a?b', 'a/b', false],
  ['?', 'ab', false],
  ['[ab]', 'ab', false],
  ['[b-c]', 'a', false],
  ['a/*', 'a/b/c', false],
  ['[ab]*', 'banana', true],
  ['[ab]', 'c', false],
  ['[!ab]', 'c', true],
  ['[^ab]', 'a', false],
  ['[!a]', '/', false],
  ['[a-c]', 'b', true],
  ['[a-c]', 'c', true],
  ['[a-c]', 'd', false],
  ['[a-]', '-', true],
  ['[a:]', ':', true],
  ['[.a]', 'a', true],
  ['[[a]', '[', true],
  ['?a', '\uffffa', true],
  ['a?', 'a\0', true],
  ['[]a]', ']', true],
  ['[!]]', ']', false],
  ['[!]]', 'a', true],
  ['[\\]]', ']', true],
  ['[.-0]', '/', false],
  ['[🐟-🐡]', '🐠', true],
  ['{a,b}.car', 'b.car', true],
  ['{a,b}.car', 'a,b.car', false],
  ['x{,-y}', 'x', true],
  ['{a,{b,c}d}', 'cd', true],
  ['{a,{b,c}d}', 'ad', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['\\{a,b}', '{a,b}', true],
  ['\\!a', '!a', true],
  // What means something in other patterns, and nothing in a glob.
  ['a b (1)', 'a b (1)', true],
  ['a|b]}.^$', 'a|b]}.^$', true],
  ['a.b', 'axb', false],
])('%s on %j: %s', (glob, name, isMatch) => {
  expect(matches(glob, name)).toBe(isMatch)
})

test.each([
  ['!*.jpg', 'begins with `!`'],
  ['+(*.jpg|*.png)', '`+(`'],
  ['a?(b)', '`?(`'],
  ['a*(b)', '`*(`'],
  ['a**(b)', '`*(`'],
  ['a@(b)', '`@(`'],
  ['a!(b)', '`!(`'],
  ['{a,+(b)}', '`+(`'],
  ['{a,b', '`{` without its `}`'],
  ['{a}', 'without a comma'],
  ['{1..9}', 'without a comma'],
  ['[ab', '`[` without its `]`'],
  ['[]', '`[` without its `]`'],
  ['[z-a]', 'end comes before its start'],
  ['[[:alpha:]]', '`[:`'],
  ['[[.a.]]', '`[.`'],
  ['[[=a=]]', '`[=`'],
  ['+(a)', 'where the character itself is meant, write `\\(`'],
  ['{a,b', 'write `\\{`'],
  ['{a}', 'write `\\{`'],
  ['[a', 'write `\\[`'],
  ['a\\', 'ends in `\\`'],
  ['[a\\', 'ends in `\\`'],
])('%s is refused, and what is wrong is named: %s', (glob, named) => {
  expect(() => readGlob(glob)).toThrow(GlobError)
  expect(() => readGlob(glob)).toThrow(named)
  expect(() => readGlob(glob)).toThrow(expect.objectContaining({ name: 'GlobError' }))
})

const name = fc
  .array(fc.constantFrom('a', 'b', '-', '/'), { minLength: 1, maxLength: 8 })
  .map((chars) => chars.join(''))

test('it matches as picomatch does, where both mean the same', () => {
  const piece = fc.constantFrom('a', 'b', '-', '*', '?', '[ab]', '[^a]', '{a,bb}', '{*a,b?}', '\\*')
  const part = fc
    .array(piece, { minLength: 1, maxLength: 4 })
    .map((pieces) => pieces.join('').replaceAll('**', '*'))
  const glob = fc
    .array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('/'))
  fc.assert(
    fc.property(glob, fc.array(name, { maxLength: 20 }), (glob, names) => {
      // Where they differ: the empty name, empty parts, and the bare folder for `folder/**`.
      fc.pre(!glob.endsWith('/**'))
      const other = picomatch(glob, { dot: true, nonegate: true, strictSlashes: true })
      for (const name of names.filter((one) => one.split('/').every((part) => part !== '')))
        expect([name, matches(glob, name)]).toEqual([name, other(name)])
    }),
    { numRuns: 300 },
  )
})

test('what is escaped matches itself and nothing else', () => {
  const text = fc.string({ unit: fc.constantFrom(...'a*?[]{},\\!/(-🐟'), maxLength: 6 })
  const escaped = (text: string) => Array.from(text, (char) => `\\${char}`).join('')
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(matches(escaped(one), one)).toBe(true)
      expect(matches(escaped(one), other)).toBe(one === other)
    }),
  )
})

/** A glob whose places count how often they are tried. */
function counted(text: string): { readonly glob: Glob; readonly count: { places: number; tries: number } } {
  const count = { places: 0, tries: 0 }
  const wrap = (part: GlobPart): GlobPart => {
    if ('either' in part) return { either: part.either.map((one) => one.map(wrap)) }
    count.places++
    return {
      ...part,
      takes: (char) => {
        count.tries++
        return part.takes(char)
      },
    }
  }
  return { glob: new Glob(readGlob(text).map(wrap)), count }
}

test.each([
  ['two ends', '{*.jpg,*.png}', `${'a.jpg'.repeat(40)}x`],
  ['stars between what the name repeats', 'backup-*-*-*-*.car', `backup${'-'.repeat(249)}`],
  ['stars between letters', '*a*a*a*a*a*a*a*b', 'a'.repeat(255)],
  ['folders of any depth', '**/**/**/**/**/**/x', 'a/'.repeat(127)],
  ['ways that mean the same', '{a*,*a}{a*,*a}{a*,*a}{a*,*a}b', 'a'.repeat(255)],
  ['2^100 ways', `${'{,a}'.repeat(100)}b`, 'a'.repeat(101)],
  ['a glob of stars', '*?'.repeat(500), 'a'.repeat(10_000)],
])(
  'a hostile name costs no more than a try of each place for each of its characters: %s',
  (_, text, name) => {
    const { glob, count } = counted(text)
    glob.matches(name)
    expect(count.tries).toBeLessThanOrEqual(count.places * name.length)
  },
)

test('what it remembers of names has a bound, and what it forgot changes no answer', () => {
  const { glob, count } = counted('*[!a-z]*')
  const names = Array.from({ length: 210_000 }, (_, index) => String.fromCodePoint(0x10000 + index))
  expect(names.every((name) => glob.matches(name))).toBe(true)
  const triesOf = (name: string) => {
    const before = count.tries
    glob.matches(name)
    return count.tries - before
  }
  expect(triesOf(names.at(-1) as string)).toBe(0)
  expect(triesOf(names[0] as string)).toBeGreaterThan(0)
  expect(glob.matches('abc')).toBe(false)
})
