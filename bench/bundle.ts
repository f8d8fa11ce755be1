import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
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
    const log: string[] = []
    const { succeeded, ...run } = await this.#run({ endpoint, 'node-url': nodeUrl, ...inputs }, (line) =>
      log.push(line),
    )
    if (!succeeded) throw new Error(log.join('\n'))
    return run
  }

  /**
   * Cancels a run some time after a line of its log.
   * @returns how long it took from the cancel to the end of the main step, s
   */
  async cancel(
    inputs: Readonly<Record<string, string>>,
    when: { readonly line: string; readonly laterMs: number },
  ): Promise<number> {
    const cancel = new AbortController()
    let cancelledAt = 0
    const { startedAt, ...run } = await this.#run(
      inputs,
      async (line) => {
        if (!line.includes(when.line)) return
        await sleep(when.laterMs)
        cancelledAt ||= Date.now()
        cancel.abort()
      },
      cancel.signal,
    )
    const { conclusion } = run.outputs
    if (conclusion !== 'cancelled') throw new Error(`the run was ${conclusion} before it could be cancelled`)
    return (startedAt + run.seconds * 1000 - cancelledAt) / 1000
  }

  async #run(
    inputs: Readonly<Record<string, string>>,
    show: (line: string) => void,
    cancel?: AbortSignal,
  ): Promise<Run & { readonly succeeded: boolean }> {
    mkdirSync(this.#usage, { recursive: true })
    const usage = new URL('process-usage.ts', import.meta.url)
    const job = {
      event: 'schedule',
      inputs: { buckets: 'main=token', 'snapshot-dir': this.box, issue: 'false', ...inputs },
      env: { BENCH_USAGE: this.#usage, NODE_OPTIONS: `--import=${usage.href}` },
      ...(cancel && { cancel }),
    } as const
    const { succeeded, outputs } = await this.#runner.run(job, show)
    return { ...(JSON.parse(readFileSync(join(this.#usage, 'main'), 'utf8')) as Usage), succeeded, outputs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#github[Symbol.asyncDispose]()
  }
}
