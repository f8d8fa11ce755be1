import { describe, expect, test } from 'vitest'
import { lines, problemsOf } from './step.ts'

/** Tokens as Filebase has them. */
const token = (bucket: string) => Buffer.from(`AKIA0KEY:the-secret:${bucket}`).toString('base64')

describe('what people get wrong in `buckets` at first', () => {
  test('the secret is not set, or not to be seen here', () => {
    expect(problemsOf({ buckets: '' })).toEqual([
      '`buckets` is empty: is its secret set in this repository, and can this run see it? Secrets of an environment need `environment:` in the job, those of an organisation must allow this repository, and a run of a fork gets none. Expected: one `name=token` a line.',
    ])
  })

  test('one of many secrets is not set: its bucket is named where the other lines prove the form', () => {
    const buckets = lines(`photos=${token('photos')}`, 'videos=', `documents=${token('documents')}`)
    expect(problemsOf({ buckets })).toEqual([
      '`buckets` line 2, videos, has no token: check that its secret is set, and that this run can see it.',
    ])
    expect(problemsOf({ buckets: 'videos=' })[0]).not.toContain('videos')
    expect(problemsOf({ buckets: 'videos=\nphotos=' }).join()).not.toMatch(/videos|photos/)
  })

  test('a line that is a token without its name is not shown for that', () => {
    const bare = token('videos')
    for (const line of [
      bare,
      bare.replaceAll('=', ''),
      `${bare.replaceAll('=', '')}=`,
      'abcdefghijklmnopqrstuvwxyz0123456789abcdef=',
    ])
      expect(problemsOf({ buckets: lines(`photos=${token('photos')}`, line) }).join()).not.toContain(
        line.replaceAll('=', ''),
      )
  })

  test.each(['a=T1,b=T2', 'a=T1, b=T2', 'a=T1;b=T2', 'a=T1 b=T2'])(
    'several buckets on one line: %s',
    (buckets) => {
      expect(problemsOf({ buckets })).toEqual([
        '`buckets` line 1 has more than one bucket: expected one `name=token` a line (`buckets: |`).',
      ])
    },
  )

  test.each([`photos: ${token('photos')}`, 'photos: t-k', 'photos : t-k'])('`:` for `=`: %s', (buckets) => {
    expect(problemsOf({ buckets })).toEqual([
      '`buckets` line 1 has `:` between name and token: expected `name=token`, with `=`.',
    ])
  })

  test('a token that was pasted twice', () => {
    expect(problemsOf({ buckets: 'a=t1\n\nb=t1' })).toEqual([
      '`buckets` lines 1 and 3 have the same token; each bucket has its own.',
    ])
  })
})

describe('what people give for `node-url` at first', () => {
  test.each([
    ['localhost:5001', 'http://localhost:5001'],
    ['127.0.0.1:5001/api/v0', 'http://127.0.0.1:5001'],
    ['ipfs:5001', 'http://ipfs:5001'],
    ['/ip4/127.0.0.1/tcp/5001', 'http://127.0.0.1:5001'],
    ['/ip4/127.0.0.1/tcp/5001/http', 'http://127.0.0.1:5001'],
    ['/ip6/::1/tcp/5001', 'http://[::1]:5001'],
    ['/dns4/ipfs/tcp/5001', 'http://ipfs:5001'],
    ['/unix/run/ipfs/api.sock', 'unix:/run/ipfs/api.sock'],
  ])('%s is meant as %s', (given, meant) => {
    expect(problemsOf({ 'node-url': given })).toEqual([
      `\`node-url\` must be a URL that begins with https://, or with http:// in a private network: here probably "${meant}".`,
    ])
  })

  test('what may hold a password is not shown', () => {
    for (const given of ['user:secret@box:5001', 'box:5001?key=secret', 'secret word'])
      expect(problemsOf({ 'node-url': given }).join()).not.toContain('secret')
  })
})
