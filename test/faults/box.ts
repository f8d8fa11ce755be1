import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Draft } from '../../src/draft/draft.ts'
import { Http } from '../../src/http/http.ts'
import { keepIssue } from '../../src/issue/keep-issue.ts'
import { run } from '../../src/run.ts'
import { RunTime } from '../../src/run-time.ts'
import { Secrets } from '../../src/secrets/secrets.ts'
import { writeReport } from '../../src/tell/report-file.ts'
import { type GitHubSandbox, startGitHub } from '../sandbox/github.ts'
import { type SandboxKubo, startKubo } from '../sandbox/kubo.ts'
import {
  type PinningService,
  type PinningServiceOptions,
  startPinningService,
} from '../sandbox/pinning-service.ts'
import type { WrittenReport } from '../scenarios/written-report.ts'
import { read } from '../unit/config/step.ts'
import { openSnapshot } from '../unit/snapshot-file/open-under-test.ts'

const token = 'secret-of-the-bucket'

/** How one run is started; inputs that are not given have the defaults of the action. */
interface Start {
  readonly inputs?: Readonly<Record<string, string>>
  readonly isManual?: boolean
  /** Cancels it. */
  readonly signal?: AbortSignal
}

/**
 * A box, a service, a node and GitHub, whose runs are whole but for the runner: in this process, from the config to the
 * report, on a snapshot on the disk. A run of it takes a tenth of what a process takes.
 */
export class Box implements AsyncDisposable {
  readonly service: PinningService
  readonly node: SandboxKubo
  readonly github: GitHubSandbox
  readonly #folder = mkdtempSync(join(tmpdir(), 'box-'))

  private constructor(service: PinningService, node: SandboxKubo, github: GitHubSandbox) {
    this.service = service
    this.node = node
    this.github = github
  }

  static async start(options: Omit<PinningServiceOptions, 'buckets'> = {}): Promise<Box> {
    const [service, node, github] = await Promise.all([
      startPinningService({ buckets: { photos: token }, ...options }),
      startKubo(),
      startGitHub({ token: 'ghs_secret-of-the-job' }),
    ])
    return new Box(service, node, github)
  }

  get photos() {
    return this.service.bucket('photos')
  }

  get snapshotPath(): string {
    return join(this.#folder, 'snapshot.sqlite')
  }

  async run({ inputs = {}, isManual = false, signal }: Start = {}): Promise<WrittenReport> {
    const given = {
      buckets: `photos=${token}`,
      endpoint: this.service.url,
      'node-url': this.node.url,
      'github-token': this.github.token,
      origins: 'none',
      ...inputs,
    }
    const env = {
      GITHUB_API_URL: this.github.url,
      GITHUB_REPOSITORY: this.github.repository,
      GITHUB_EVENT_NAME: isManual ? 'workflow_dispatch' : 'schedule',
    }
    const secrets = new Secrets()
    for (const secret of [token, this.github.token]) secrets.add(secret)
    const http = new Http('box', { secrets })
    const draft = new Draft((text) => secrets.redact(text))
    const log = { info: () => {}, debug: () => {}, group: <T>(_: string, work: () => Promise<T>) => work() }
    try {
      using snapshot = openSnapshot(this.snapshotPath, 'mirror', (message) => {
        throw new Error(message)
      })
      const until = signal ?? new AbortController().signal
      draft.fill({ issueNumber: snapshot.facts.get('issue') ?? null })
      const config = read(given, env)
      const remember = await run(config, { http, log, snapshot, signal: until }, draft)
      if (until.aborted) draft.fill({ cancelled: true })
      using time = new RunTime(until, config.timeLimit)
      await keepIssue(config, { http, time, snapshot }, draft)
      remember()
      const path = join(this.#folder, 'report.json')
      await writeReport(path, draft.report(), secrets)
      const report = readFileSync(path, 'utf8')
      for (const secret of [token, this.github.token])
        if (report.includes(secret)) throw new Error(`${secret} is in the report`)
      return JSON.parse(report) as WrittenReport
    } finally {
      await http.close()
    }
  }

  /** Looks into the snapshot that the last run left, or changes it as time would. */
  inSnapshot<T>(work: (db: DatabaseSync) => T): T {
    using db = new DatabaseSync(this.snapshotPath)
    return work(db)
  }

  /** Lets so much time pass, as far as the snapshot can tell, that it is sure what the service did not get. */
  letDoubtsEnd(): void {
    const ms = 61 * 60_000
    this.inSnapshot((db) => db.exec(`UPDATE sent SET here = here - ${ms}, service = service - ${ms}`))
  }

  /** How much of a table there is. */
  count(from: string): number {
    return this.inSnapshot((db) => (db.prepare(`SELECT count(*) AS n FROM ${from}`).get() as { n: number }).n)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.service, this.node, this.github]) await server[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true })
  }
}
