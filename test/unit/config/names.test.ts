import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { type Inputs, lines, problemsOf, read } from './step.ts'

test.each<[Inputs, Partial<Config>]>([
  [{ 'only-names': lines('a *', '', '# b', 'c?') }, { onlyNames: ['a *', 'c?'] }],
])('good: %j', (inputs, expected) => {
  expect(read(inputs)).toMatchObject(expected)
})

test('a glob that no name could need is refused', () => {
  const most = '*'.repeat(1000)
  expect(read({ 'only-names': most }).onlyNames).toEqual([most])
  expect(problemsOf({ 'only-names': lines('ok', `${most}*`) })).toEqual([
    expect.stringMatching(/^`only-names` line 2 is no glob, .*: it has more than 1000 characters\.$/),
  ])
})
