import { expect, test } from 'vitest'
import { Rewritten } from '../../../src/secrets/rewritten.ts'

test('a text with a change every two characters takes little of the memory', () => {
  const length = 2_100_000
  const before = process.memoryUsage()
  const rewritten = new Rewritten('ab'.repeat(length))
  for (let at = 0; at < 2 * length; at += 2) rewritten.replace(at, at + 1, at % 3 === 0 ? '' : 'c')
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  // As objects they were 277 MB.
  expect(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(140e6)
  expect(rewritten.text).toHaveLength((2 * length * 5) / 6)
  expect(rewritten.text?.startsWith('bcbcbbcbcb')).toBe(true)
  expect(rewritten.sourceOf({ start: 0, end: 1 })).toEqual({ start: 1, end: 2 })
  expect(rewritten.sourceOf({ start: 1, end: 3 })).toEqual({ start: 2, end: 4 })
})
