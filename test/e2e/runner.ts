import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { Act, type Outcome } from './act.ts'

const execute = promisify(execFile)
const project = fileURLToPath(new URL('../../', import.meta.url))

interface GitHub {
  readonly apiUrl: string
  readonly token: string
  /** `owner/name` */
  readonly repository: string
}

interface WorkflowRun {
  readonly event: 'schedule' | 'workflow_dispatch'
  /** The action's inputs. */
  readonly inputs: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

/**
 * A self-hosted runner with a repository whose workflow uses the bundled action: act in host mode. The workspace is
 * new in each run, and the Actions cache is kept between them.
 */
export class Runner implements AsyncDisposable {
  readonly #folder: string
  readonly #github: GitHub
  readonly #acts = new Set<Act>()
  #runs = 0

  private constructor(folder: string, github: GitHub) {
    this.#folder = folder
    this.#github = github
  }

  static async create(github: GitHub): Promise<Runner> {
    const folder = await mkdtemp(join(tmpdir(), 'runner-'))
    const repository = join(folder, 'repository')
    for (const part of ['action.yml', 'package.json', 'dist'])
      await cp(join(project, part), join(repository, part), { recursive: true })
    await execute('git', ['init', '--quiet', '--initial-branch=main'], { cwd: repository })
    const author = [
      '-c',
      'user.name=tester',
      '-c',
      'user.email=tester@localhost',
      '-c',
      'commit.gpgsign=false',
    ]
    await execute('git', ['add', '--all'], { cwd: repository })
    await execute('git', [...author, 'commit', '--quiet', '--message=The action'], { cwd: repository })
    return new Runner(folder, github)
  }

  /** Runs the workflow to its end. */
  async run(wanted: WorkflowRun): Promise<Outcome> {
    return (await this.start(wanted)).outcome
  }

  /** Starts a run of the workflow. */
  async start({ event, inputs, env = {} }: WorkflowRun): Promise<Act> {
    const id = ++this.#runs
    // act knows the age of its cache entries to the second only: two of one second may come back in any order.
    await sleep(1_000 - (Date.now() % 1_000))
    const repository = join(this.#folder, 'repository')
    const reports = join(this.#folder, 'reports', String(id))
    await mkdir(reports, { recursive: true })
    await mkdir(join(repository, '.github', 'workflows'), { recursive: true })
    await writeFile(join(repository, '.github', 'workflows', 'mirror.yml'), workflow(inputs))
    const variables = {
      GITHUB_API_URL: this.#github.apiUrl,
      GITHUB_REPOSITORY: this.#github.repository,
      GITHUB_RUN_ID: String(id),
      REPORTS: reports,
      ...env,
    }
    const act = new Act(repository, reports, [
      event,
      '--json',
      '--platform=self-hosted=-self-hosted',
      '--pull=false',
      '--container-daemon-socket=-',
      `--secret=GITHUB_TOKEN=${this.#github.token}`,
      `--cache-server-path=${join(this.#folder, 'cache')}`,
      '--cache-server-addr=127.0.0.1',
      '--artifact-server-addr=127.0.0.1',
      `--action-cache-path=${join(this.#folder, 'work')}`,
      ...Object.entries(variables).map(([name, value]) => `--env=${name}=${value}`),
    ])
    this.#acts.add(act)
    return act
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const act of this.#acts) await act.crash()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The report is copied by a later step, since act clears the runner's temporary folder. */
function workflow(inputs: Readonly<Record<string, string>>): string {
  return stringify({
    name: 'mirror',
    on: ['schedule', 'workflow_dispatch'],
    jobs: {
      mirror: {
        'runs-on': 'self-hosted',
        steps: [
          { uses: 'actions/checkout@v5' },
          { id: 'mirror', uses: './', with: inputs },
          {
            if: 'always()',
            run: 'cp "$RUNNER_TEMP/ipfs-pin-mirror/mirror/report.json" "$REPORTS" || echo "there is no report"',
          },
        ],
      },
    },
  })
}
