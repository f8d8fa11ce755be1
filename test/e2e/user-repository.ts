import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Act, type Outcome } from './act.ts'

const execute = promisify(execFile)
const project = fileURLToPath(new URL('../../', import.meta.url))

/** Stands for the real one, which has no server to upload to here: it keeps the file under the artifact's name. */
const uploadArtifact = `name: Keeps a file
inputs: { name: { required: true }, path: { required: true } }
runs:
  using: composite
  steps:
    - shell: bash
      env:
        NAME: \${{ inputs.name }}
        FILE: \${{ inputs.path }}
      run: cp "$FILE" "$REPORTS/$NAME.json"
`

interface Servers {
  readonly service: { readonly url: string }
  readonly node: { readonly url: string }
  readonly s3?: { readonly url: string }
  readonly github: { readonly url: string; readonly token: string; readonly repository: string }
}

interface Start {
  readonly event: 'schedule' | 'workflow_dispatch'
  /** What a person fills into the form. */
  readonly form?: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  /** Addresses and folders that a workflow names and that are not here, and what stands for each. */
  readonly here?: Readonly<Record<string, string>>
}

/**
 * A user's repository with a workflow out of `examples/`, as it is, and a runner on the user's box (act in host mode).
 * `OWNER/ipfs-pin-mirror@v1` is this project's bundle; of its inputs, the defaults of `endpoint`, `node-url` and
 * `filebase-s3-endpoint` are the servers' addresses.
 */
export class UserRepository implements AsyncDisposable {
  readonly folder: string
  readonly #github: Servers['github']
  #runs = 0

  private constructor(folder: string, github: Servers['github']) {
    this.folder = folder
    this.#github = github
  }

  static async create({ service, node, github, s3 }: Servers): Promise<UserRepository> {
    const folder = await mkdtemp(join(tmpdir(), 'user-'))
    for (const part of ['package.json', 'dist'])
      await cp(join(project, part), join(folder, 'action', part), { recursive: true })
    const action = await readFile(join(project, 'action.yml'), 'utf8')
    await writeFile(
      join(folder, 'action', 'action.yml'),
      action
        .replace('default: https://api.filebase.io/v1/ipfs', `default: ${service.url}`)
        .replace('default: http://127.0.0.1:5001', `default: ${node.url}`)
        .replace('default: https://s3.filebase.com', `default: ${s3?.url ?? 'https://s3.filebase.com'}`),
    )
    await mkdir(join(folder, 'upload-artifact'))
    await writeFile(join(folder, 'upload-artifact', 'action.yml'), uploadArtifact)
    const repository = join(folder, 'repository')
    await mkdir(join(repository, '.github', 'workflows'), { recursive: true })
    await execute('git', ['init', '--quiet', '--initial-branch=main'], { cwd: repository })
    return new UserRepository(folder, github)
  }

  /** Runs a workflow of `examples/` to its end. */
  async run(example: string, { event, form = {}, secrets, here = {} }: Start): Promise<Outcome> {
    const id = String(++this.#runs)
    // act knows the age of its cache entries to the second only: two of one second may come back in any order.
    await sleep(1_000 - (Date.now() % 1_000))
    const repository = join(this.folder, 'repository')
    const reports = this.reports(id)
    await mkdir(reports, { recursive: true })
    let text = await readFile(join(project, 'examples', example), 'utf8')
    for (const [there, instead] of Object.entries(here)) {
      if (!text.includes(there)) throw new Error(`${example} does not name ${there}`)
      text = text.replaceAll(there, instead)
    }
    // Where it waits for a dry run, it is what the user adds then.
    if (event === 'schedule') text = text.replaceAll(/^ {2}# ( *(?:schedule:|- cron: ).*)$/gm, '  $1')
    const workflow = join(repository, '.github', 'workflows', example)
    await writeFile(workflow, text)
    const variables = {
      GITHUB_API_URL: this.#github.url,
      GITHUB_REPOSITORY: this.#github.repository,
      GITHUB_RUN_ID: id,
      REPORTS: reports,
    }
    const act = new Act(repository, reports, [
      event,
      `--workflows=${workflow}`,
      '--json',
      '--platform=self-hosted=-self-hosted',
      '--pull=false',
      '--container-daemon-socket=-',
      `--local-repository=OWNER/ipfs-pin-mirror@v1=${join(this.folder, 'action')}`,
      `--local-repository=actions/upload-artifact@v6=${join(this.folder, 'upload-artifact')}`,
      `--cache-server-path=${join(this.folder, 'cache')}`,
      '--cache-server-addr=127.0.0.1',
      '--artifact-server-addr=127.0.0.1',
      `--action-cache-path=${join(this.folder, 'work')}`,
      ...pairs('secret', { GITHUB_TOKEN: this.#github.token, ...secrets }),
      ...pairs('input', form),
      ...pairs('env', variables),
    ])
    return act.outcome
  }

  /** Where the artifacts of a run are kept, by its number from 1. */
  reports(run: string): string {
    return join(this.folder, 'reports', run)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

function pairs(option: string, values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${option}=${name}=${value}`)
}
