import { expect, test } from 'vitest'
import { nameMatcher } from '../../../src/domain/name-globs.ts'

test.each([
  ['*.jpg', 'a.jpg', true],
  ['*.jpg', '.jpg', true],
  ['*.jpg', 'photos/a.jpg', false],
  ['**/*.jpg', 'photos/2026/a.jpg', true],
  ['**/*.jpg', 'a.jpg', true],
  ['photos/**', 'photos/2026/a.jpg', true],
  ['photos/**', 'videos/a.mp4', false],
  ['?.txt', 'ä.txt', true],
  ['[ab]*', 'banana', true],
  ['{a,b}.car', 'b.car', true],
  ['!a', 'a', false],
  ['!a', 'b', false],
  ['\\*', '*', true],
  ['a b (1)', 'a b (1)', true],
  ['*', 'ALL', true],
  ['all', 'ALL', false],
])('%s on %s: %s', (glob, name, isMatch) => {
  expect(nameMatcher([glob])(name)).toBe(isMatch)
})

test('one of several is enough; without a name none does; without globs all do', () => {
  expect(nameMatcher(['a', 'b*'])('bc')).toBe(true)
  expect(nameMatcher(['*'])(null)).toBe(false)
  expect(nameMatcher([])(null)).toBe(true)
})
