import { describe, expect, test } from 'vitest'
import { environment, type Inputs, lines, problemsOf, read, readEnvironment } from './step.ts'

const keys = {
  'filebase-access-key': 'ACCESS0123456789ABCD',
  'filebase-secret-key': 'secret/0123456789012345678901234567890',
}
const tokenOf = (bucket: string, access = keys['filebase-access-key']) =>
  Buffer.from(`${access}:${keys['filebase-secret-key']}:${bucket}`).toString('base64')

describe('a name alone, with the keys of the account,', () => {
  test('has the token that is made of them', () => {
    const buckets = lines('photos', '# old', 'my.videos-2=own-token', 'scans')
    expect(read({ ...keys, buckets }).buckets).toEqual([
      { name: 'photos', token: tokenOf('photos'), isOfKeys: true },
      { name: 'my.videos-2', token: 'own-token' },
      { name: 'scans', token: tokenOf('scans'), isOfKeys: true },
    ])
  })

  test.each<[string, string]>([
    ['Photos', '`buckets` line 1 is neither `name=token` nor the name of a bucket alone: 3 to 63 lower-case'],
    ['ab', 'is neither'],
    ['-photos', 'is neither'],
    ['a,b', 'is neither'],
    ['photos videos', 'is neither'],
    [tokenOf('photos').replaceAll('=', ''), 'is neither'],
    ['photos:', 'is neither'],
    ['photos=', '`buckets` line 1'],
    ['photos\nphotos', '`buckets` line 2 repeats the name of line 1.'],
    [`photos\nother=${tokenOf('photos')}`, '`buckets` lines 1 and 2 have the same token'],
  ])('is bad: %j', (buckets, problem) => {
    expect(problemsOf({ ...keys, buckets })).toEqual([expect.stringContaining(problem)])
  })

  test('is an error as before without them', () => {
    const problem =
      '`buckets` line 1 has no token: expected `name=token` (a secret that is not set is empty).'
    expect(problemsOf({ buckets: 'photos' })).toEqual([problem])
  })
})

test.each(Object.keys(keys))('%s is not given alone', (name) => {
  const [other] = Object.keys(keys).filter((one) => one !== name)
  const problems = problemsOf({ ...keys, [name]: '' })
  expect(problems).toEqual([
    `\`${name}\` is empty, and \`${other}\` is not: expected both or neither (a secret that is not set is empty).`,
  ])
})

test.each(['with space', 'with:colon', 'ünlike'])('a key that is none is not shown: %j', (key) => {
  const problems = problemsOf({ ...keys, 'filebase-access-key': key })
  expect(problems).toEqual([
    expect.stringMatching(/^`filebase-access-key` must be a key as Filebase shows it/),
  ])
  expect(problems.join()).not.toContain(key)
})

test('the keys, their pair, and what is made of them are masked, whatever is wrong', () => {
  const masks: string[] = []
  readEnvironment(environment({ ...keys, buckets: lines('photos', 'x'), cache: 'x' }), (one) =>
    masks.push(one),
  )
  const [access, secret] = Object.values(keys)
  for (const one of [access, secret, `${access}:${secret}`, tokenOf('photos')]) expect(masks).toContain(one)
  expect(masks).not.toContain('photos')
})

describe('check-buckets', () => {
  const checkOf = (inputs: Inputs) => read({ 'check-buckets': 'true', ...inputs }).accountCheck
  const filebase = { endpoint: 'https://api.filebase.io/v1/ipfs' }

  test('is off', () => {
    expect(read({ ...keys }).accountCheck).toBeUndefined()
  })

  test('has each access key once, those of the inputs first', () => {
    const buckets = lines(
      'bare',
      `one=${tokenOf('one')}`,
      `two=${tokenOf('two', 'ACCESS-OF-ANOTHER')}`,
      `three=${tokenOf('real-three', 'ACCESS-OF-ANOTHER')}`,
      'four=token-of-another-form',
    )
    const check = checkOf({ ...keys, buckets, 'ignore-buckets': lines('# not', 'old', 'older') })
    expect(check).toEqual({
      endpoint: new URL('https://s3.filebase.com'),
      accounts: [
        expect.objectContaining({ accessKey: keys['filebase-access-key'], source: 'filebase-access-key' }),
        expect.objectContaining({ accessKey: 'ACCESS-OF-ANOTHER', source: 'the token of two' }),
      ],
      mirrored: ['bare', 'one', 'two', 'real-three', 'four'],
      ignored: ['old', 'older'],
    })
  })

  test.each([
    [{ ...filebase }, 1],
    [{ endpoint: 'https://pin.example' }, 0],
    [{ endpoint: 'https://pin.example', 'filebase-s3-endpoint': 'https://s3.filebase.com' }, 0],
    [{ endpoint: 'https://pin.example', 'filebase-s3-endpoint': 'https://s3.pin.example' }, 1],
    [{ endpoint: 'https://pin.example', ...keys }, 1],
  ])('takes nothing to Filebase that is in the token of another service: %j', (inputs, accounts) => {
    const given = { 'check-buckets': 'true', buckets: `photos=${tokenOf('photos')}`, ...inputs }
    expect(checkOf(given)?.accounts).toHaveLength(accounts)
    const { warnings } = readEnvironment(environment(given))
    expect(warnings.filter((one) => one.startsWith('`check-buckets` has no keys'))).toHaveLength(
      accounts === 0 ? 1 : 0,
    )
  })

  test.each([
    'http://s3.example',
    'http://8.8.8.8',
    'https://a:b@s3.example',
    'https://s3.example/?x',
    's3.example',
  ])('asks nobody whom no secret may go to: %s', (url) => {
    const isName = url === 'http://s3.example'
    const problems = problemsOf({ 'filebase-s3-endpoint': url })
    // Where a name leads to is seen when it is connected to.
    expect(problems).toEqual(isName ? [] : [expect.stringMatching(/^`filebase-s3-endpoint` must/)])
  })
})
