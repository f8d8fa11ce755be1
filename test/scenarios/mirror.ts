import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { mirrorId } from '../../src/domain/mirror.ts'
import { stepOf } from '../action-steps.ts'
import { type ClusterOptions, type SandboxCluster, startCluster } from '../sandbox/cluster.ts'
import { type GitHubSandbox, startGitHub } from '../sandbox/github.ts'
import { type HeartbeatSandbox, startHeartbeat } from '../sandbox/heartbeat.ts'
import { type KuboOptions, type SandboxKubo, startKubo } from '../sandbox/kubo.ts'
import {
  type PinningService,
  type PinningServiceOptions,
  startPinningService,
} from '../sandbox/pinning-service.ts'
import type { RecordedRequest, SandboxServer } from '../sandbox/server.ts'
import { checkRules } from './rules.ts'
import type { WrittenReport } from './written-report.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))
const preload = new URL('uncaught.ts', import.meta.url).href
const action = parse(readFileSync(join(project, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
}

/** Access keys and secret keys as Filebase has them, by bucket. */
const keysOf = (bucket: string) => ({
  accessKey: bucket.toUpperCase().padEnd(20, 'ABCDEFGHIJKLMNOPQRST'),
  secretKey: `secret/of+${bucket}`.padEnd(40, 'q7Xw'),
})

/** Tokens as Filebase has them. */
function tokenOf(bucket: string): string {
  const { accessKey, secretKey } = keysOf(bucket)
  return Buffer.from(`${accessKey}:${secretKey}:${bucket}`).toString('base64')
}

interface MirrorOptions {
  /** In the input's order. Default: `photos`. */
  readonly buckets?: readonly string[]
  readonly service?: Omit<PinningServiceOptions, 'buckets'>
  readonly node?: KuboOptions
  /** An IPFS Cluster, which the runs then take for the node. */
  readonly cluster?: ClusterOptions
}

/** How one run is started; inputs that are not given have the defaults of `action.yml`, but see `hasty`. */
interface Start {
  readonly inputs?: Readonly<Record<string, string>>
  readonly event?: 'schedule' | 'workflow_dispatch'
  /** What else the runner says, or says otherwise. */
  readonly env?: Readonly<Record<string, string>>
  /** What happens in the action's process that nobody catches, and when: see `uncaught.ts`. */
  readonly uncaught?: string
}

type Server = 'service' | 'node' | 'cluster' | 'github' | 'heartbeat'

/** What came of a run, and what it asked of each server, in order. */
export interface Ran {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null
  readonly log: string
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
  /** What it left for the post step. */
  readonly state: Readonly<Record<string, string>>
  /** @throws where there is none, as after a kill */
  readonly report: WrittenReport
  readonly asked: Readonly<Record<Server, readonly RecordedRequest[]>>
}

interface Running {
  readonly ended: Promise<Ran>
  readonly kill: (signal: NodeJS.Signals) => void
  /** As after a cancel: the runner kills, and then there is no exit code, what has not ended some seconds from now. */
  readonly endsInTime: () => Promise<Ran>
}

/** GitHub's runner kills 10 s after its first signal. Every deadline for an answer is longer than this. */
const patienceOfRunner = 9000

/** What dead CIDs wait for is short, so that the tests are; what is pinned is read again by those that are about it. */
const hasty = { 'stall-timeout': '2s', attempts: '1', 'verify-time': '0s' }

/**
 * A box whose runner keeps its workspace, a pinning service, a node, GitHub and a monitor: the action's main step is
 * started from its source, as a runner would start the bundle; see `stepOf`. The rules that hold for every run are
 * checked after each.
 */
export class Mirror implements AsyncDisposable {
  readonly buckets: readonly string[]
  readonly service: PinningService
  readonly node: SandboxKubo
  readonly github: GitHubSandbox
  readonly heartbeat: HeartbeatSandbox
  readonly #cluster: SandboxCluster | undefined
  readonly #folder = mkdtempSync(join(tmpdir(), 'scenario-'))
  readonly #running = new Map<ChildProcess, Promise<Ran>>()
  #runs = 0

  private constructor(
    buckets: readonly string[],
    servers: {
      readonly service: PinningService
      readonly node: SandboxKubo
      readonly github: GitHubSandbox
      readonly heartbeat: HeartbeatSandbox
      readonly cluster: SandboxCluster | undefined
    },
  ) {
    this.buckets = buckets
    this.service = servers.service
    this.node = servers.node
    this.github = servers.github
    this.heartbeat = servers.heartbeat
    this.#cluster = servers.cluster
    mkdirSync(this.workspace)
  }

  static async start(options: MirrorOptions = {}): Promise<Mirror> {
    const { buckets = ['photos'] } = options
    const tokens = Object.fromEntries(buckets.map((name) => [name, tokenOf(name)]))
    const [service, node, github, heartbeat, cluster] = await Promise.all([
      startPinningService({ ...options.service, buckets: tokens }),
      startKubo(options.node),
      startGitHub({ token: 'ghs_secret-of-the-job' }),
      startHeartbeat(),
      options.cluster && startCluster(options.cluster),
    ])
    return new Mirror(buckets, { service, node, github, heartbeat, cluster })
  }

  /** @throws where it was started without one */
  get cluster(): SandboxCluster {
    if (this.#cluster === undefined) throw new Error('this mirror has no cluster')
    return this.#cluster
  }

  get workspace(): string {
    return join(this.#folder, 'workspace')
  }

  /** The `buckets` input. */
  get bucketLines(): string {
    return this.buckets.map((name) => `${name}=${tokenOf(name)}`).join('\n')
  }

  /** What may be seen nowhere but in a request to where it belongs. */
  get secrets(): readonly string[] {
    return [
      ...this.buckets.map(tokenOf),
      ...this.buckets.flatMap((bucket) => Object.values(keysOf(bucket))),
      this.github.token,
      '8d1a4f0e-heartbeat-secret',
      'secret-of-the-node',
    ]
  }

  /** Runs the action to its end. */
  async run(start: Start = {}): Promise<Ran> {
    return this.start(start).ended
  }

  /** Starts the action; it can be sent signals while it runs. */
  start(start: Start = {}): Running {
    const folder = join(this.#folder, `run-${++this.#runs}`)
    mkdirSync(folder)
    const file = (name: string) => join(folder, name)
    for (const name of ['output', 'summary', 'state']) writeFileSync(file(name), '')
    const inputs = { ...this.#defaults(), ...hasty, ...start.inputs }
    const uncaught = start.uncaught === undefined ? [] : ['--import', preload]
    const { script, compileCache } = stepOf('main')
    const child = spawn(process.execPath, [...uncaught, script], {
      cwd: this.workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: this.#folder,
        // Much of a small run is compiling its modules.
        NODE_COMPILE_CACHE: compileCache,
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTION: 'mirror',
        GITHUB_API_URL: this.github.url,
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: this.github.repository,
        GITHUB_EVENT_NAME: start.event ?? 'schedule',
        GITHUB_RUN_ID: String(this.#runs),
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_WORKSPACE: this.workspace,
        GITHUB_OUTPUT: file('output'),
        GITHUB_STATE: file('state'),
        GITHUB_STEP_SUMMARY: file('summary'),
        RUNNER_TEMP: folder,
        ...Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
        ...start.env,
        UNCAUGHT: start.uncaught,
      },
    })
    // The rules want a report where the runner has its temporary folder.
    const isReported = start.env?.['RUNNER_TEMP'] === undefined
    const isInspection = (start.inputs?.['inspect'] ?? '') !== ''
    const ended = this.#follow(
      child,
      folder,
      isReported && { mayBeDefect: uncaught.length > 0, isInspection },
    )
    this.#running.set(child, ended)
    const kill = (signal: NodeJS.Signals) => child.kill(signal)
    const endsInTime = async () => {
      const enough = setTimeout(() => kill('SIGKILL'), patienceOfRunner)
      const ran = await ended
      clearTimeout(enough)
      return ran
    }
    return { ended, kill, endsInTime }
  }

  /** Puts a file in the workspace. */
  write(name: string, text: string): void {
    writeFileSync(join(this.workspace, name), text)
  }

  /** Looks into the snapshot that the last run left, or changes it as time would. */
  inSnapshot<T>(work: (db: DatabaseSync) => T): T {
    using db = new DatabaseSync(this.snapshotPath)
    return work(db)
  }

  get snapshotPath(): string {
    const mirror = mirrorId('ipfs-pin-mirror', new URL(this.service.url))
    return join(this.workspace, '.ipfs-pin-mirror', mirror, 'snapshot.sqlite')
  }

  /** Lets the pauses of all that the ledger knows end. */
  endPauses(): void {
    this.inSnapshot((db) => db.exec('UPDATE failure SET next_attempt = 0'))
  }

  /** Lets so many minutes pass, as far as the snapshot can tell: all that was noted is so much older. */
  letPass(minutes: number): void {
    const ms = minutes * 60_000
    this.inSnapshot((db) =>
      db.exec(`
        UPDATE sent SET here = here - ${ms}, service = service - ${ms};
        UPDATE gone SET here = here - ${ms}, service = service - ${ms};
        UPDATE dropped SET here = here - ${ms}, service = service - ${ms};
        UPDATE fact SET value = json_set(value, '$.here', (value ->> 'here') - ${ms},
          '$.service', (value ->> 'service') - ${ms}) WHERE name = 'nodeEmptySince';
        UPDATE failure SET next_attempt = next_attempt - ${ms}`),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running.keys()) child.kill('SIGKILL')
    await Promise.allSettled(this.#running.values())
    for (const server of [this.service, this.node, this.github, this.heartbeat, this.#cluster])
      await server?.[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #defaults(): Record<string, string> {
    const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ''])
    return {
      ...Object.fromEntries(defaults),
      buckets: this.bucketLines,
      endpoint: this.service.url,
      ...(this.#cluster === undefined
        ? { 'node-url': this.node.url }
        : { 'node-url': this.#cluster.url, 'node-kind': 'cluster' }),
      'github-token': this.github.token,
    }
  }

  async #follow(
    child: ChildProcess,
    folder: string,
    rules: false | Parameters<typeof checkRules>[2],
  ): Promise<Ran> {
    const { service, node, github, heartbeat } = this
    const since = (server: SandboxServer | undefined) => {
      const from = server?.requests.length
      return () => server?.requests.slice(from) ?? []
    }
    const servers = [service, node, github, heartbeat, this.#cluster]
    const [ofService, ofNode, ofGitHub, ofHeartbeat, ofCluster] = servers.map(since)
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log += text
      })
    const [exitCode] = (await once(child, 'close')) as [number | null]
    this.#running.delete(child)
    const reportPath = join(folder, 'ipfs-pin-mirror', 'mirror', 'report.json')
    const ran: Ran = {
      exitCode,
      log,
      summary: readFileSync(join(folder, 'summary'), 'utf8'),
      outputs: readOutputs(join(folder, 'output')),
      state: readOutputs(join(folder, 'state')),
      get report() {
        if (!existsSync(reportPath)) throw new Error(`the run left no report; its log:\n${log}`)
        return JSON.parse(readFileSync(reportPath, 'utf8')) as WrittenReport
      },
      asked: {
        service: ofService?.() ?? [],
        node: ofNode?.() ?? [],
        cluster: ofCluster?.() ?? [],
        github: ofGitHub?.() ?? [],
        heartbeat: ofHeartbeat?.() ?? [],
      },
    }
    if (rules) checkRules(ran, this, rules)
    return ran
  }
}

/** The CIDs that the node was asked to pin, in order. */
export function added(ran: Ran): string[] {
  return ran.asked.node
    .filter(({ path }) => path === '/api/v0/pin/add')
    .map(({ query }) => query.get('arg') ?? '')
}

/** What the service was asked to pin, in order: the bodies of the POSTs, with the requestid of those that replace. */
export function posted(
  ran: Ran,
): readonly { readonly cid: string; readonly name?: string; readonly requestid: string | undefined }[] {
  return ran.asked.service
    .filter(({ method }) => method === 'POST')
    .map(({ path, body }) => ({ ...JSON.parse(body), requestid: path.split('/pins/')[1] }))
}

/** The CIDs that the cluster was given, in order. */
export function handedOver(ran: Ran): string[] {
  return ran.asked.cluster.flatMap(({ method, path }) =>
    method === 'POST' && /^\/pins\/[^/]+$/.test(path) ? [path.slice('/pins/'.length)] : [],
  )
}

/** The node's commands that were asked, in order, each once. */
export function commands(ran: Ran): string[] {
  return [...new Set(ran.asked.node.map(({ path }) => path.slice('/api/v0/'.length)))]
}

/** Waits until something has happened, for at most two minutes. */
export async function until(hasHappened: () => boolean): Promise<void> {
  for (const end = performance.now() + 120_000; !hasHappened(); await sleep(10))
    if (performance.now() > end) throw new Error('it has not happened within two minutes')
}

/** Reads a file of `name<<DELIMITER`, value, `DELIMITER`. */
function readOutputs(path: string): Record<string, string> {
  const matches = readFileSync(path, 'utf8').matchAll(/^(.+?)<<(.+)\r?\n([\s\S]*?)\r?\n?^\2$/gm)
  return Object.fromEntries([...matches].map(([, name, , value]) => [name, value]))
}
