import { isAbsolute, resolve } from 'node:path'
import { readAuthorization } from './config/authorization.ts'
import { checkMatrix, readBuckets, readTargetBucket } from './config/buckets.ts'
import { readIgnore, readInspect } from './config/cids.ts'
import { readGitHubContext } from './config/github.ts'
import { Inputs } from './config/inputs.ts'
import { readDelegates, readOrigins } from './config/peers.ts'
import { checkApiUrl, readEndpoint, readHeartbeatUrl, readNodeUrl } from './config/urls.ts'
import type { CidKey, PinCid } from './domain/cid.ts'
import { InputError } from './errors.ts'

export type Direction = 'backup' | 'update' | 'both'

export interface Bucket {
  readonly name: string
  readonly token: string
}

export interface KnownDelegate {
  readonly peerId: string
  readonly addrs: readonly string[]
}

/** Everything the run is told, validated and frozen. Durations are ms. */
export interface Config {
  readonly direction: Direction
  readonly dryRun: boolean
  readonly inspect: readonly string[]
  /** Without a trailing slash or `/pins`. */
  readonly endpoint: URL
  readonly buckets: readonly Bucket[]
  readonly targetBucket: string | undefined
  readonly nodeUrl: URL
  readonly nodeKind: 'kubo' | 'cluster'
  readonly nodeAuthorization: string | undefined
  /** `undefined`: not given, and no default is known for the endpoint. */
  readonly delegates: readonly KnownDelegate[] | undefined
  readonly peering: 'report' | 'connect' | 'save'
  readonly origins: 'auto' | 'none' | readonly string[]
  readonly onlyNames: readonly string[]
  readonly fullListing: boolean
  readonly snapshotDir: string | undefined
  readonly cache: boolean
  readonly cacheKey: string
  readonly concurrency: number
  readonly requestsPerSecond: number
  readonly stallTimeout: number
  readonly settleTimeout: number
  readonly attempts: number
  readonly timeLimit: number
  readonly ignore: ReadonlyMap<CidKey, PinCid>
  readonly failedRequests: 'replace' | 'report'
  readonly issue: boolean
  readonly issueLabels: readonly string[]
  readonly issueAssignees: readonly string[]
  readonly githubToken: string | undefined
  readonly heartbeatUrl: URL | undefined
  readonly failOn: 'error' | 'failed-pins'
  readonly github: GitHubContext
}

/** What the runner says of the run. */
export interface GitHubContext {
  /** `owner/name`; `undefined` outside a repository. */
  readonly repository: string | undefined
  readonly apiUrl: string
  readonly serverUrl: string
  readonly runId: string
  readonly runAttempt: string
  readonly workspace: string
  readonly reportPath: string
  /** A person started this run (`workflow_dispatch`): the ledger's pauses do not bind it. */
  readonly manual: boolean
}

/**
 * Reads what the run is told: the inputs (`INPUT_*`) and what the runner says of the run. The only reader of either.
 * @param mask given every secret before anything can fail
 * @throws InputError that names everything wrong at once, and shows no secret
 */
export function readConfig(env: NodeJS.ProcessEnv, mask: (secret: string) => void): Config {
  const inputs = new Inputs(env, mask)
  const github = readGitHubContext(env)

  const githubToken = inputs.text('github-token') || undefined
  inputs.hide(githubToken ?? '')
  const buckets = readBuckets(inputs)
  const nodeAuthorization = readAuthorization(inputs)
  const heartbeatUrl = readHeartbeatUrl(inputs)
  const endpoint = readEndpoint(inputs)
  const nodeUrl = readNodeUrl(inputs)

  checkApiUrl(inputs, github.apiUrl)
  const direction = inputs.choice('direction', ['backup', 'update', 'both'])
  checkMatrix(inputs, buckets, direction)
  const config: Config = {
    direction,
    dryRun: inputs.flag('dry-run', false),
    inspect: readInspect(inputs),
    endpoint,
    buckets,
    targetBucket: readTargetBucket(inputs, buckets, direction),
    nodeUrl,
    nodeKind: inputs.choice('node-kind', ['kubo', 'cluster']),
    nodeAuthorization,
    delegates: readDelegates(inputs, endpoint),
    peering: inputs.choice('peering', ['report', 'connect', 'save']),
    origins: readOrigins(inputs),
    onlyNames: readGlobs(inputs),
    fullListing: inputs.flag('full-listing', false),
    snapshotDir: readSnapshotDir(inputs, github.workspace),
    cache: inputs.flag('cache', true),
    cacheKey: readCacheKey(inputs),
    concurrency: inputs.integer('concurrency', 32, 256),
    requestsPerSecond: inputs.integer('requests-per-second', 50, 1000),
    stallTimeout: inputs.duration('stall-timeout', '2m'),
    settleTimeout: inputs.duration('settle-timeout', '10m'),
    attempts: inputs.integer('attempts', 3, 100),
    timeLimit: inputs.duration('time-limit', '5h'),
    ignore: readIgnore(inputs, github.workspace),
    failedRequests: inputs.choice('failed-requests', ['replace', 'report']),
    issue: inputs.flag('issue', true),
    issueLabels: readLabels(inputs),
    issueAssignees: readAssignees(inputs),
    githubToken,
    heartbeatUrl,
    failOn: inputs.choice('fail-on', ['error', 'failed-pins']),
    github,
  }
  if (inputs.problems.length > 0)
    throw new InputError(inputs.problems, config.dryRun ? undefined : heartbeatUrl)
  return deepFreeze(config)
}

function readSnapshotDir(inputs: Inputs, workspace: string): string | undefined {
  const given = inputs.text('snapshot-dir')
  if (given === '') return undefined
  if (given.startsWith('~'))
    inputs.problem('snapshot-dir', 'must be a path without `~`, which only a shell understands.')
  return isAbsolute(given) ? given : resolve(workspace, given)
}

/** It becomes part of a file's name and of a cache key. */
function readCacheKey(inputs: Inputs): string {
  const key = inputs.text('cache-key') || 'ipfs-pin-mirror'
  if (!/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/.test(key))
    inputs.problem('cache-key', `must be 1 to 100 letters, digits, ., _ or -, not ${inputs.quote(key)}.`)
  return key
}

/** No pin's name is longer than 255 bytes. */
const longestGlob = 1000

function readGlobs(inputs: Inputs): string[] {
  const globs = inputs.lines('only-names')
  for (const { number, text } of globs)
    if (text.length > longestGlob)
      inputs.problem('only-names', `line ${number} must be a glob of at most ${longestGlob} characters.`)
  return globs.map(({ text }) => text)
}

function readLabels(inputs: Inputs): string[] {
  const labels = inputs.words('issue-labels')
  for (const label of labels)
    if (label.length > 50)
      inputs.problem(
        'issue-labels',
        `must be labels of at most 50 characters, unlike ${inputs.quote(label)}.`,
      )
  return labels.length > 0 ? labels : ['ipfs-pin-mirror']
}

function readAssignees(inputs: Inputs): string[] {
  const logins = inputs.words('issue-assignees')
  for (const login of logins)
    if (!/^[\w-]+(\[bot\])?$/.test(login))
      inputs.problem('issue-assignees', `must be GitHub user names without @, unlike ${inputs.quote(login)}.`)
  if (logins.length > 10)
    inputs.problem(
      'issue-assignees',
      `must be at most 10 names, which is GitHub's limit; there are ${logins.length}.`,
    )
  return logins
}

/** Freezes plain objects and lists; URLs and maps keep their state out of a freeze's reach, and only their types hold. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
    for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
