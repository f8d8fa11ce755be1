import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { type Inputs, problemsOf, read } from './step.ts'

const outOf24Days = `${24 * 24 + 1}h`

test.each<[Inputs, Partial<Config>]>([
  [{ direction: 'update' }, { direction: 'update', targetBucket: 'main' }],
  [{ direction: '' }, { direction: 'backup' }],
  [{ direction: '  both ' }, { direction: 'both' }],
  [{ 'dry-run': 'true' }, { dryRun: true }],
  [
    { 'dry-run': 'TRUE', cache: 'False' },
    { dryRun: true, cache: false },
  ],
  [
    { 'full-listing': 'True', issue: 'FALSE' },
    { fullListing: true, issue: false },
  ],
  [{ 'node-kind': 'kubo' }, { nodeKind: 'kubo' }],
  [{ 'node-kind': 'cluster' }, { nodeKind: 'cluster' }],
  [{ peering: 'save' }, { peering: 'save' }],
  [
    { concurrency: '1', attempts: '100' },
    { concurrency: 1, attempts: 100 },
  ],
  [
    { concurrency: '256', 'requests-per-second': '1000' },
    { concurrency: 256, requestsPerSecond: 1000 },
  ],
  [
    { 'stall-timeout': '1s', 'settle-timeout': '3m' },
    { stallTimeout: 1_000, settleTimeout: 180_000 },
  ],
  [{ 'time-limit': '576h' }, { timeLimit: 24 * 24 * 3_600_000 }],
  [{ 'failed-requests': 'report' }, { failedRequests: 'report' }],
  [{ 'github-token': 'ghs_abc' }, { githubToken: 'ghs_abc' }],
  [{ 'fail-on': 'failed-pins' }, { failOn: 'failed-pins' }],
])('good: %j', (inputs, expected) => {
  expect(read(inputs)).toMatchObject(expected)
})

test.each<[Inputs, ...string[]]>([
  [{ direction: 'restore' }, '`direction` must be backup, update or both, not "restore".'],
  [{ direction: 'Backup' }, '`direction` must be backup, update or both, not "Backup".'],
  [{ 'dry-run': 'yes' }, '`dry-run` must be true or false, not "yes".'],
  [{ cache: 'tRUE' }, '`cache` must be true or false, not "tRUE".'],
  [{ issue: '1' }, '`issue` must be true or false, not "1".'],
  [{ 'full-listing': 'no' }, '`full-listing` must be true or false, not "no".'],
  [{ 'node-kind': 'helia' }, '`node-kind` must be kubo or cluster, not "helia".'],
  [{ peering: 'always' }, '`peering` must be report, connect or save, not "always".'],
  [{ 'failed-requests': 'drop' }, '`failed-requests` must be replace or report, not "drop".'],
  [{ 'fail-on': 'never' }, '`fail-on` must be error or failed-pins, not "never".'],
  [{ 'dry-run': 'a\n::error::b' }, '`dry-run` must be true or false, not "a\\n::error::b".'],
])('bad: %j', (inputs, ...expected) => {
  expect(problemsOf(inputs)).toEqual(expected)
})

const numbers = [
  ['concurrency', 256],
  ['requests-per-second', 1000],
  ['attempts', 100],
] as const
for (const [name, max] of numbers)
  test.each(['0', '-1', '1.5', '1e2', '30days', 'many', '0x10', `${max + 1}`, '9'.repeat(400)])(
    `${name}: %s`,
    (given) => {
      const shown = given.length > 80 ? `${given.slice(0, 80)}…` : given
      expect(problemsOf({ [name]: given })).toEqual([
        `\`${name}\` must be a whole number from 1 to ${max}, not "${shown}".`,
      ])
    },
  )

for (const name of ['stall-timeout', 'settle-timeout', 'time-limit'])
  test.each(['30', '30days', '1.5h', '0s', '-5m', '5H', '5 m', '1h30m', '2d', '10ms', outOf24Days])(
    `${name}: %s`,
    (given) => {
      expect(problemsOf({ [name]: given })).toEqual([
        `\`${name}\` must be a whole number and its unit, such as 30s, 2m or 5h, more than 0 and at most 24 days, not "${given}".`,
      ])
    },
  )
