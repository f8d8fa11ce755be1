import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { environment, read, readEnvironment } from './step.ts'

const action = parse(readFileSync(new URL('../../../action.yml', import.meta.url), 'utf8')) as {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>
  outputs: Record<string, { description: string }>
  runs: unknown
}
const given = { buckets: 'main=token' }
const defaults = Object.fromEntries(
  Object.entries(action.inputs).flatMap(([name, input]) =>
    input.default === undefined ? [] : [[name, input.default]],
  ),
)

test('every input of action.yml is read, and no other', () => {
  const asked = new Set<string>()
  const env = new Proxy(environment(given), {
    get: (target, key: string) => {
      if (key.startsWith('INPUT_')) asked.add(key)
      return target[key]
    },
  })
  readEnvironment(env)
  expect([...asked].sort()).toEqual(
    Object.keys(action.inputs)
      .map((name) => `INPUT_${name.toUpperCase()}`)
      .sort(),
  )
})

test('the defaults of action.yml are those of the program, and those documented', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner's own expression, as action.yml has it
  const token = '${{ github.token }}'
  const config = read({ ...defaults, ...given })
  expect(config).toEqual({ ...read(given), githubToken: token })
  expect({ ...config, delegates: undefined, github: undefined }).toEqual({
    direction: 'backup',
    dryRun: false,
    isInspection: false,
    inspect: [],
    endpoint: new URL('https://api.filebase.io/v1/ipfs'),
    buckets: [{ name: 'main', token: 'token' }],
    targetBucket: 'main',
    accountCheck: undefined,
    ignoredBuckets: [],
    nodeUrl: new URL('http://127.0.0.1:5001'),
    nodeKind: 'kubo',
    nodeAuthorization: undefined,
    delegates: undefined,
    peering: 'report',
    origins: 'auto',
    onlyNames: [],
    fullListing: false,
    snapshotDir: undefined,
    cache: true,
    cacheKey: 'ipfs-pin-mirror',
    concurrency: 32,
    requestsPerSecond: 50,
    keepFree: 5e9,
    maxBytes: null,
    stallTimeout: 120_000,
    settleTimeout: 600_000,
    attempts: 3,
    timeLimit: 18_000_000,
    verifyTime: 300_000,
    gateways: [],
    manifest: false,
    ignore: new Map(),
    failedRequests: 'replace',
    issue: true,
    issueLabels: ['ipfs-pin-mirror'],
    issueAssignees: [],
    githubToken: token,
    heartbeatUrl: undefined,
    failOn: 'error',
    github: undefined,
  })
})

test('every input has a default in action.yml or is required', () => {
  for (const [name, input] of Object.entries(action.inputs))
    expect([name, typeof input.default === 'string' || input.required === true]).toEqual([name, true])
})

test('the outputs are those of the contract', () => {
  expect(Object.keys(action.outputs)).toEqual([
    'conclusion',
    'listed',
    'node-pins',
    'missing',
    'pinned',
    'pending',
    'failed',
    'unknown-delegates',
    'issue-number',
    'report',
    'manifest',
    'cache-key',
  ])
})

test('everything in action.yml is described', () => {
  for (const part of [...Object.values(action.inputs), ...Object.values(action.outputs)])
    expect(part.description).toMatch(/\S.*[.]$/s)
})

test('the post step always runs', () => {
  expect(action.runs).toEqual({
    using: 'node24',
    main: 'dist/main/index.js',
    post: 'dist/post/index.js',
    'post-if': 'always()',
  })
})
