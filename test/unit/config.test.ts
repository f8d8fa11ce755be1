import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Config, readConfig } from '../../src/config.ts'
import { parseCid } from '../../src/domain/cid.ts'
import { InputError } from '../../src/errors.ts'

const peerA = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const peerB = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
const cidV0 = 'QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n'
const cidV1 = 'bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
const cidRaw = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
const outOf24Days = `${24 * 24 + 1}h`

/** The environment of a step with these inputs; the least that a run needs is there unless it is overridden. */
function step(inputs: Record<string, string>, env: Record<string, string> = {}): NodeJS.ProcessEnv {
  const all = Object.entries({ buckets: 'main=s3cret-token', ...inputs })
  return { ...env, ...Object.fromEntries(all.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])) }
}

function read(inputs: Record<string, string>, env: Record<string, string> = {}): Config {
  return readConfig(step(inputs, env), () => {})
}

function problemsOf(inputs: Record<string, string>, env: Record<string, string> = {}): readonly string[] {
  try {
    read(inputs, env)
  } catch (error) {
    if (error instanceof InputError) return error.problems
    throw error
  }
  return []
}

function masksOf(inputs: Record<string, string>): { masks: string[]; problems: readonly string[] } {
  const masks: string[] = []
  try {
    readConfig(step(inputs), (secret) => masks.push(secret))
  } catch (error) {
    if (error instanceof InputError) return { masks, problems: error.problems }
    throw error
  }
  return { masks, problems: [] }
}

const lines = (...items: string[]) => items.join('\n')

describe('good inputs', () => {
  const several = lines('a=t-a', 'b=t-b')
  const cases: [Record<string, string>, Partial<Config>][] = [
    [{ direction: 'update' }, { direction: 'update', targetBucket: 'main' }],
    [{ direction: '' }, { direction: 'backup' }],
    [{ direction: '  both ' }, { direction: 'both' }],
    [{ 'dry-run': 'true' }, { dryRun: true }],
    [
      { 'dry-run': 'TRUE', cache: 'False' },
      { dryRun: true, cache: false },
    ],
    [
      { 'full-listing': 'True', issue: 'FALSE' },
      { fullListing: true, issue: false },
    ],
    [{ inspect: `${cidV0}, x\n# no\ny  ${cidV0}` }, { inspect: [cidV0, 'x', 'y'] }],
    [{ buckets: several }, { buckets: [bucket('a', 't-a'), bucket('b', 't-b')], targetBucket: undefined }],
    [{ buckets: several, direction: 'both', 'target-bucket': 'b' }, { targetBucket: 'b' }],
    [{ buckets: '\r\n# c=d\r\n  my bucket = a=b==  \r\n' }, { buckets: [bucket('my bucket', 'a=b==')] }],
    [{ 'node-kind': 'cluster' }, { nodeKind: 'cluster' }],
    [{ peering: 'save' }, { peering: 'save' }],
    [{ origins: 'none' }, { origins: 'none' }],
    [{ origins: `/ip4/1.2.3.4/tcp/4001/p2p/${peerA}` }, { origins: [`/ip4/1.2.3.4/tcp/4001/p2p/${peerA}`] }],
    [{ 'only-names': lines('a *', '', '# b', 'c?') }, { onlyNames: ['a *', 'c?'] }],
    [{ 'snapshot-dir': '/var/lib/mirror' }, { snapshotDir: '/var/lib/mirror' }],
    [{ 'cache-key': 'a.B_9-' }, { cacheKey: 'a.B_9-' }],
    [{ 'cache-key': 'k'.repeat(100) }, { cacheKey: 'k'.repeat(100) }],
    [
      { concurrency: '1', attempts: '100' },
      { concurrency: 1, attempts: 100 },
    ],
    [
      { concurrency: '256', 'requests-per-second': '1000' },
      { concurrency: 256, requestsPerSecond: 1000 },
    ],
    [
      { 'stall-timeout': '1s', 'settle-timeout': '3m' },
      { stallTimeout: 1_000, settleTimeout: 180_000 },
    ],
    [{ 'time-limit': '576h' }, { timeLimit: 24 * 24 * 3_600_000 }],
    [{ 'failed-requests': 'report' }, { failedRequests: 'report' }],
    [
      { 'issue-labels': 'a, b\nc,,a', 'issue-assignees': 'ann,app[bot]' },
      { issueLabels: ['a', 'b', 'c'], issueAssignees: ['ann', 'app[bot]'] },
    ],
    [{ 'github-token': 'ghs_abc' }, { githubToken: 'ghs_abc' }],
    [{ 'fail-on': 'failed-pins' }, { failOn: 'failed-pins' }],
    [{ 'node-authorization': 'Bearer abc' }, { nodeAuthorization: 'Bearer abc' }],
    [{ 'node-authorization': 'bearer:abc' }, { nodeAuthorization: 'Bearer abc' }],
    [{ 'node-authorization': 'basic:ann:pa:ss' }, { nodeAuthorization: 'Basic YW5uOnBhOnNz' }],
  ]
  test.each(cases)('%j', (inputs, expected) => {
    expect(read(inputs)).toMatchObject(expected)
  })

  function bucket(name: string, token: string) {
    return { name, token }
  }

  test.each([
    ['https://pin.example/v1/ipfs/pins', 'https://pin.example/v1/ipfs'],
    ['https://pin.example/v1/ipfs/pins/', 'https://pin.example/v1/ipfs'],
    ['https://pin.example/v1/ipfs/', 'https://pin.example/v1/ipfs'],
    ['https://pin.example/pinsheaven', 'https://pin.example/pinsheaven'],
    ['https://pin.example/pins', 'https://pin.example/'],
    ['https://pin.example', 'https://pin.example/'],
    ['https://8.8.8.8', 'https://8.8.8.8/'],
    ['http://127.0.0.1:9097', 'http://127.0.0.1:9097/'],
    ['http://localhost:9097', 'http://localhost:9097/'],
    ['http://10.1.2.3', 'http://10.1.2.3/'],
    ['http://[::1]:9097', 'http://[::1]:9097/'],
    ['http://[fd00::7]', 'http://[fd00::7]/'],
    ['http://cluster0:9097', 'http://cluster0:9097/'],
  ])('endpoint %s', (given, expected) => {
    expect(read({ endpoint: given }).endpoint.href).toBe(expected)
  })

  test('node-url loses its last slash and keeps its path', () => {
    expect(read({ 'node-url': 'http://127.0.0.1:5001/' }).nodeUrl.href).toBe('http://127.0.0.1:5001/')
    expect(read({ 'node-url': 'https://box.example/kubo/' }).nodeUrl.href).toBe('https://box.example/kubo')
    expect(read({ 'node-url': 'http://127.0.0.1:5001/api/v0/' }).nodeUrl.href).toBe('http://127.0.0.1:5001/')
    expect(read({ 'node-url': 'https://box.example/pins' }).nodeUrl.href).toBe('https://box.example/pins')
  })

  test.each([
    ['unix:/run/ipfs/api.sock', 'unix:/run/ipfs/api.sock'],
    ['unix:///run/ipfs/api.sock', 'unix:/run/ipfs/api.sock'],
    ['UNIX:/home/me/.ipfs/a+b_c-1@2.sock', 'unix:/home/me/.ipfs/a+b_c-1@2.sock'],
  ])('node-url %s is a socket', (given, expected) => {
    expect(read({ 'node-url': given }).nodeUrl.href).toBe(expected)
  })

  test.each([
    ['unix:', 'must be the absolute path'],
    ['unix:run/ipfs.sock', 'must be the absolute path'],
    ['unix://host/ipfs.sock', 'must be the absolute path'],
    ['unix:/run/a b.sock', 'must be the absolute path'],
    ['unix:/run/a%20b.sock', 'must be the absolute path'],
    ['unix:/run/a.sock?x', 'must be the absolute path'],
    [`unix:/${'a'.repeat(103)}`, 'at most 103 bytes'],
  ])('node-url %s is none', (given, why) => {
    expect(problemsOf({ 'node-url': given })).toEqual([expect.stringContaining(why)])
  })

  test('heartbeat-url keeps its query', () => {
    const given = 'https://beat.example/api/push/abcdefgh12?status=up'
    expect(read({ 'heartbeat-url': given }).heartbeatUrl?.href).toBe(given)
  })
})

describe('bad inputs are named, with what is expected', () => {
  const cases: [Record<string, string>, ...string[]][] = [
    [{ direction: 'restore' }, '`direction` must be backup, update or both, not "restore".'],
    [{ direction: 'Backup' }, '`direction` must be backup, update or both, not "Backup".'],
    [{ 'dry-run': 'yes' }, '`dry-run` must be true or false, not "yes".'],
    [{ cache: 'tRUE' }, '`cache` must be true or false, not "tRUE".'],
    [{ issue: '1' }, '`issue` must be true or false, not "1".'],
    [{ 'full-listing': 'no' }, '`full-listing` must be true or false, not "no".'],
    [{ 'node-kind': 'helia' }, '`node-kind` must be kubo or cluster, not "helia".'],
    [{ peering: 'always' }, '`peering` must be report, connect or save, not "always".'],
    [{ 'failed-requests': 'drop' }, '`failed-requests` must be replace or report, not "drop".'],
    [{ 'fail-on': 'never' }, '`fail-on` must be error or failed-pins, not "never".'],
    [{ buckets: '' }, '`buckets` is required: one `name=token` a line.'],
    [{ buckets: '# a=b\n\n' }, '`buckets` is required: one `name=token` a line.'],
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
    [{ buckets: 'a=t1\nb=t1' }, '`buckets` line 2 repeats the token, so the bucket, of line 1.'],
    [{ 'target-bucket': 'other' }, '`target-bucket` must be the name of one of `buckets`, not "other".'],
    [
      { buckets: 'a=t1\nb=t2', direction: 'update' },
      '`target-bucket` is required with several buckets and direction update: the name of the bucket to pin in.',
    ],
    [
      { buckets: 'a=t1\nb=t2', direction: 'both' },
      '`target-bucket` is required with several buckets and direction both: the name of the bucket to pin in.',
    ],
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
    [
      { delegates: `# ours\n/ip4/1.2.3.4/tcp/4001/p2p/${peerA}\n/ip4/1.2.3.4/tcp/4001\n1.2.3.4` },
      '`delegates` line 3 must be a multiaddr that ends in /p2p/ and a peer ID, not "/ip4/1.2.3.4/tcp/4001".',
      '`delegates` line 4 must be a multiaddr that ends in /p2p/ and a peer ID, not "1.2.3.4".',
    ],
    [
      { origins: lines('auto', `/ip4/1.2.3.4/tcp/4001/p2p/${peerA}`) },
      '`origins` line 1 must be a multiaddr that ends in /p2p/ and a peer ID, not "auto".',
    ],
    [
      { origins: Array.from({ length: 21 }, (_, i) => `/ip4/1.2.3.${i}/tcp/4001/p2p/${peerA}`).join('\n') },
      '`origins` must be at most 20 multiaddrs; there are 21.',
    ],
    [
      { 'snapshot-dir': '~/mirror' },
      '`snapshot-dir` must be a path without `~`, which only a shell understands.',
    ],
    [{ 'cache-key': 'a/b' }, '`cache-key` must be 1 to 100 letters, digits, ., _ or -, not "a/b".'],
    [{ 'cache-key': '..' }, '`cache-key` must be 1 to 100 letters, digits, ., _ or -, not "..".'],
    [
      { 'cache-key': 'k'.repeat(101) },
      `\`cache-key\` must be 1 to 100 letters, digits, ., _ or -, not "${'k'.repeat(80)}…".`,
    ],
    [
      { 'issue-labels': 'l'.repeat(51) },
      `\`issue-labels\` must be labels of at most 50 characters, unlike "${'l'.repeat(51)}".`,
    ],
    [{ 'issue-assignees': '@ann' }, '`issue-assignees` must be GitHub user names without @, unlike "@ann".'],
    [
      { 'issue-assignees': 'a,b,c,d,e,f,g,h,i,j,k' },
      "`issue-assignees` must be at most 10 names, which is GitHub's limit; there are 11.",
    ],
    [{ 'dry-run': 'a\n::error::b' }, '`dry-run` must be true or false, not "a\\n::error::b".'],
  ]
  test.each(cases)('%j', (inputs, ...expected) => {
    expect(problemsOf(inputs)).toEqual(expected)
  })

  const numbers = [
    ['concurrency', 256],
    ['requests-per-second', 1000],
    ['attempts', 100],
  ] as const
  for (const [name, max] of numbers)
    test.each(['0', '-1', '1.5', '1e2', '30days', 'many', '0x10', `${max + 1}`, '9'.repeat(400)])(
      `${name}: %s`,
      (given) => {
        const shown = given.length > 80 ? `${given.slice(0, 80)}…` : given
        expect(problemsOf({ [name]: given })).toEqual([
          `\`${name}\` must be a whole number from 1 to ${max}, not "${shown}".`,
        ])
      },
    )

  for (const name of ['stall-timeout', 'settle-timeout', 'time-limit'])
    test.each(['30', '30days', '1.5h', '0s', '-5m', '5H', '5 m', '1h30m', '2d', '10ms', outOf24Days])(
      `${name}: %s`,
      (given) => {
        expect(problemsOf({ [name]: given })).toEqual([
          `\`${name}\` must be a whole number and its unit, such as 30s, 2m or 5h, more than 0 and at most 24 days, not "${given}".`,
        ])
      },
    )

  const noUrl = 'must be a URL that begins with https://, or with http:// in a private network.'
  const notPlain =
    'must be https: plain http, which anyone on the way can read, is for this machine and private networks only.'
  for (const name of ['endpoint', 'node-url', 'heartbeat-url'])
    test.each([
      ['not a url', noUrl],
      ['/ip4/127.0.0.1/tcp/5001', noUrl],
      ['ftp://pin.example', noUrl],
      ['https:pin.example', noUrl],
      ['https://', noUrl],
      ['https://pin.example/a b', noUrl],
      ['http://8.8.8.8', notPlain],
      ['http://134744072', notPlain],
      ['http://[2001:4860:4860::8888]', notPlain],
      ['http://[::ffff:8.8.8.8]', notPlain],
      ['https://pin.example/#a', 'must not contain a fragment (`#`).'],
    ])(`${name}: %s`, (given, expected) => {
      expect(problemsOf({ [name]: given })).toEqual([`\`${name}\` ${expected}`])
    })

  test.each([
    ['endpoint', 'tokens belong in `buckets`'],
    ['node-url', 'they belong in `node-authorization`'],
    ['heartbeat-url', 'none are sent to it'],
  ])('%s with credentials', (name, hint) => {
    const expected = [`\`${name}\` must not contain credentials: ${hint}.`]
    expect(problemsOf({ [name]: 'https://ann:pass-%zz@pin.example' })).toEqual(expected)
    expect(problemsOf({ [name]: 'https://tokentoken@pin.example' })).toEqual(expected)
  })

  test.each(['endpoint', 'node-url'])('%s with a query', (name) => {
    const expected = [`\`${name}\` must not contain a query (\`?\`).`]
    expect(problemsOf({ [name]: 'https://pin.example/?token=a' })).toEqual(expected)
  })

  test.each(['http://8.8.8.8/api/v3', 'api.github.com'])('GITHUB_API_URL: %s', (given) => {
    expect(problemsOf({}, { GITHUB_API_URL: given })).toEqual([
      expect.stringMatching(/^`GITHUB_API_URL` must be/),
    ])
  })
})

describe('delegates', () => {
  const a1 = `/ip4/1.2.3.4/tcp/4001/p2p/${peerA}`
  const a2 = `/ip6/2001:db8::1/udp/4001/quic-v1/p2p/${peerA}`
  const b = `/dns4/b.example/tcp/4001/p2p/${peerB}`
  const relayed = `/ip4/1.2.3.4/tcp/4001/p2p/${peerB}/p2p-circuit/p2p/${peerA}`

  test('are grouped by peer, each address once', () => {
    expect(read({ delegates: lines(a1, b, '# and', a2, a1, relayed) }).delegates).toEqual([
      { peerId: peerA, addrs: [a1, a2, relayed] },
      { peerId: peerB, addrs: [b] },
    ])
  })

  test("are Filebase's at Filebase's endpoint, and unknown elsewhere", () => {
    const known = read({}).delegates
    expect(known?.map(({ addrs }) => addrs)).toEqual([
      ['/dns4/ipfs-pin-0.vin1.filebase.io/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'],
      ['/dns4/ipfs-pin-1.vin1.filebase.io/tcp/4001/p2p/12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'],
      ['/dns4/ipfs-pin-2.vin1.filebase.io/tcp/4001/p2p/12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R'],
    ])
    expect(known?.map(({ peerId }) => peerId)).toEqual(known?.map(({ addrs }) => addrs[0]?.split('/').at(-1)))
    expect(read({ endpoint: 'https://api.filebase.io/v1/ipfs/pins' }).delegates).toEqual(known)
    expect(read({ endpoint: 'https://api.pinata.cloud/psa' }).delegates).toBeUndefined()
    expect(read({ delegates: b }).delegates).toEqual([{ peerId: peerB, addrs: [b] }])
  })
})

describe('ignore', () => {
  const keys = (...cids: string[]) => cids.map((cid) => parseCid(cid)?.key)

  test('is a set of CIDs, from lines and from files relative to the workspace', () => {
    using folder = mkdtempDisposableSync('/tmp/ignore-')
    writeFileSync(join(folder.path, 'dead.txt'), `\ufeff# gone since March\r\n\r\n${cidRaw}\r\n`)
    const { ignore } = read({ ignore: lines(cidV0, '@dead.txt', cidV1) }, { GITHUB_WORKSPACE: folder.path })
    expect([...ignore.keys()]).toEqual(keys(cidV0, cidRaw))
    expect([...read({ ignore: `@${folder.path}/dead.txt` }).ignore.values()]).toEqual([parseCid(cidRaw)])
  })

  test.each([
    ['x', 'line 1 is not a CID.'],
    [lines('#', 'x', cidV0, 'y'), 'lines 2 and 4 are not CIDs.'],
    ['a\nb\nc\nd\ne', 'lines 1, 2, 3, 4 and 5 are not CIDs.'],
    ['a\nb\nc\nd\ne\nf\ng', 'lines 1, 2, 3, 4, 5 and 2 more are not CIDs.'],
  ])('names bad lines by number: %j', (given, expected) => {
    using folder = mkdtempDisposableSync('/tmp/ignore-')
    writeFileSync(join(folder.path, 'f'), given)
    expect(problemsOf({ ignore: given })).toEqual([`\`ignore\` must hold one CID a line: ${expected}`])
    expect(problemsOf({ ignore: '@f' }, { GITHUB_WORKSPACE: folder.path })).toEqual([
      `\`ignore\` must hold one CID a line in "f": ${expected}`,
    ])
  })

  test('names a file that cannot be read', () => {
    using folder = mkdtempDisposableSync('/tmp/ignore-')
    const env = { GITHUB_WORKSPACE: folder.path }
    expect(problemsOf({ ignore: lines(cidV0, '@none.txt') }, env)).toEqual([
      '`ignore` line 2 names a file that cannot be read (ENOENT): "none.txt"; expected a path relative to the workspace.',
    ])
    expect(problemsOf({ ignore: '@.' }, env)).toEqual([expect.stringContaining('(EISDIR): "."')])
  })
})

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
  ]

  test('are all masked, with their parts, even where everything is wrong', () => {
    const { masks, problems } = masksOf(secrets)
    expect(masks).toEqual(expect.arrayContaining(pieces))
    expect(masks).not.toContain('')
    expect(problems).toHaveLength(7)
  })

  test.each([
    ['Bearer some.token', 'some.token'],
    ['Basic YW5uOnBhc3Mtd29yZA==', 'pass-word'],
    ['bare.token', 'bare.token'],
  ])('the part that matters of node-authorization is masked: %s', (given, expected) => {
    expect(masksOf({ 'node-authorization': given }).masks).toContain(expected)
  })

  test('are masked before anything else is read', () => {
    const events: string[] = []
    const env = new Proxy(step({ ...secrets, direction: 'wrong' }), {
      get: (target, key: string) => {
        events.push(key)
        return target[key]
      },
    })
    expect(() => readConfig(env, () => events.push('mask'))).toThrow(InputError)
    const carriers = Object.keys(secrets).map((name) => `INPUT_${name.toUpperCase()}`)
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

test('everything that is wrong is named in one error', () => {
  const wrong = {
    buckets: 'a',
    direction: 'x',
    endpoint: 'x',
    'node-url': 'x',
    'heartbeat-url': 'x',
    'node-authorization': 'x',
    delegates: 'x',
    origins: 'x',
    concurrency: 'x',
    'time-limit': 'x',
    ignore: 'x',
    'cache-key': '/',
    cache: 'x',
  }
  const problems = problemsOf(wrong)
  expect(problems.map((problem) => problem.split('`')[1]).sort()).toEqual(Object.keys(wrong).sort())
  expect(() => read(wrong)).toThrow(/^13 inputs are wrong:\n- `/)
})

describe('what the runner says', () => {
  test('is read', () => {
    const env = {
      GITHUB_REPOSITORY: 'ann/box',
      GITHUB_API_URL: 'https://ghe.example/api/v3/',
      GITHUB_SERVER_URL: 'https://ghe.example',
      GITHUB_RUN_ID: '17',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_WORKSPACE: '/work/ws',
      RUNNER_TEMP: '/work/temp',
      GITHUB_ACTION: '__self',
      GITHUB_EVENT_NAME: 'workflow_dispatch',
    }
    const config = read({ 'snapshot-dir': 'snap/shot' }, env)
    expect(config.github).toEqual({
      repository: 'ann/box',
      apiUrl: 'https://ghe.example/api/v3',
      serverUrl: 'https://ghe.example',
      runId: '17',
      runAttempt: '2',
      workspace: '/work/ws',
      reportPath: '/work/temp/ipfs-pin-mirror/__self/report.json',
      manual: true,
    })
    expect(config.snapshotDir).toBe('/work/ws/snap/shot')
  })

  test('has stand-ins outside a runner', () => {
    expect(read({}).github).toMatchObject({
      repository: undefined,
      apiUrl: 'https://api.github.com',
      serverUrl: 'https://github.com',
      workspace: process.cwd(),
      reportPath: expect.stringMatching(/\/ipfs-pin-mirror\/local\/report\.json$/),
      manual: false,
    })
    expect(read({}, { GITHUB_EVENT_NAME: 'schedule' }).github.manual).toBe(false)
  })
})

test('the result is frozen to its depth', () => {
  const config = read({ delegates: `/ip4/1.2.3.4/tcp/4001/p2p/${peerA}` })
  const parts = [
    config,
    config.buckets,
    config.buckets[0],
    config.delegates?.[0]?.addrs,
    config.github,
    config.inspect,
  ]
  for (const part of parts) expect(Object.isFrozen(part)).toBe(true)
})
