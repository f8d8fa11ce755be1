import { expect, test } from 'vitest'
import { bucketNames } from '../../../src/text/bucket-names.ts'

test('buckets are named, the first twenty of many', () => {
  expect(bucketNames(['a', 'b'])).toBe('<code>a</code>, <code>b</code>')
  const many = bucketNames(Array.from({ length: 1_020 }, (_, n) => `bucket${n}`))
  expect(many).toMatch(/<code>bucket19<\/code>, and 1,000 more$/)
  expect(many).not.toContain('bucket20')
})

test('a name from outside stays a name', () => {
  expect(bucketNames(['<img src=x>', '@octo'])).not.toMatch(/<img|[^>]@octo/)
})
