import { describe, expect, test } from 'vitest'
import { checkAccount } from '../../../src/account/account.ts'
import type { AccountCheck } from '../../../src/config/types.ts'
import { Http } from '../../../src/http/http.ts'
import { Secrets } from '../../../src/secrets/secrets.ts'
import { bucketList, type S3Options, type SandboxS3, s3Error, startS3, xml } from '../../sandbox/s3.ts'
import type { Answer } from '../../sandbox/server.ts'

const secretKey = 'secret/key+of/40/characters/0123456789ab'
const keys = (accessKey: string) => ({
  accessKey,
  secretKey,
  source: `the token of ${accessKey.toLowerCase()}`,
})

/** Asks a sandbox for the buckets of its accounts. */
async function check(
  options: S3Options,
  more: Partial<AccountCheck> = {},
  prepare: (s3: SandboxS3) => void = () => {},
) {
  await using s3 = await startS3(options)
  prepare(s3)
  const secrets = new Secrets()
  secrets.add(secretKey)
  const http = new Http('test', { secrets })
  try {
    const accounts = Object.keys(options.accounts).map(keys)
    const found = await checkAccount(
      { endpoint: new URL(s3.url), accounts, mirrored: [], ignored: [], ...more },
      { http, signal: new AbortController().signal },
    )
    return { ...found, requests: s3.requests }
  } finally {
    await http.close()
  }
}

test('where nobody is to be asked, nothing is known', async () => {
  const http = new Http('test')
  const found = await checkAccount(undefined, { http, signal: AbortSignal.abort() })
  expect(found).toEqual({ found: null, problems: [] })
})

test('what is neither mirrored nor ignored is told, of several accounts, each asked once', async () => {
  const accounts = { ONE: ['a', 'b', 'c'], TWO: ['z', 'c', 'y'] }
  const { found, problems, requests } = await check({ accounts }, { mirrored: ['a', 'gone'], ignored: ['y'] })
  expect(found).toEqual({ unmirrored: ['b', 'c', 'z'], complete: true })
  expect(problems).toEqual([])
  expect(requests).toHaveLength(2)
})

test('all pages are read', async () => {
  const names = Array.from({ length: 7 }, (_, n) => `bucket-${n}`)
  const { found, requests } = await check({ accounts: { ONE: names }, pageSize: 3 })
  expect(found).toEqual({ unmirrored: names, complete: true })
  expect(requests.map(({ query }) => query.get('continuation-token'))).toEqual([null, '3', '6'])
})

test('the secret key is in no request', async () => {
  const { requests } = await check({ accounts: { ONE: [] } })
  expect(JSON.stringify(requests)).toContain('ONE')
  expect(JSON.stringify(requests)).not.toContain(secretKey)
})

describe('what goes wrong is a warning, and what others tell still counts:', () => {
  const accounts = { ONE: ['a'] }
  const other = keys('OTHER')
  const broken = (answer: Answer) => (s3: SandboxS3) => {
    s3.intercept = ({ headers }) => (headers.authorization?.includes('OTHER') ? answer : undefined)
  }

  test.each([
    [
      'keys that are not known',
      s3Error(403, 'InvalidAccessKeyId'),
      /S3 answers InvalidAccessKeyId\. Check that both/,
    ],
    ['keys that do not belong together', s3Error(403, 'SignatureDoesNotMatch'), /belong together/],
    ['keys that may not', s3Error(403, 'AccessDenied'), /may not list the buckets.*turn `check-buckets` off/],
    ['a wrong clock', s3Error(403, 'RequestTimeTooSkewed'), /Set the clock/],
    ['a word that every object knows', s3Error(400, 'constructor'), /status 400 \(constructor\)/],
    ['another error', s3Error(400, 'InvalidRequest'), /status 400 \(InvalidRequest\)/],
    ['a redirect', { status: 307, headers: { location: 'http://127.0.0.1:9/' } }, /status 307/],
    ['a page', xml(200, '<html/>'), /is not a list of buckets/],
    ['pages without end', bucketList(['x'], 'again'), /does not end/],
    ['an answer without end', xml(200, 'x'.repeat(5 * 1024 * 1024)), /larger than/],
  ] as const)('%s', async (_, answer, words) => {
    const { found, problems } = await check({ accounts }, { accounts: [keys('ONE'), other] }, broken(answer))
    expect(found?.complete).toBe(false)
    expect(found?.unmirrored).toContain('a')
    expect(problems).toEqual([{ where: 'account', isError: false, message: expect.stringMatching(words) }])
    expect(problems[0]?.message).toContain('with the token of other')
    expect(problems[0]?.message).not.toMatch(/OTHER|secret\/key/)
  })

  test('no answer', async () => {
    const { found, problems } = await check({ accounts }, {}, (s3) => {
      s3.intercept = () => 'reset'
    })
    expect(found).toEqual({ unmirrored: [], complete: false })
    expect(problems).toMatchObject([{ where: 'account', isError: false }])
  })

  test('no keys at all', async () => {
    const { found, problems } = await check({ accounts }, { accounts: [] })
    expect(found).toEqual({ unmirrored: [], complete: false })
    expect(problems).toEqual([])
  })
})

test('at the end of the run it is not waited for, and nothing is said', async () => {
  await using s3 = await startS3({ accounts: { ONE: ['a'] } })
  s3.intercept = () => 'hang'
  const http = new Http('test')
  const ending = new AbortController()
  const checking = checkAccount(
    { endpoint: new URL(s3.url), accounts: [keys('ONE')], mirrored: [], ignored: [] },
    { http, signal: ending.signal },
  )
  await expect.poll(() => s3.requests.length).toBe(1)
  ending.abort()
  expect(await checking).toEqual({ found: { unmirrored: [], complete: false }, problems: [] })
  await http.close()
})
