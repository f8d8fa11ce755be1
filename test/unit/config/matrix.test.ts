import { expect, test } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import type { InputError } from '../../../src/errors.ts'

function problems(inputs: Record<string, string>): readonly string[] {
  try {
    readConfig(
      Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      () => {},
    )
    return []
  } catch (error) {
    return (error as InputError).problems
  }
}

const all = 'photos=a\nvideos=b'

test.each([
  { direction: 'update', buckets: 'photos=a', matrix: '{"bucket":"photos"}' },
  { direction: 'both', buckets: 'photos=a', matrix: '{"include":{"name":"photos","secret":"A"}}' },
])('a job of a matrix that names a bucket of its own may not update: %j', (inputs) => {
  expect(problems(inputs)).toMatchObject([expect.stringMatching(/^`buckets` has only .*`target-bucket`/)])
})

test.each([
  { direction: 'backup', buckets: 'photos=a', matrix: '{"bucket":"photos"}' },
  { direction: 'update', buckets: all, 'target-bucket': 'photos', matrix: '{"bucket":"photos"}' },
  { direction: 'update', buckets: 'photos=a', matrix: '{"box":"cellar"}' },
  { direction: 'update', buckets: 'photos=a', matrix: 'null' },
  { direction: 'update', buckets: 'photos=a', matrix: '' },
  // What a runner has not filled in.
  { direction: 'update', buckets: 'photos=a', matrix: '$' + '{{ toJSON(matrix) }}' },
])('other jobs may: %j', (inputs) => {
  expect(problems(inputs)).toEqual([])
})
