import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Draft } from '../../../src/draft/draft.ts'
import { Http } from '../../../src/http/http.ts'
import { run } from '../../../src/run.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Snapshot } from '../../../src/snapshot/snapshot.ts'
import { type SandboxKubo, startKubo } from '../../sandbox/kubo.ts'
import {
  type PinningService,
  type PinningServiceOptions,
  startPinningService,
} from '../../sandbox/pinning-service.ts'
import type { RecordedRequest } from '../../sandbox/server.ts'
import { read } from '../config/step.ts'

/** How one run is started. */
interface Start {
  readonly inputs?: Readonly<Record<string, string>>
  readonly isManual?: boolean
  /** ms. Default: one look. */
  readonly settleTimeout?: number
}

/** A box that runs updates in this process, with a node, a service and the snapshot that the runs keep. */
export class UpdateBox implements AsyncDisposable {
  readonly service: PinningService
  readonly node: SandboxKubo
  db = openSnapshot(':memory:')
  readonly #folder = mkdtempSync(join(tmpdir(), 'update-box-'))
  #runs = 0
  #kills = 0
  /** What the process that is alive calls itself; `undefined` between two runs, and after one was killed. */
  #alive: string | undefined
  #stop = new AbortController()

  static async start(options: Partial<PinningServiceOptions> = {}): Promise<UpdateBox> {
    const service = await startPinningService({ buckets: { photos: 'token' }, ...options })
    return new UpdateBox(service, await startKubo())
  }

  private constructor(service: PinningService, node: SandboxKubo) {
    this.service = service
    this.node = node
    migrate(this.db)
  }

  get photos() {
    return this.service.bucket('photos')
  }

  /** Runs an update to its end, or until it is killed. */
  async update({ inputs = {}, isManual = false, settleTimeout = 0 }: Start = {}): Promise<Draft> {
    const draft = new Draft()
    this.#stop = new AbortController()
    const given = {
      direction: 'update',
      buckets: 'photos=token',
      endpoint: this.service.url,
      'node-url': this.node.url,
      issue: 'false',
      origins: 'none',
      'requests-per-second': '1000',
      ...inputs,
    }
    const event = isManual ? 'workflow_dispatch' : 'schedule'
    const config = { ...read(given, { GITHUB_EVENT_NAME: event }), settleTimeout }
    const { db } = this
    const snapshot = new Snapshot(db)
    const log = { info: () => {}, debug: () => {}, group: <T>(_: string, work: () => Promise<T>) => work() }
    const name = `run-${++this.#runs}`
    this.#alive = name
    const http = new Http(name)
    const remember = await run(config, { http, log, snapshot, signal: this.#stop.signal }, draft)
    remember()
    this.#alive = undefined
    await http.close()
    if (db !== this.db) db.close()
    return draft
  }

  /** Kills the run: what it does from now on, the snapshot does not hold. */
  kill(): void {
    const path = join(this.#folder, `${++this.#kills}.sqlite`)
    this.db.prepare('VACUUM INTO ?').run(path)
    this.db = openSnapshot(path)
    this.#alive = undefined
    this.#stop.abort(new Error('killed'))
  }

  /** Whether a request is of a run that goes on: those of a killed one may be on their way still. */
  isAlive({ headers }: RecordedRequest): boolean {
    return this.#alive !== undefined && headers['user-agent'] === this.#alive
  }

  /** Lets time pass, as far as the snapshot can tell: all that was noted is so much older. */
  letPass(ms: number): void {
    this.db.exec(`
      UPDATE sent SET here = here - ${ms}, service = service - ${ms};
      UPDATE gone SET here = here - ${ms}, service = service - ${ms};
      UPDATE dropped SET here = here - ${ms}, service = service - ${ms};
      UPDATE failure SET next_attempt = next_attempt - ${ms}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.service[Symbol.asyncDispose](), this.node[Symbol.asyncDispose]()])
    this.db.close()
    rmSync(this.#folder, { recursive: true })
  }
}

function openSnapshot(path: string): DatabaseSync {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY')
  return db
}
