import { describe, expect, test } from 'vitest'
import { environment, type Inputs, lines, readEnvironment } from './step.ts'

/** What the runner is told to mask, and what is wrong with the inputs. */
function masksOf(inputs: Inputs): { masks: string[]; problems: readonly string[] } {
  const masks: string[] = []
  const reading = readEnvironment(environment(inputs), (secret) => masks.push(secret))
  return { masks, problems: reading.isGood ? [] : reading.problems }
}

describe('secrets', () => {
  const secrets = {
    buckets: lines(
      'a=token-of-a',
      'b=token=of=b==',
      'a=token-of-c',
      'd=token of d',
      'bare-token-e',
      'QmFyZUJhc2U2NA==',
    ),
    'node-authorization': 'basic:ann:pass-word',
    'heartbeat-url': 'http://8.8.8.8/ping/0123456789?key=abcdefghij',
    'github-token': 'ghs_0123456789',
    endpoint: 'https://ann:endpoint-pass@pin.example',
    'node-url': 'ftp://ann:node-pass@box.example',
    'filebase-access-key': 'access-key-of-filebase',
  }
  const pieces = [
    'token-of-a',
    'token=of=b==',
    'token-of-c',
    'token of d',
    'bare-token-e',
    'QmFyZUJhc2U2NA==',
    'basic:ann:pass-word',
    'ann:pass-word',
    'pass-word',
    Buffer.from('ann:pass-word').toString('base64'),
    'http://8.8.8.8/ping/0123456789?key=abcdefghij',
    '0123456789',
    'abcdefghij',
    'ghs_0123456789',
    'endpoint-pass',
    'node-pass',
    'access-key-of-filebase',
  ]

  test('are all masked, with their parts, even where everything is wrong', () => {
    const { masks, problems } = masksOf(secrets)
    expect(masks).toEqual(expect.arrayContaining(pieces))
    expect(masks).not.toContain('')
    expect(problems).toHaveLength(8)
  })

  test.each([
    ['Bearer some.token', 'some.token'],
    ['Basic YW5uOnBhc3Mtd29yZA==', 'pass-word'],
    ['bare.token', 'bare.token'],
  ])('the part that matters of node-authorization is masked: %s', (given, expected) => {
    expect(masksOf({ 'node-authorization': given }).masks).toContain(expected)
  })

  test('of the runner are masked too', () => {
    const masks: string[] = []
    const env = {
      ACTIONS_RUNTIME_TOKEN: 'token-of-the-cache',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token-of-oidc',
    }
    readEnvironment(environment({}, env), (secret) => masks.push(secret))
    expect(masks).toEqual(expect.arrayContaining(Object.values(env)))
  })

  test.each([
    ['https://mon.example/api/heartbeat/nightly-backup/Xy12Zw34Ab', ['Xy12Zw34Ab']],
    ['https://mon.example/api/heartbeat/nightly-backup/abcdefghijklmnopqrstuv', ['abcdefghijklmnopqrstuv']],
    ['https://mon.example/ping?key=abcdefgh&status=up', ['abcdefgh']],
  ])('of a monitor are pieces of its address, but no plain words: %s', (url, expected) => {
    const { masks } = masksOf({ 'heartbeat-url': url })
    const { pathname, search } = new URL(url)
    expect(masks).toEqual(expect.arrayContaining([url, pathname + search, ...expected]))
    for (const word of ['heartbeat', 'nightly-backup', 'up']) expect(masks).not.toContain(word)
  })

  test('that are given to inspect are not inspected', () => {
    const reading = readEnvironment(environment({ buckets: 'a=token-of-a', inspect: 'token-of-a bafy' }))
    expect(reading.isGood && reading.config.inspect).toEqual(['***', 'bafy'])
  })

  test('are masked before anything else is read', () => {
    const events: string[] = []
    const env = new Proxy(environment({ ...secrets, direction: 'wrong' }), {
      get: (target, key: string) => {
        events.push(key)
        return target[key]
      },
    })
    expect(readEnvironment(env, () => events.push('mask')).isGood).toBe(false)
    const carriers = [...Object.keys(secrets), 'filebase-secret-key'].map(
      (name) => `INPUT_${name.toUpperCase()}`,
    )
    for (const [index, event] of events.entries())
      if (event.startsWith('INPUT_') && !carriers.includes(event))
        expect(events.slice(index)).not.toContain('mask')
    for (const carrier of carriers.slice(0, 4))
      expect(events.indexOf(carrier)).toBeLessThan(events.lastIndexOf('mask'))
  })

  test('appear in no message, wherever they were put by mistake', () => {
    const wrongPlaces = [
      'direction',
      'dry-run',
      'target-bucket',
      'node-kind',
      'delegates',
      'origins',
      'cache-key',
      'concurrency',
      'time-limit',
      'ignore',
      'fail-on',
      'issue-labels',
      'issue-assignees',
    ]
    for (const piece of pieces) {
      const wrong = Object.fromEntries(wrongPlaces.map((name) => [name, `@${'x'.repeat(60)}${piece}`]))
      const { problems } = masksOf({ ...secrets, ...wrong })
      expect(problems.length).toBeGreaterThanOrEqual(7 + wrongPlaces.length)
      for (const secret of pieces) expect(problems.join('\n')).not.toContain(secret)
    }
  })

  test('a secret that is cut by the shortening of a quote is not shown in part', () => {
    const { problems } = masksOf({ buckets: 'a=0123456789', direction: `${'x'.repeat(75)}0123456789` })
    expect(problems).toEqual([expect.stringContaining(`"${'x'.repeat(75)}***"`)])
  })
})
