import { describe, expect, test } from 'vitest'
import { environment, lines, problemsOf, readEnvironment } from './step.ts'

const tokenOf = (bucket: string, key = 'A') =>
  Buffer.from(`ACCESS${key}0123456789ABC:secret/${key}/0123456789012345678901234567890:${bucket}`).toString(
    'base64',
  )
const filebase = 'https://api.filebase.io/v1/ipfs'
const warningsOf = (buckets: string, endpoint = filebase, more = {}) =>
  readEnvironment(environment({ buckets, endpoint, ...more })).warnings

describe('a Filebase token', () => {
  test.each([filebase, 'https://pin.example/v1'])(
    'of the bucket that its line names is fine (%s)',
    (endpoint) => {
      expect(
        warningsOf(lines(`photos=${tokenOf('photos')}`, `videos=${tokenOf('videos')}`), endpoint),
      ).toEqual([])
    },
  )

  test.each([filebase, 'https://pin.example/v1'])(
    'of another bucket is a warning that shows no token (%s)',
    (endpoint) => {
      const [photos, videos] = [tokenOf('photos', 'A'), tokenOf('videos', 'B')]
      const warnings = warningsOf(lines(`photos=${videos}`, `videos=${photos}`), endpoint)
      expect(warnings).toEqual([
        expect.stringMatching(
          /^`buckets` calls a bucket "photos" whose token is of the Filebase bucket "videos"/,
        ),
        expect.stringMatching(
          /^`buckets` calls a bucket "videos" whose token is of the Filebase bucket "photos"/,
        ),
      ])
      for (const secret of [photos, videos, 'ACCESSA', 'secret/A'])
        expect(warnings.join()).not.toContain(secret)
    },
  )

  test('in Base64url and without padding is one too', () => {
    const token = Buffer.from('ACCESS0123456789ABCD:??>>/0123456789012345678901234567890:my-photos')
    expect(warningsOf(`photos=${token.toString('base64url')}`)[0]).toContain('Filebase bucket "my-photos"')
  })
})

test.each([
  'ACCESS0123456789ABCD:secret/0123456789012345678901234567890:photos',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  Buffer.from('only:two-parts-of-it').toString('base64'),
])('what is no Filebase token is said at Filebase, and nowhere else: %s', (token) => {
  expect(warningsOf(`photos=${token}`)).toEqual([
    expect.stringMatching(/^`buckets` gives "photos" a token that is not of Filebase's form/),
  ])
  expect(warningsOf(`photos=${token}`, 'https://pin.example')).toEqual([])
})

test('a token where the name belongs is not shown', () => {
  const buckets = `${tokenOf('photos').replaceAll('=', '')}=photos`
  const problems = problemsOf({ buckets })
  expect(problems).toEqual(['`buckets` line 1 has a token where its name belongs: expected `name=token`.'])
})

describe('a secret that is too short to be told from other text is a warning', () => {
  test.each([
    [{ buckets: 'a=short' }, 'line 1 a token'],
    [{ buckets: 'a=12345678' }, 'line 1 a token'],
    [{ 'node-authorization': 'basic:ann:short' }, 'a password'],
    [{ 'node-authorization': 'Bearer short' }, 'credentials'],
  ])('%j', (inputs, what) => {
    const { warnings } = readEnvironment(environment({ endpoint: 'https://pin.example', ...inputs }))
    expect(warnings).toEqual([expect.stringContaining(`${what} of fewer than 8 characters`)])
    expect(warnings.join()).not.toMatch(/short|12345678/)
  })
})
