import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { BucketReport } from '../../src/report/report.ts'
import { peerBinary } from '../peers/build.ts'
import { endWithThisProcess } from '../peers/daemon.ts'
import type { WrittenReport } from '../scenarios/written-report.ts'

const execute = promisify(execFile)
const tools = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url))

export interface Outcome {
  readonly succeeded: boolean
  /** What the steps and the runner logged, with secrets masked as a reader sees them. */
  readonly log: string
  /** The annotations, each as `warning: …` or `error: …`. */
  readonly annotations: readonly string[]
  /** The job summary, as Markdown. */
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
  /** `undefined` where the action left none, since it was killed. */
  readonly report: WrittenReport | undefined
  /** How the post step ended; `undefined` where it did not run. */
  readonly post: 'success' | 'failure' | undefined
}

/** The report of a run; throws with its log where it left none. */
export function reportOf({ report, log }: Outcome): WrittenReport {
  if (report === undefined) throw new Error(`the run left no report:\n${log}`)
  return report
}

/** How a run listed the only bucket. */
export function listingOf(outcome: Outcome): BucketReport['listing'] {
  const [bucket] = reportOf(outcome).buckets
  if (bucket === undefined) throw new Error(`the run listed no bucket:\n${outcome.log}`)
  return bucket.listing
}

/** Said at each step, since the repository has neither a commit nor a remote. */
const noise = /^unable to get git (?:ref|revision): /

/** A line of act's log. */
interface LogEntry {
  readonly msg: string
  /** The values of a job of several. */
  readonly matrix?: Readonly<Record<string, string>>
  readonly level?: string
  readonly raw_output?: true
  readonly stepID?: readonly string[]
  readonly stage?: 'Pre' | 'Main' | 'Post'
  readonly stepResult?: 'success' | 'failure'
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly content?: string
}

/** One run of the workflow. */
export class Act {
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #entries: LogEntry[] = []
  readonly outcome: Promise<Outcome>

  /** @param programs a folder whose programs are found before the machine's */
  constructor(repository: string, reports: string, args: readonly string[], programs = tools) {
    this.#folder = join(repository, '..')
    this.#child = spawn(peerBinary('act'), args, {
      cwd: repository,
      // Nothing of this machine's reaches the workflow but the way to Node 24 and to the usual commands.
      env: { PATH: [programs, tools, process.env['PATH']].join(delimiter), HOME: this.#folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    endWithThisProcess(this.#child)
    const read = (line: string) => {
      this.#entries.push(line.startsWith('{') ? (JSON.parse(line) as LogEntry) : { msg: line })
    }
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null) createInterface(stream).on('line', read)
    this.outcome = once(this.#child, 'close').then(() => this.#conclude(reports))
  }

  /** Waits until the condition holds; throws with the log where the run ends first. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      if (this.#ended) throw new Error(`the run ended too early:\n${(await this.outcome).log}`)
      await sleep(20)
    }
  }

  /** The log so far. */
  get log(): string {
    return this.#entries
      .filter(({ msg }) => !noise.test(msg))
      .map(({ msg, matrix }) => [...Object.values(matrix ?? {}).slice(0, 1), msg.trimEnd()].join(' | '))
      .join('\n')
  }

  /**
   * Cancels the run as GitHub's runner does: SIGINT to the action, 7.5 s later SIGTERM, 2.5 s later its end. (On a
   * SIGINT of its own, act kills the step at once.)
   */
  async cancel(): Promise<void> {
    const started = Date.now()
    await this.#signal('SIGINT')
    for (const [after, signal] of [
      [7_500, 'SIGTERM'],
      [10_000, 'SIGKILL'],
    ] as const) {
      while (!this.#mainEnded && Date.now() - started < after) await sleep(20)
      if (!this.#mainEnded) await this.#signal(signal)
    }
    await this.until(() => this.#mainEnded)
  }

  /** Kills the action's main process; the runner goes on with the steps that always run. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL')
  }

  /** Kills the action and the runner, as a power cut does. */
  async crash(): Promise<void> {
    if (this.#ended) return
    for (const pid of await this.#processes()) killIfThere(pid, 'SIGKILL')
    this.#child.kill('SIGKILL')
    await this.outcome
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  get #mainEnded(): boolean {
    return this.#entries.some((entry) => ofAction(entry, 'Main') && entry.stepResult !== undefined)
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const [pid] = await this.#processes()
    if (pid === undefined) throw new Error(`the action does not run:\n${this.log}`)
    killIfThere(pid, signal)
  }

  /** The processes of the action in this run. */
  async #processes(): Promise<number[]> {
    const { stdout } = await execute('ps', ['-A', '-o', 'pid=,args='], { maxBuffer: 16 * 1024 * 1024 })
    return stdout
      .split('\n')
      .filter((line) => line.includes(join(this.#folder, 'work')) && line.includes('/hostexecutor/dist/'))
      .map((line) => Number.parseInt(line, 10))
  }

  async #conclude(reports: string): Promise<Outcome> {
    const commands = (name: string) => this.#entries.filter(({ command }) => command === name)
    const outputs = commands('set-output').filter((entry) => ofAction(entry, 'Main'))
    const broken = this.#entries.filter(
      ({ stepResult, level }) => stepResult === 'failure' || level === 'error',
    )
    return {
      succeeded: this.#child.exitCode === 0,
      // What broke is said last: it is what is read first of a long message.
      log: [this.log, ...broken.map(({ msg }) => msg.trim())].join('\n'),
      annotations: this.#entries
        .filter(({ command }) => command === 'warning' || command === 'error')
        .map(({ command, arg }) => `${command}: ${arg}`),
      summary: commands('summary')
        .map(({ content }) => content)
        .join('\n'),
      outputs: Object.fromEntries(outputs.map(({ name, arg }) => [name, arg ?? ''])),
      report: await readReport(join(reports, 'report.json')),
      post: this.#entries.find((entry) => ofAction(entry, 'Post') && entry.stepResult !== undefined)
        ?.stepResult,
    }
  }
}

const ofAction = (entry: LogEntry, stage: 'Main' | 'Post') =>
  entry.stage === stage && entry.stepID?.[0] === 'mirror'

async function readReport(path: string): Promise<WrittenReport | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as WrittenReport
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
