import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { type Inputs, lines, problemsOf, read } from './step.ts'

const several = lines('a=t-a', 'b=t-b')
const bucket = (name: string, token: string) => ({ name, token })

test.each<[Inputs, Partial<Config>]>([
  [{ buckets: several }, { buckets: [bucket('a', 't-a'), bucket('b', 't-b')], targetBucket: undefined }],
  [{ buckets: several, direction: 'both', 'target-bucket': 'b' }, { targetBucket: 'b' }],
  [{ buckets: '\r\n# c=d\r\n  my bucket = a=b==  \r\n' }, { buckets: [bucket('my bucket', 'a=b==')] }],
])('good: %j', (inputs, expected) => {
  expect(read(inputs)).toMatchObject(expected)
})

test.each<[Inputs, ...string[]]>([
  [{ buckets: '' }, expect.stringContaining('`buckets` is empty')],
  [{ buckets: '# a=b\n\n' }, expect.stringContaining('`buckets` is empty')],
  [
    { buckets: '\nnot-split' },
    '`buckets` line 2 has no token: expected `name=token` (a secret that is not set is empty).',
  ],
  [
    { buckets: 'a=' },
    '`buckets` line 1 has no token: expected `name=token` (a secret that is not set is empty).',
  ],
  [
    { buckets: 'QWxhZGRpbg==' },
    '`buckets` line 1 has no token: expected `name=token` (a secret that is not set is empty).',
  ],
  [{ buckets: '=tok' }, '`buckets` line 1 has no name: expected `name=token`.'],
  [
    { buckets: `${'n'.repeat(101)}=tok` },
    '`buckets` line 1 has a name that is not 1 to 100 printable characters.',
  ],
  [{ buckets: 'a\u202eb=tok' }, '`buckets` line 1 has a name that is not 1 to 100 printable characters.'],
  [
    { buckets: 'a=t k' },
    '`buckets` line 1 has a token with a space or a character that is not ASCII: expected one bucket a line (`buckets: |`), the token without `Bearer`.',
  ],
  [
    { buckets: 'a=tök' },
    '`buckets` line 1 has a token with a space or a character that is not ASCII: expected one bucket a line (`buckets: |`), the token without `Bearer`.',
  ],
  [{ buckets: 'a="tok"' }, '`buckets` line 1 has a token in quotes: expected it without.'],
  [{ buckets: 'a=t1\n\na=t2' }, '`buckets` line 3 repeats the name of line 1.'],
  [{ buckets: 'a=t1\nb=t1' }, '`buckets` lines 1 and 2 have the same token; each bucket has its own.'],
  [{ 'target-bucket': 'other' }, '`target-bucket` must be the name of one of `buckets`, not "other".'],
  [
    { buckets: 'a=t1\nb=t2', direction: 'update' },
    '`target-bucket` is required with several buckets and direction update: the name of the bucket to pin in.',
  ],
  [
    { buckets: 'a=t1\nb=t2', direction: 'both' },
    '`target-bucket` is required with several buckets and direction both: the name of the bucket to pin in.',
  ],
])('bad: %j', (inputs, ...expected) => {
  expect(problemsOf(inputs)).toEqual(expected)
})
