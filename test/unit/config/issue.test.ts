import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { type Inputs, problemsOf, read } from './step.ts'

test.each<[Inputs, Partial<Config>]>([
  [
    { 'issue-labels': 'a, b\nc,,a', 'issue-assignees': 'ann,app[bot]' },
    { issueLabels: ['a', 'b', 'c'], issueAssignees: ['ann', 'app[bot]'] },
  ],
])('good: %j', (inputs, expected) => {
  expect(read(inputs)).toMatchObject(expected)
})

test.each<[Inputs, ...string[]]>([
  [
    { 'issue-labels': 'l'.repeat(51) },
    `\`issue-labels\` must be labels of at most 50 characters, unlike "${'l'.repeat(51)}".`,
  ],
  [{ 'issue-assignees': '@ann' }, '`issue-assignees` must be GitHub user names without @, unlike "@ann".'],
  [
    { 'issue-assignees': 'a,b,c,d,e,f,g,h,i,j,k' },
    "`issue-assignees` must be at most 10 names, which is GitHub's limit; there are 11.",
  ],
])('bad: %j', (inputs, ...expected) => {
  expect(problemsOf(inputs)).toEqual(expected)
})
