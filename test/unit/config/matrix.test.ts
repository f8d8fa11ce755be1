import { expect, test } from 'vitest'
import { problemsOf } from './step.ts'

const all = 'photos=a\nvideos=b'

test.each([
  { direction: 'update', buckets: 'photos=a', matrix: '{"bucket":"photos"}' },
  { direction: 'both', buckets: 'photos=a', matrix: '{"include":{"name":"photos","secret":"A"}}' },
])('a job of a matrix that names a bucket of its own may not update: %j', (inputs) => {
  expect(problemsOf(inputs)).toMatchObject([expect.stringMatching(/^`buckets` has only .*`target-bucket`/)])
})

test('names that are numbers are texts in a matrix', () => {
  const inputs = { direction: 'update', buckets: '1=a', matrix: '{"bucket":1}' }
  expect(problemsOf(inputs)).toMatchObject([expect.stringMatching(/^`buckets` has only /)])
})

test('nor may one that knows all buckets and has a target of its own', () => {
  const inputs = {
    direction: 'update',
    buckets: all,
    'target-bucket': 'photos',
    matrix: '{"target":"photos"}',
  }
  expect(problemsOf(inputs)).toMatchObject([expect.stringMatching(/^`target-bucket` is of this job/)])
})

test.each([
  { direction: 'backup', buckets: 'photos=a', matrix: '{"bucket":"photos"}' },
  { direction: 'update', buckets: all, 'target-bucket': 'photos', matrix: '{"box":"cellar","n":""}' },
  { direction: 'update', buckets: 'photos=a', matrix: '{"box":"cellar"}' },
  { direction: 'update', buckets: 'photos=a', matrix: 'null' },
  { direction: 'update', buckets: 'photos=a', matrix: '' },
  // What a runner has not filled in.
  { direction: 'update', buckets: 'photos=a', matrix: '$' + '{{ toJSON(matrix) }}' },
])('other jobs may: %j', (inputs) => {
  expect(problemsOf(inputs)).toEqual([])
})
