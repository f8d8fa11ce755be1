import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { type Inputs, problemsOf, read } from './step.ts'

test.each<[Inputs, Partial<Config>]>([
  [{ 'node-authorization': 'Bearer abc' }, { nodeAuthorization: 'Bearer abc' }],
  [{ 'node-authorization': 'bearer:abc' }, { nodeAuthorization: 'Bearer abc' }],
  [{ 'node-authorization': 'basic:ann:pa:ss' }, { nodeAuthorization: 'Basic YW5uOnBhOnNz' }],
])('good: %j', (inputs, expected) => {
  expect(read(inputs)).toMatchObject(expected)
})

test.each<[Inputs, ...string[]]>([
  [
    { 'node-authorization': 'abc' },
    '`node-authorization` must be the value of an Authorization header on one line: a scheme and its credentials, such as `Bearer TOKEN`.',
  ],
  [
    { 'node-authorization': 'digest:abc' },
    '`node-authorization` must be the value of an Authorization header on one line: a scheme and its credentials, such as `Bearer TOKEN`.',
  ],
  [
    { 'node-authorization': 'Bearer a\nb' },
    '`node-authorization` must be the value of an Authorization header on one line: a scheme and its credentials, such as `Bearer TOKEN`.',
  ],
])('bad: %j', (inputs, ...expected) => {
  expect(problemsOf(inputs)).toEqual(expected)
})
