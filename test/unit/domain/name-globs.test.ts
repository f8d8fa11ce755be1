import { expect, test } from 'vitest'
import { nameMatcher } from '../../../src/domain/name-globs.ts'

test('one of several globs is enough', () => {
  const isWanted = nameMatcher(['a', 'b*', '**/*.jpg'])
  expect(['a', 'bc', 'x/y.jpg', 'ab'].map(isWanted)).toEqual([true, true, true, false])
})

test('without globs every name is wanted, and none; with some, a pin without a name is not', () => {
  expect(nameMatcher([])(null)).toBe(true)
  expect(nameMatcher([])('a')).toBe(true)
  expect(nameMatcher(['*'])(null)).toBe(false)
})
