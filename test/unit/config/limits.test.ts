import { expect, test } from 'vitest'
import { parseSize } from '../../../src/config/size.ts'
import { environment, problemsOf, read, readEnvironment } from './step.ts'

test.each([
  ['5GB', 5e9],
  ['500MB', 5e8],
  ['1.5TB', 1.5e12],
  ['0.5 kB', 500],
  ['512MiB', 512 * 2 ** 20],
  ['2GiB', 2 ** 31],
  ['1KB', 1000],
  ['0B', 0],
  ['7b', 7],
  ['1000TB', 1e15],
  ['1001TB', undefined],
  ['5', undefined],
  ['5G', undefined],
  ['-5GB', undefined],
  ['1e3GB', undefined],
  ['5 G B', undefined],
  ['iB', undefined],
  ['5iB', undefined],
  ['5PB', undefined],
  ['.5GB', undefined],
  ['', undefined],
  [`${'9'.repeat(400)}GB`, undefined],
])('%s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test('sizes are read', () => {
  expect(read({})).toMatchObject({ keepFree: 5e9, maxBytes: null })
  expect(read({ 'keep-free': '0B', 'max-bytes': '1.5TB' })).toMatchObject({ keepFree: 0, maxBytes: 1.5e12 })
  expect(read({ 'node-kind': 'cluster' })).toMatchObject({ keepFree: 5e9, maxBytes: null })
})

test.each<[Record<string, string>, string]>([
  [{ 'keep-free': '5' }, '`keep-free` must be a size such as 500MB, 5GB, 1.5TB or 512GiB, not "5".'],
  [
    { 'max-bytes': '0GB' },
    '`max-bytes` must be a size such as 500MB, 5GB, 1.5TB or 512GiB, more than 0, not "0GB".',
  ],
  [
    { 'max-bytes': 'none' },
    '`max-bytes` must be a size such as 500MB, 5GB, 1.5TB or 512GiB, more than 0, not "none".',
  ],
  [
    { 'max-bytes': '1GB', 'node-kind': 'cluster' },
    '`max-bytes` is for `node-kind: kubo`: a cluster does not tell how many bytes it fetches.',
  ],
])('bad: %j', (inputs, problem) => {
  expect(problemsOf(inputs)).toEqual([problem])
})

test.each<[Record<string, string>, readonly string[]]>([
  [{ 'node-kind': 'cluster' }, []],
  [{ 'node-kind': 'cluster', 'keep-free': '5GB' }, []],
  [{ 'node-kind': 'cluster', 'keep-free': '0B' }, []],
  [{ 'keep-free': '900TB' }, []],
  [
    { 'node-kind': 'cluster', 'keep-free': '900TB' },
    ['`keep-free` counts for nothing with `node-kind: cluster`, which does not tell its room.'],
  ],
])('what keep-free counts for is said: %j', (inputs, warnings) => {
  const given = readEnvironment(environment(inputs)).warnings
  expect(given.filter((one) => one.startsWith('`keep-free`'))).toEqual(warnings)
})
