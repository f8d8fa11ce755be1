import { expect, test } from 'vitest'
import { unmirroredLine } from '../../../src/summary/unmirrored.ts'

test('names buckets, the first twenty of many', () => {
  expect(unmirroredLine(['a'])).toBe(
    '**1 bucket of this account is not mirrored:** <code>a</code>. Add it to `buckets`, or to `ignore-buckets`.',
  )
  expect(unmirroredLine(['a', 'b'])).toContain(
    '**2 buckets of this account are not mirrored:** <code>a</code>, <code>b</code>. Add them',
  )
  const many = unmirroredLine(Array.from({ length: 1_020 }, (_, n) => `bucket${n}`))
  expect(many).toContain('<code>bucket19</code>, and 1,000 more.')
  expect(many).not.toContain('bucket20')
})

test('a name from outside stays a name', () => {
  expect(unmirroredLine(['<img src=x>', '@octo'])).not.toMatch(/<img|[^>]@octo/)
})
