import { beforeAll, describe, expect, test } from 'vitest'
import { checkAccount } from '../../src/account/account.ts'
import type { KeyPair } from '../../src/config/types.ts'
import { Http } from '../../src/http/http.ts'
import { installS3, RealS3 } from '../s3/server.ts'
import { startS3 } from '../sandbox/s3.ts'

const keys = { accessKey: 'AKIAOFTHEACCOUNT0123', secretKey: 'secret/key+of/40/characters/0123456789ab' }
const buckets = ['photos', 'videos', 'scans.old']

/** Asks it, with these keys, for what is not mirrored. */
async function ask(url: string, given: KeyPair) {
  const http = new Http('test')
  const accounts = [{ ...given, source: 'filebase-access-key' }]
  try {
    return await checkAccount(
      { endpoint: new URL(url), accounts, mirrored: ['photos'], ignored: [] },
      { http, signal: new AbortController().signal },
    )
  } finally {
    await http.close()
  }
}

describe('a real S3 server, which checks signatures, and the sandbox in its place', () => {
  let isThere = false
  beforeAll(async () => {
    try {
      await installS3()
      isThere = true
    } catch (error) {
      if (process.env['CI']) throw error
      console.warn('Skipping the tests with a real S3 server: it could not be installed.')
    }
  })
  const servers = [
    ['real', () => RealS3.start(keys, buckets)],
    ['sandbox', () => startS3({ accounts: { [keys.accessKey]: buckets } })],
  ] as const

  test.for(servers)('%s: tells the buckets of the account', async ([name, start], { skip }) => {
    skip(name === 'real' && !isThere, 'it could not be installed')
    await using s3 = await start()
    expect(await ask(s3.url, keys)).toEqual({
      found: { unmirrored: ['scans.old', 'videos'], complete: true },
      problems: [],
    })
  })

  test.for(servers)('%s: refuses a key that it does not know', async ([name, start], { skip }) => {
    skip(name === 'real' && !isThere, 'it could not be installed')
    await using s3 = await start()
    const { found, problems } = await ask(s3.url, { ...keys, accessKey: 'AKIAOFNOBODY01234567' })
    expect(found).toEqual({ unmirrored: [], complete: false })
    expect(problems).toMatchObject([
      { isError: false, message: expect.stringContaining('InvalidAccessKeyId') },
    ])
  })

  test('real: refuses what another key has signed', async ({ skip }) => {
    skip(!isThere, 'it could not be installed')
    await using s3 = await RealS3.start(keys, buckets)
    const { found, problems } = await ask(s3.url, { ...keys, secretKey: `${keys.secretKey}x` })
    expect(found).toEqual({ unmirrored: [], complete: false })
    expect(problems).toMatchObject([{ message: expect.stringContaining('SignatureDoesNotMatch') }])
  })
})
