import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { placeOf } from '../../src/snapshot-file/place.ts'
import { saveSnapshot } from '../../src/snapshot-file/save.ts'
import { startHeartbeat } from '../sandbox/heartbeat.ts'
import { Cids } from '../sandbox/identity.ts'
import { rpcFailure } from '../sandbox/kubo.ts'
import type { Intercept, RecordedRequest } from '../sandbox/server.ts'
import { manners } from '../sandbox/written.ts'
import { FolderCache, saving } from '../unit/snapshot-file/folder-cache.ts'
import { leaksOf, type Secret } from './leaks.ts'
import { Mirror, type Ran, until } from './mirror.ts'
import { startPost } from './post-step.ts'

const known = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const password = 'pa55/of+the=node&co'
const runtimeToken = 'eyJhbGciOiJSUzI1NiJ9.eyJvZiI6InRoZSBjYWNoZSJ9.c2lnbmF0dXJlLW9mLXRoZS1jYWNoZQ'
const oidcToken = 'eyJhbGciOiJSUzI1NiJ9.eyJvZiI6Im9pZGMifQ.c2lnbmF0dXJlLW9mLW9pZGM'
const proxyPassword = "p@ss's/of+the proxy"

/** A box with every kind of secret, and a cache's server. */
async function start() {
  const authorization = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`
  const mirror = await Mirror.start({
    buckets: ['photos', 'videos'],
    node: { authorization },
    service: { delegates: () => delegates },
  })
  const cache = await startHeartbeat()
  const [photos = '', videos = ''] = mirror.bucketLines
    .split('\n')
    .map((line) => line.slice('photos='.length))
  const parts = [photos, videos].flatMap((token) => {
    const decoded = Buffer.from(token, 'base64').toString()
    return [token, decoded, ...decoded.split(':').slice(0, 2)]
  })
  const heartbeatPath = new URL(mirror.heartbeat.url).pathname
  const texts = {
    ...Object.fromEntries(parts.map((text, index) => [`part ${index % 4} of token ${index >> 2}`, text])),
    'the node’s authorization': authorization.slice('Basic '.length),
    'the node’s password': password,
    'GitHub’s token': mirror.github.token,
    'the monitor’s address': mirror.heartbeat.url,
    'the monitor’s secret': heartbeatPath.split('/').at(-1) ?? '',
    'the cache’s token': runtimeToken,
    'the token for OIDC': oidcToken,
    'the proxy’s password': proxyPassword,
  }
  const secrets: Secret[] = Object.entries(texts).map(([name, text]) => ({ name, text }))
  const written = [
    ...new Set(secrets.flatMap(({ text }) => Object.values(manners).map((write) => write(text)))),
  ]
  const delegates = written.slice(0, 18).map((text) => `/dns4/${text}/tcp/4001/p2p/${known}`)
  const env = {
    ACTIONS_CACHE_URL: `${cache.origin}/`,
    ACTIONS_RUNTIME_TOKEN: runtimeToken,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: oidcToken,
    https_proxy: `http://me:${encodeURIComponent(proxyPassword)}@127.0.0.1:1`,
    // The service, GitHub and the monitor are asked straight: they are on this machine.
    no_proxy: '127.0.0.1',
    RUNNER_DEBUG: '1',
  }
  const inputs = {
    'node-authorization': `basic:ann:${password}`,
    'heartbeat-url': mirror.heartbeat.url,
    'settle-timeout': '1s',
  }
  const logs: Record<string, string> = {}
  const cacheFolder = mkdtempSync(join(tmpdir(), 'cache-'))
  const place = placeOf({
    cacheKey: 'ipfs-pin-mirror',
    endpoint: new URL(mirror.service.url),
    snapshotDir: undefined,
    github: { runId: '1', runAttempt: '1', workspace: mirror.workspace },
  })
  return {
    mirror,
    cache,
    photos,
    secrets,
    written,
    async run(
      name: string,
      more: Readonly<Record<string, string>> = {},
      event = 'schedule' as const,
    ): Promise<Ran> {
      const ran = await mirror.run({ inputs: { ...inputs, ...more }, env, event })
      logs[name] = ran.log
      return ran
    },
    startRun: (more: Readonly<Record<string, string>> = {}) =>
      mirror.start({ inputs: { ...inputs, ...more }, env }),
    async post(name: string): Promise<void> {
      const asInputs = { ...inputs, buckets: mirror.bucketLines, 'github-token': mirror.github.token }
      const given = Object.entries(asInputs).map(([input, value]) => [`INPUT_${input.toUpperCase()}`, value])
      const { log } = await startPost(mirror, JSON.stringify(place), { ...env, ...Object.fromEntries(given) })
        .ended
      logs[name] = log
    },
    /** Puts the snapshot in a cache, as the post step does. */
    async save(): Promise<string> {
      const cwd = process.cwd()
      process.chdir(mirror.workspace)
      try {
        return await saveSnapshot(place, new FolderCache(cacheFolder), saving(Date.now()))
      } finally {
        process.chdir(cwd)
      }
    },
    leaks: () =>
      leaksOf(mirror, secrets, {
        logs,
        folders: [cacheFolder],
        servers: {
          service: { server: mirror.service, own: [photos, videos].map((token) => `Bearer ${token}`) },
          node: { server: mirror.node, own: [authorization] },
          github: { server: mirror.github, own: [`token ${mirror.github.token}`] },
          heartbeat: { server: mirror.heartbeat, own: [heartbeatPath, `${heartbeatPath}/fail`] },
          cache: { server: cache, own: [`Bearer ${runtimeToken}`] },
        },
      }),
    logs,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await cache[Symbol.asyncDispose]()
      rmSync(cacheFolder, { recursive: true, force: true })
    },
  }
}

type Box = Awaited<ReturnType<typeof start>>

/** What is repeated in every place, by a server that knows all secrets. */
const all = ({ written }: Box) => written.join(' , ')
/** As they may stand in a header, or in the environment. */
const inOneLine = ({ written }: Box) => written.filter((text) => !/\p{Cc}/u.test(text))
const json = (value: unknown) => JSON.stringify(value)
/** JSON in which no text can be found as it is. */
const escaped = (value: unknown) =>
  json(value).replace(/(?<=:)"((?:[^"\\]|\\.)*)"/g, (text) => {
    const plain = JSON.parse(text) as string
    return `"${Array.from({ length: plain.length }, (_, at) => `\\u${plain.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
  })

function fill(box: Box): void {
  const { mirror, written, secrets } = box
  const photos = mirror.service.bucket('photos')
  const cids = new Cids(1)
  for (const [index, text] of written.entries()) {
    const created = 1.7e12 + index * 1000
    // What is cut is cut within the secret.
    const long = (length: number) => 'x'.repeat(index % 2 === 0 ? 0 : length - 20)
    photos.add({ cid: cids.next(), name: `${long(255)} ${text} z`, created })
    photos.add({ cid: cids.next(), status: 'failed', name: text, reason: `${long(1000)}${text}`, created })
    photos.add({ cid: `Qm${long(512)}${text}`, requestid: `odd-${index}`, created })
    photos.add({ cid: cids.next(), requestid: `id ${text}`, created })
  }
  for (const { text } of secrets) {
    const failing = cids.next()
    photos.add({ cid: failing, name: text })
    mirror.node.setContent(failing, { breaks: { after: 0, error: `no ${text} ${all(box)}` } })
    mirror.node.pin(cids.next(), { name: `mine ${text}` })
  }
  photos.add({ cid: cids.next(), name: 'good' })
}

test('rows, refusals and failures that hold secrets leave none behind, in cold and in later runs', async () => {
  await using box = await start()
  const { mirror } = box
  fill(box)
  const cold = await box.run('cold')
  const problems = Map.groupBy(cold.report.buckets[0]?.invalid ?? [], ({ problem }) => problem)
  expect(problems.get('requestid: holds a secret')).toHaveLength(box.written.length)
  // Of a bucket's rows that are no requests, 1,000 are told.
  const { length } = box.written
  expect(problems.get('pin.cid: is no CID')).toHaveLength(Math.min(length, 1000 - length))
  expect(cold.report.backup?.pinned.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['good', expect.stringContaining('***')]),
  )
  expect(cold.report.backup?.failed.length).toBe(box.secrets.length)
  expect(mirror.github.issues[0]?.body).toContain('&#42;&#42;&#42;')

  // Rows that are no requests keep a listing from being complete, and an update from sending.
  for (const text of box.written) mirror.service.bucket('photos').remove(`id ${text}`)
  const both = await box.run('both', { direction: 'both', 'target-bucket': 'videos' }, 'schedule')
  expect(both.report.update?.missing).toBeGreaterThan(0)
  const refused = all(box)
  mirror.service.intercept = ({ method }) =>
    method === 'POST'
      ? { status: 400, body: escaped({ error: { reason: refused, details: refused } }) }
      : undefined
  mirror.node.pin(new Cids(2).next(), { name: 'another' })
  const later = await box.run('refused', { direction: 'both', 'target-bucket': 'videos' })
  expect(later.asked.service.some(({ method }) => method === 'POST')).toBe(true)
  expect(await box.save()).toContain('is cached')
  expect(box.leaks()).toEqual([])
})

/** How each server fails, and repeats what it knows. */
const faults: readonly {
  readonly name: string
  readonly service: (words: string) => ReturnType<Intercept>
  readonly node: (words: string) => ReturnType<Intercept>
  readonly github: (words: string, request: RecordedRequest) => ReturnType<Intercept>
  readonly heartbeat: (words: string) => ReturnType<Intercept>
}[] = [
  {
    name: 'each in its own words',
    service: (words) => ({ status: 401, body: json({ error: { reason: words, details: words } }) }),
    node: (words) => rpcFailure(words),
    github: (message) => ({ status: 401, body: json({ message }) }),
    heartbeat: (body) => ({ status: 404, body }),
  },
  {
    name: 'in JSON with every character escaped',
    service: (words) => ({ status: 403, body: escaped({ error: { reason: words, details: words } }) }),
    node: (Message) => ({ status: 500, body: escaped({ Message, Code: 0, Type: 'error' }) }),
    github: (message) => ({ status: 403, body: escaped({ message }) }),
    heartbeat: (body) => ({ status: 400, body }),
  },
  {
    name: 'in pages of HTML',
    service: (words) => ({ status: 400, body: `<p>${'x'.repeat(280)}${words}` }),
    node: (words) => ({ status: 404, body: `<p>${words}` }),
    github: (words) => ({ status: 404, body: `<p>${words}` }),
    heartbeat: (words) => ({ status: 200, body: words }),
  },
  {
    name: 'in JSON that is cut, and within bounds',
    service: (words) => ({ status: 409, body: `{"error":{"reason":"${'x'.repeat(65_000)}${words}` }),
    node: (words) => ({ status: 403, body: words }),
    github: (message, { method, path }) =>
      method === 'POST' && path.endsWith('/issues')
        ? {
            status: 422,
            body: json({
              message,
              errors: [{ resource: 'Issue', field: 'labels', code: 'invalid', message }],
            }),
          }
        : undefined,
    heartbeat: () => 'cut',
  },
  {
    name: 'by redirects',
    service: (words) => ({
      status: 302,
      headers: { location: `/${encodeURIComponent(words)}` },
      body: words,
    }),
    node: (words) => ({ status: 302, headers: { location: `/${encodeURIComponent(words)}` }, body: words }),
    github: (words) => ({ status: 301, headers: { location: `/${encodeURIComponent(words)}` }, body: words }),
    heartbeat: (words) => ({ status: 302, headers: { location: `/${encodeURIComponent(words)}` } }),
  },
  {
    name: 'by answers of another kind',
    service: (words) => ({ status: 200, body: json({ count: words, results: words }) }),
    node: (words) => ({ status: 200, body: json({ ID: [words], Version: { [words]: words }, Cid: words }) }),
    github: (message) => ({
      status: 200,
      body: json({ errors: [{ message, path: [message] }], data: null }),
    }),
    heartbeat: () => 'truncate',
  },
  {
    name: 'by rows of another kind',
    service: (words) => ({
      status: 200,
      body: json({
        count: 2,
        results: [{ requestid: words, status: words, created: words, pin: words }, words],
      }),
    }),
    node: (words) => ({ status: 200, body: words }),
    github: (login) => ({ status: 200, body: json({ data: { viewer: { login } } }) }),
    heartbeat: () => ({ status: 204 }),
  },
]

test.each(faults)('servers that fail and repeat every secret ($name) leave none behind', async (fault) => {
  await using box = await start()
  const { mirror, cache } = box
  const words = all(box)
  // What fails in the other bucket goes into the issue.
  mirror.service.bucket('videos').add({ cid: new Cids(1).next(), status: 'failed' })
  mirror.service.intercept = ({ headers }) =>
    headers.authorization === `Bearer ${box.photos}` ? fault.service(words) : undefined
  mirror.node.intercept = () => fault.node(words)
  mirror.github.intercept = (request) => fault.github(words, request)
  mirror.heartbeat.intercept = () => fault.heartbeat(words)
  cache.intercept = () => ({ status: 400, body: json({ message: words }) })
  const { report, asked } = await box.run('run')
  expect(report.errors.map(({ where }) => where)).toEqual(expect.arrayContaining(['bucket photos', 'node']))
  for (const server of [asked.github, asked.heartbeat, cache.requests])
    expect(server.length).toBeGreaterThan(0)
  expect(box.leaks()).toEqual([])
})

test('CIDs to inspect that are secrets, and a post step whose cache repeats them, leave none behind', async () => {
  await using box = await start()
  const { cache } = box
  const { report } = await box.run('inspect', { inspect: inOneLine(box).join('\n') })
  expect(report.inspect[0]).toMatchObject({ valid: false })
  cache.intercept = () => ({ status: 400, body: json({ message: all(box) }) })
  const before = cache.requests.length
  await box.post('post')
  expect(cache.requests.length).toBeGreaterThan(before)
  expect(box.leaks()).toEqual([])
})

test('a stream that fails at its end, and a run that is killed, leave none behind', async () => {
  await using box = await start()
  const { mirror } = box
  fill(box)
  mirror.node.breakStream = ({ path }) =>
    path.endsWith('/pin/ls')
      ? { afterLines: 1, with: { error: inOneLine(box).slice(0, 40).join(' ') } }
      : undefined
  expect((await box.run('broken')).report.errors).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ where: 'node', message: expect.stringContaining('***') }),
    ]),
  )
  mirror.node.breakStream = undefined
  const { ended, kill } = box.startRun()
  const asked = mirror.node.requests.length
  await until(() => mirror.node.requests.slice(asked).some(({ path }) => path.endsWith('/pin/add')))
  kill('SIGKILL')
  box.logs['killed'] = (await ended).log
  expect(box.leaks()).toEqual([])
})

test('inputs in wrong places are refused, and show none', async () => {
  await using box = await start()
  const places = ['direction', 'concurrency', 'delegates', 'cache-key', 'target-bucket', 'origins', 'dry-run']
  const wrong = (from: number) =>
    places.map((name, at) => [
      name,
      `${'x'.repeat(70)}${box.secrets[(from + at) % box.secrets.length]?.text}`,
    ])
  for (const from of [0, places.length]) {
    const { report } = await box.run(`from ${from}`, Object.fromEntries(wrong(from)))
    expect(report.errors.length).toBeGreaterThan(4)
  }
  expect(box.leaks()).toEqual([])
})
