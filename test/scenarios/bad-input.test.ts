import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { Mirror, type Ran } from './mirror.ts'

const nothingAsked = (ran: Ran) => Object.values(ran.asked).flat()

test('all that is wrong with the inputs is named at once, before anything is asked', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const [line = ''] = mirror.bucketLines.split('\n')
  const ran = await mirror.run({
    inputs: {
      buckets: `${line}\n${line}\nno-token=`,
      direction: 'sideways',
      'dry-run': 'yes',
      endpoint: 'http://8.8.8.8/pins',
      'node-url': 'ftp://127.0.0.1',
      'node-kind': 'swarm',
      concurrency: '0',
      'requests-per-second': '1e3',
      'stall-timeout': '30days',
      ignore: '@no-such-file\nQmNotACid',
      delegates: '/ip4/127.0.0.1/tcp/4001',
      'cache-key': 'a/b',
      'fail-on': 'never',
      'heartbeat-url': 'not a url',
    },
  })
  expect(ran.exitCode).toBe(1)
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    node: null,
    buckets: [],
    backup: null,
    update: null,
  })
  const named = ran.report.errors.map(({ where, message }) => `${where} ${/^`([\w-]+)`/.exec(message)?.[1]}`)
  const names = [
    'buckets', 'concurrency', 'cache-key', 'delegates', 'direction', 'dry-run', 'endpoint', 'fail-on', 'heartbeat-url',
    'ignore', 'node-kind', 'node-url', 'requests-per-second', 'stall-timeout',
  ] // biome-ignore format: a list
  expect([...new Set(named)].toSorted()).toEqual(names.map((name) => `input ${name}`).toSorted())
  for (const name of names) expect(ran.summary).toContain(`<code>${name}</code>`)
  expect(ran.log.match(/^::error::input: /gm)?.length).toBe(ran.report.errors.length)
  expect(nothingAsked(ran)).toEqual([])
})

test('the monitor hears of bad inputs, but of no dry run and no inspection', async () => {
  await using mirror = await Mirror.start()
  const inputs = { 'heartbeat-url': mirror.heartbeat.url, concurrency: '0' }
  const ran = await mirror.run({ inputs })
  expect(ran.report.conclusion).toBe('error')
  expect(ran.asked.heartbeat.map(({ path }) => path.endsWith('/fail'))).toEqual([true])
  for (const look of [{ 'dry-run': 'true' }, { inspect: 'bafkqaaa' }, { inspect: ',', concurrency: '1' }]) {
    const looked = await mirror.run({ inputs: { ...inputs, ...look } })
    expect(looked.exitCode).toBe(1)
    expect(nothingAsked(looked)).toEqual([])
  }
  const withPassword = mirror.heartbeat.url.replace('//', '//user:password@')
  const withoutMonitor = await mirror.run({
    inputs: { ...inputs, 'heartbeat-url': withPassword, issue: 'false' },
  })
  expect(nothingAsked(withoutMonitor)).toEqual([])
})

test.each([
  ['GITHUB_API_URL', 'api.github.com'],
  ['https_proxy', 'http://[proxy'],
])('what the runner says of GitHub may be wrong too: %s', async (name, value) => {
  await using mirror = await Mirror.start()
  const ran = await mirror.run({ env: { [name]: value }, inputs: { concurrency: '0' } })
  expect(ran.report.errors.at(-1)?.message).toContain('`concurrency` must be')
})

test('an event file that cannot be read is no reason to leave the mirror alone', async () => {
  await using mirror = await Mirror.start()
  mirror.write('event.json', 'no JSON')
  const ran = await mirror.run({ env: { GITHUB_EVENT_PATH: 'event.json' } })
  expect(ran.report.conclusion).toBe('ok')
})

test('GITHUB_API_URL leads by plain http to a public address: the token is not sent there', async () => {
  await using mirror = await Mirror.start()
  mirror.service.bucket('photos').add({ cid: new Cids(1).next(), status: 'failed' })
  // No name server is at hand: Node itself says that every name leads to an address for documentation.
  const names = `import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
dns.lookup = (name, options, done) => done(null, [{ address: '192.0.2.1', family: 4 }])
syncBuiltinESMExports()`
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(names)}`
  const ran = await mirror.run({ env: { NODE_OPTIONS, GITHUB_API_URL: 'http://github.example' } })
  expect(ran.report.warnings).toContainEqual({
    where: 'issue',
    message: expect.stringContaining('github.example is not on this machine or a private network'),
  })
})
