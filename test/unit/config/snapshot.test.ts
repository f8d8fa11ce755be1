import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { type Inputs, problemsOf, read } from './step.ts'

test.each<[Inputs, Partial<Config>]>([
  [{ 'snapshot-dir': '/var/lib/mirror' }, { snapshotDir: '/var/lib/mirror' }],
  [{ 'cache-key': 'a.B_9-' }, { cacheKey: 'a.B_9-' }],
  [{ 'cache-key': 'k'.repeat(100) }, { cacheKey: 'k'.repeat(100) }],
])('good: %j', (inputs, expected) => {
  expect(read(inputs)).toMatchObject(expected)
})

test.each<[Inputs, ...string[]]>([
  [
    { 'snapshot-dir': '~/mirror' },
    '`snapshot-dir` must be a path without `~`, which only a shell understands.',
  ],
  [{ 'cache-key': 'a/b' }, '`cache-key` must be 1 to 100 letters, digits, ., _ or -, not "a/b".'],
  [{ 'cache-key': '..' }, '`cache-key` must be 1 to 100 letters, digits, ., _ or -, not "..".'],
  [
    { 'cache-key': 'k'.repeat(101) },
    `\`cache-key\` must be 1 to 100 letters, digits, ., _ or -, not "${'k'.repeat(80)}…".`,
  ],
])('bad: %j', (inputs, ...expected) => {
  expect(problemsOf(inputs)).toEqual(expected)
})
