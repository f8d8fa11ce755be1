import type { Secrets } from '../secrets/secrets.ts'
import { readAccountCheck } from './account.ts'
import { readAuthorization } from './authorization.ts'
import { checkMatrix, readBuckets, readTargetBucket } from './buckets.ts'
import { readIgnore, readInspect } from './cids.ts'
import { checkFilebaseTokens, readFilebaseKeys } from './filebase-tokens.ts'
import { readGlobs } from './globs.ts'
import { Inputs } from './inputs.ts'
import { readAssignees, readLabels } from './issue.ts'
import { readLimits } from './limits.ts'
import { readDelegates, readOrigins } from './peers.ts'
import { checkProxies } from './proxies.ts'
import { readCacheKey, readSnapshotDir } from './snapshot.ts'
import type { Config, Ending, GitHubContext, Reading } from './types.ts'
import { checkApiUrl, readEndpoint, readGateways, readHeartbeatUrl, readNodeUrl } from './urls.ts'

/** What says whose run it is, whether it is to be told in the issue, and whether it is one that mirrors anything. */
const inputsOfMirror = [
  ...['cache-key', 'endpoint', 'snapshot-dir', 'cache', 'dry-run', 'inspect'],
  ...['issue', 'issue-labels', 'issue-assignees', 'GITHUB_API_URL'],
]

/**
 * Reads the inputs (`INPUT_*`), all of them before anything is asked of anybody. Each has a reader of its own; a reader
 * notes what is wrong and goes on, so that everything is named at once.
 * @param github what the runner says of the run
 * @param secrets told every secret before anything can fail
 * @returns a config, or everything that is wrong with the inputs at once, which shows no secret
 */
export function readConfig(env: NodeJS.ProcessEnv, github: GitHubContext, secrets: Secrets): Reading {
  const inputs = new Inputs(env, secrets)
  // What the runner gives to the cache's client, whose errors may show it.
  for (const name of ['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']) inputs.hide(env[name] ?? '')
  checkProxies(inputs, env)
  const githubToken = inputs.text('github-token') || undefined
  inputs.hide(githubToken ?? '')
  const keys = readFilebaseKeys(inputs)
  const buckets = readBuckets(inputs, keys)
  const nodeAuthorization = readAuthorization(inputs)
  const heartbeatUrl = readHeartbeatUrl(inputs)
  const endpoint = readEndpoint(inputs)
  const nodeUrl = readNodeUrl(inputs)
  checkFilebaseTokens(inputs, buckets, endpoint)

  checkApiUrl(inputs, github.apiUrl)
  const direction = inputs.choice('direction', ['backup', 'update', 'both'])
  checkMatrix(inputs, buckets, direction)
  const ending: Ending = {
    direction,
    dryRun: inputs.flag('dry-run', false),
    isInspection: inputs.text('inspect') !== '',
    heartbeatUrl,
    failOn: inputs.choice('fail-on', ['error', 'failed-pins']),
    github,
  }
  const ignoredBuckets = inputs.lines('ignore-buckets').map(({ text }) => text)
  const nodeKind = inputs.choice('node-kind', ['kubo', 'cluster'])
  const config: Config = {
    ...ending,
    inspect: readInspect(inputs),
    endpoint,
    buckets,
    targetBucket: readTargetBucket(inputs, buckets, direction),
    accountCheck: readAccountCheck(inputs, { buckets, keys, endpoint, ignored: ignoredBuckets }),
    ignoredBuckets,
    nodeUrl,
    nodeKind,
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
    ...readLimits(inputs, nodeKind),
    stallTimeout: inputs.duration('stall-timeout', '2m'),
    settleTimeout: inputs.duration('settle-timeout', '10m'),
    attempts: inputs.integer('attempts', 3, 100),
    timeLimit: inputs.duration('time-limit', '5h'),
    verifyTime: inputs.durationOrNone('verify-time', '5m'),
    manifest: inputs.flag('manifest', false),
    gateways: readGateways(inputs),
    ignore: readIgnore(inputs, github.workspace),
    failedRequests: inputs.choice('failed-requests', ['replace', 'report']),
    issue: inputs.flag('issue', true),
    issueLabels: readLabels(inputs),
    issueAssignees: readAssignees(inputs),
    githubToken,
  }
  const { problems, warnings } = inputs
  if (problems.length > 0) {
    const isKnown = inputs.areGood(...inputsOfMirror) && !config.dryRun && !config.isInspection
    return { isGood: false, problems, warnings, ending, mirror: isKnown ? config : undefined }
  }
  return { isGood: true, config: deepFreeze(config), warnings, ending }
}

/** Freezes plain objects and lists; URLs and maps keep their state out of a freeze's reach, and only their types hold. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
    for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
