import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { Act, type Outcome } from './act.ts'

const execute = promisify(execFile)
const project = fileURLToPath(new URL('../../', import.meta.url))

/** Stands for GitHub's command line: it writes down what it is asked, and knows no tag yet that could be moved. */
const gh = `#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in *PATCH*) exit 1 ;; esac
`

/** A small project whose `dist/` is what it builds, with this project's release. */
const files = {
  'package.json': JSON.stringify({
    name: 'small',
    version: '1.0.0',
    type: 'module',
    scripts: { build: 'mkdir -p dist/main && cp src/main.js dist/main/index.js' },
  }),
  'package-lock.json': JSON.stringify({
    name: 'small',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'small', version: '1.0.0' } },
  }),
  'CHANGELOG.md': '# Changes\n\n## 1.0.0, 24 Dec 2026\n\n- The first one.\n',
  'action.yml': 'name: small\n',
  'src/main.js': 'export {}\n',
  'dist/main/index.js': 'export {}\n',
  '.ci/run': '#!/bin/sh\nexit 0\n',
}

class Repository implements AsyncDisposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async create(changed: Readonly<Record<string, string>> = {}): Promise<Repository> {
    const folder = await mkdtemp(join(tmpdir(), 'release-'))
    const repository = new Repository(folder)
    for (const [path, text] of Object.entries({ ...files, ...changed }))
      await repository.#write(join('repository', path), text)
    for (const path of ['.github/workflows/release.yml', 'scripts/release.ts']) {
      await mkdir(join(folder, 'repository', dirname(path)), { recursive: true })
      await copyFile(join(project, path), join(folder, 'repository', path))
    }
    await repository.#write('programs/gh', gh)
    await repository.#write('programs/sudo', '#!/bin/sh\nexit 0\n')
    await execute('chmod', ['-R', '+x', join(folder, 'programs'), join(folder, 'repository', '.ci', 'run')])
    await repository.git('init', '--quiet', '--initial-branch=main')
    await repository.git('add', '--all')
    await repository.git('commit', '--quiet', '--message=Ready')
    return repository
  }

  async git(...args: readonly string[]): Promise<string> {
    const author = [
      'user.name=tester',
      'user.email=tester@localhost',
      'commit.gpgsign=false',
      'tag.gpgsign=false',
    ]
    const options = author.flatMap((one) => ['-c', one])
    const { stdout } = await execute('git', [...options, ...args], { cwd: join(this.#folder, 'repository') })
    return stdout.trim()
  }

  /** Runs the release as it is; the actions that it uses do nothing but write down what they are given. */
  async release(): Promise<Outcome> {
    const workflow = await readFile(join(project, '.github/workflows/release.yml'), 'utf8')
    const used = new Set([...workflow.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action))
    const stand = []
    for (const action of used) {
      if (action.startsWith('actions/checkout@')) continue
      const folder = join('actions', action.replaceAll(/[^\w-]/g, '-'))
      await this.#write(join(folder, 'action.yml'), standIn(action))
      stand.push(`--local-repository=${action}=${join(this.#folder, folder)}`)
    }
    const args = [
      'workflow_dispatch',
      '--workflows=.github/workflows/release.yml',
      '--json',
      '--platform=ubuntu-latest=-self-hosted',
      '--pull=false',
      '--container-daemon-socket=-',
      '--secret=GITHUB_TOKEN=ghs_ofTheRun',
      '--cache-server-addr=127.0.0.1',
      '--artifact-server-addr=127.0.0.1',
      `--action-cache-path=${join(this.#folder, 'work')}`,
      `--env=CALLS=${join(this.#folder, 'calls')}`,
      '--env=GITHUB_REPOSITORY=owner/small',
      ...stand,
    ]
    const programs = join(this.#folder, 'programs')
    return new Act(join(this.#folder, 'repository'), this.#folder, args, programs).outcome
  }

  /** What GitHub was asked, a line each. */
  async calls(): Promise<string[]> {
    const text = await readFile(join(this.#folder, 'calls'), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(join(this.#folder, dirname(path)), { recursive: true })
    await writeFile(join(this.#folder, path), text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

const standIn = (action: string) => `name: Does nothing
inputs: { subject-path: { default: '' } }
runs:
  using: composite
  steps:
    - shell: sh
      env:
        SUBJECTS: \${{ inputs.subject-path }}
      run: echo '${action.split('@')[0]}' $SUBJECTS >> "$CALLS"
`

describe.skipIf(!havePeers('act'))('a release, under act, up to what GitHub would be asked', () => {
  test('tags the version with its notes, moves the major version, and attests what was built', async () => {
    await using repository = await Repository.create()
    const sha = await repository.git('rev-parse', 'HEAD')
    const ran = await repository.release()
    expect(ran.succeeded, ran.log).toBe(true)
    expect(ran.summary).toContain('- The first one.')
    expect((await repository.calls()).filter((line) => !line.includes('actions/setup-'))).toEqual([
      'actions/attest-build-provenance action.yml dist/main/index.js',
      expect.stringMatching(
        new RegExp(`^release create v1\\.0\\.0 --target ${sha} --title v1\\.0\\.0 --notes-file `),
      ),
      `api --method PATCH repos/owner/small/git/refs/tags/v1 -f sha=${sha} -F force=true`,
      `api --method POST repos/owner/small/git/refs -f ref=refs/tags/v1 -f sha=${sha}`,
    ])
  })

  test.each([
    ['a version that is published', {}, 'v1.0.0'],
    [
      'a version without notes',
      { 'CHANGELOG.md': '# Changes\n\n## Unreleased\n\n- Something.\n' },
      undefined,
    ],
    ['a dist that the source does not build', { 'dist/main/index.js': 'export default 1\n' }, undefined],
    ['what does not pass its checks', { '.ci/run': '#!/bin/sh\nexit 1\n' }, undefined],
  ])('%s is refused before anything is published', async (_, changed, tag) => {
    await using repository = await Repository.create(changed as Record<string, string>)
    if (tag !== undefined) await repository.git('tag', tag)
    const ran = await repository.release()
    expect(ran.succeeded).toBe(false)
    expect((await repository.calls()).filter((line) => !line.includes('actions/setup-'))).toEqual([])
  })
})
