import { expect, test } from 'vitest'
import { errorCodeOf, readBucketList } from '../../../src/account/bucket-list.ts'
import { bucketList, s3Error } from '../../sandbox/s3.ts'

const xmlOf = ({ body }: { readonly body?: unknown }) => String(body)

test('names and the next page are read, whatever else is there', () => {
  expect(readBucketList(xmlOf(bucketList(['a&b', 'c'], 'n<xt')))).toEqual({
    names: ['a&b', 'c'],
    next: 'n<xt',
  })
  expect(readBucketList(xmlOf(bucketList([])))).toEqual({ names: [], next: undefined })
  const odd = `<ListAllMyBucketsResult><x><Bucket><Name>no</Name></Bucket></x><Buckets><Bucket/><Bucket><Name/></Bucket>
    <Bucket><Name><![CDATA[yes]]></Name></Bucket><Bucket><Name>${'n'.repeat(256)}</Name></Bucket></Buckets>
    <ContinuationToken/></ListAllMyBucketsResult>`
  expect(readBucketList(odd)).toEqual({ names: ['yes'], next: undefined })
})

const entities = Array.from({ length: 10 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`)

test.each([
  ['nothing', ''],
  ['a page', '<!doctype html><html><body><p>Sign in</body></html>'],
  ['an error', xmlOf(s3Error(200, 'SlowDown'))],
  ['JSON', '{"Buckets":[]}'],
  ['half of it', xmlOf(bucketList(['a', 'b'])).slice(0, -40)],
  [
    'an entity',
    '<ListAllMyBucketsResult><Buckets><Bucket><Name>&e;</Name></Bucket></Buckets></ListAllMyBucketsResult>',
  ],
  [
    'entities that grow',
    `<!DOCTYPE x [<!ENTITY e0 "e">${entities.join('')}]><ListAllMyBucketsResult><Buckets><Bucket><Name>&e10;</Name></Bucket></Buckets></ListAllMyBucketsResult>`,
  ],
  [
    'a file of this machine',
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><ListAllMyBucketsResult><Buckets><Bucket><Name>&f;</Name></Bucket></Buckets></ListAllMyBucketsResult>',
  ],
  ['what is nested deep', `<ListAllMyBucketsResult>${'<a>'.repeat(100_000)}`],
])('refused: %s', (_, text) => {
  expect(() => readBucketList(text)).toThrow()
})

test('the code of an error is read where it is one', () => {
  expect(errorCodeOf(xmlOf(s3Error(403, 'AccessDenied')))).toBe('AccessDenied')
  for (const other of ['', 'Forbidden', '<html/>', '<Error/>', '<Error><Code>a b\n::error::</Code></Error>'])
    expect(errorCodeOf(other)).toBeUndefined()
})
