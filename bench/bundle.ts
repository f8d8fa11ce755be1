import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Runner } from '../test/demo/runner.ts'
import { temporaryFolder } from '../test/demo/temporary-folder.ts'
import { type GitHubSandbox, startGitHub } from '../test/sandbox/github.ts'
import type { Usage } from './process-usage.ts'

/** What the main step took, and its outputs. */
export interface Run extends Usage {
  readonly outputs: Readonly<Record<string, string>>
}

/** The bundled action, run as a runner runs it, with its snapshot kept on the box. */
export class Bundle implements AsyncDisposable {
  readonly #github: GitHubSandbox
  readonly #runner: Runner
  readonly #usage = temporaryFolder('bench')

  static async start(): Promise<Bundle> {
    return new Bundle(await startGitHub({ token: 'ghs_token' }))
  }

  private constructor(github: GitHubSandbox) {
    this.#github = github
    this.#runner = new Runner(github)
  }

  /** Where the snapshot is kept. */
  get box(): string {
    return this.#runner.box
  }

  /** Runs it dry, unless the inputs say otherwise. */
  async run(
    endpoint: string,
    nodeUrl: string,
    inputs: Readonly<Record<string, string>> = { 'dry-run': 'true' },
  ): Promise<Run> {
    mkdirSync(this.#usage, { recursive: true })
    const usage = new URL('process-usage.ts', import.meta.url)
    const log: string[] = []
    const job = {
      event: 'schedule',
      inputs: {
        endpoint,
        buckets: 'main=token',
        'node-url': nodeUrl,
        'snapshot-dir': this.box,
        issue: 'false',
        ...inputs,
      },
      env: { BENCH_USAGE: this.#usage, NODE_OPTIONS: `--import=${usage.href}` },
    } as const
    const { succeeded, outputs } = await this.#runner.run(job, (line) => log.push(line))
    if (!succeeded) throw new Error(log.join('\n'))
    return { ...(JSON.parse(readFileSync(join(this.#usage, 'main'), 'utf8')) as Usage), outputs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#github[Symbol.asyncDispose]()
  }
}
