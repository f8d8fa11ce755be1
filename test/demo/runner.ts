import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { GitHubSandbox } from '../sandbox/github.ts'
import { JobLog } from './job-log.ts'
import { temporaryFolder } from './temporary-folder.ts'

const project = fileURLToPath(new URL('../../', import.meta.url))

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly runs: { readonly main: string; readonly post: string }
}

export interface JobResult {
  /** Whether the main step and the post step ended with exit code 0. */
  readonly succeeded: boolean
  readonly outputs: Readonly<Record<string, string>>
  /** The job summary, as Markdown. */
  readonly summary: string
  readonly seconds: number
}

/** A self-hosted runner: starts the bundled action as GitHub's does, with a new workspace for each job. */
export class Runner {
  readonly #action = parse(readFileSync(join(project, 'action.yml'), 'utf8')) as Action
  readonly #folder = temporaryFolder('demo-runner')
  readonly #github: GitHubSandbox
  #jobs = 0

  constructor(github: GitHubSandbox) {
    this.#github = github
  }

  /** A folder on the box that outlives the jobs. */
  get box(): string {
    return join(this.#folder, 'box')
  }

  /** Runs the action's main and post steps, and shows their log line by line. */
  async run(
    job: {
      readonly event: 'schedule' | 'workflow_dispatch'
      readonly inputs: Readonly<Record<string, string>>
      /** What else the steps find in their environment. */
      readonly env?: Readonly<Record<string, string>>
      /** Once aborted, the main step is sent SIGTERM. */
      readonly cancel?: AbortSignal
    },
    show: (line: string) => void,
  ): Promise<JobResult> {
    const started = Date.now()
    const folder = join(this.#folder, `job-${++this.#jobs}`)
    const file = (name: string) => join(folder, name)
    for (const name of ['workspace', 'temp']) mkdirSync(file(name), { recursive: true })
    for (const name of ['output', 'state', 'summary', 'env', 'path']) writeFileSync(file(name), '')
    const env = { ...this.#jobEnvironment(job.event, file), ...this.#inputs(job.inputs), ...job.env }
    const log = new JobLog(show)
    const { main, post } = this.#action.runs
    const mainCode = await step(main, env, file('workspace'), log, job.cancel)
    const state = Object.entries(readCommands(file('state'))).map(([name, value]) => [`STATE_${name}`, value])
    const postCode = await step(post, { ...env, ...Object.fromEntries(state) }, file('workspace'), log)
    return {
      succeeded: mainCode === 0 && postCode === 0,
      outputs: readCommands(file('output')),
      summary: readFileSync(file('summary'), 'utf8'),
      seconds: (Date.now() - started) / 1000,
    }
  }

  /** What is given, and the defaults of `action.yml` for what is not. */
  #inputs(given: Readonly<Record<string, string>>): Record<string, string> {
    const all = Object.entries(this.#action.inputs).map(([name, input]) => {
      const value = given[name] ?? input.default ?? ''
      const isToken = value === '$'.concat('{{ github.token }}')
      return [`INPUT_${name.toUpperCase()}`, isToken ? this.#github.token : value]
    })
    return Object.fromEntries(all)
  }

  #jobEnvironment(event: string, file: (name: string) => string): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.#folder,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION: 'mirror',
      GITHUB_API_URL: this.#github.url,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: this.#github.repository,
      GITHUB_EVENT_NAME: event,
      GITHUB_RUN_ID: String(this.#jobs),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKSPACE: file('workspace'),
      GITHUB_OUTPUT: file('output'),
      GITHUB_STATE: file('state'),
      GITHUB_STEP_SUMMARY: file('summary'),
      GITHUB_ENV: file('env'),
      GITHUB_PATH: file('path'),
      RUNNER_TEMP: file('temp'),
      RUNNER_NAME: 'demo',
    }
  }
}

async function step(
  script: string,
  env: Readonly<Record<string, string>>,
  cwd: string,
  log: JobLog,
  signal?: AbortSignal,
): Promise<number | null> {
  const child = spawn(process.execPath, [join(project, script)], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  signal?.addEventListener('abort', () => child.kill('SIGTERM'))
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => log.add(line))
  const [code] = await once(child, 'close')
  return code
}

/** Reads a file of `name<<DELIMITER`, value, `DELIMITER`. */
function readCommands(path: string): Record<string, string> {
  const matches = readFileSync(path, 'utf8').matchAll(/^(.+?)<<(.+)\r?\n([\s\S]*?)\r?\n?^\2$/gm)
  return Object.fromEntries([...matches].map(([, name, , value]) => [name, value]))
}
