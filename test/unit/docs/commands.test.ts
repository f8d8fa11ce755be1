import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocks, codeSpans, files, project, read } from './pages.ts'

const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
const shell = blocks('sh').map((block) => [`${block.page}:${block.line}`, block.text] as const)
const spans = files('.md').flatMap(codeSpans)
/** Commands of this repository, in blocks and within lines. */
const own = [...shell.flatMap(([, text]) => text.split(/\n|&&/)), ...spans]
  .map((command) => command.trim())
  .filter((command) => /^(npm|npx|\.ci\/|test\/|scripts\/)/.test(command))

/** The program of each command, behind those that only say who runs it. */
const programs = (text: string) =>
  text
    .replaceAll(/'[^']*'/g, "''")
    .split(/\n|&&/)
    .map((line) =>
      line
        .trim()
        .replace(/^sudo (-\w+ \w+)?/, '')
        .trim(),
    )
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ')[0])

/**
 * In `test/contract`, Kubo's own are run by `documented-commands.test.ts`, IPFS Cluster's by `documented-cluster.test.ts`,
 * the system's by `documented-box.test.ts`, Docker's by `documented-docker-engine.test.ts` (and read by its client in
 * `documented-docker.test.ts`), and those that make secrets by `documented-secrets.test.ts`. What is left needs GitHub.
 */
const known = [
  'npm',
  'npx',
  'ipfs',
  'docker',
  'curl',
  'useradd',
  'env',
  'sh',
  'install',
  './svc.sh',
  'gh',
  'ipfs-cluster-service',
  'export',
  'openssl',
]

test.each(shell)(
  'the commands at %s can be read by a shell, and are of a program that is known',
  (_, text) => {
    execFileSync('bash', ['-n'], { input: text })
    expect(known).toEqual(expect.arrayContaining(programs(text)))
  },
)

test('the authorisation for the node allows what the table of SECURITY.md has, but what is worth much to others', () => {
  const table = [...read('SECURITY.md').matchAll(/^\| .+ \| ((?:`[a-z/]+`(?:, )?)+) \|$/gm)]
    .flatMap(([, paths = '']) => paths.replaceAll('`', '').split(', '))
    .filter((path) => path !== 'config' && path !== 'dag/import')
  const [, value = ''] = /API\.Authorizations '([^']+)'/.exec(read('docs/runner.md')) ?? []
  const shown = JSON.parse(value) as Record<string, { AllowedPaths: readonly string[] }>
  expect(shown['me']?.AllowedPaths).toEqual(['/api/v0'])
  const allowed = shown['ipfs-pin-mirror']?.AllowedPaths.map((path) => path.replace('/api/v0/', ''))
  expect(allowed?.toSorted()).toEqual([...new Set(table)].toSorted())
})

test('there is a command for each npm script that a page names', () => {
  const named = own.flatMap((command) => /^npm run ([\w:-]+)/.exec(command)?.[1] ?? [])
  expect(named.length).toBeGreaterThan(3)
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
})

test('files and folders that a command names are there', () => {
  const paths = own
    .flatMap((command) => command.split(' '))
    .filter((word) => /^(\.ci|test|scripts|src|bench)\//.test(word) && !/[*{…]/.test(word))
  expect(paths.length).toBeGreaterThan(1)
  expect(paths.filter((path) => !existsSync(join(project, path)))).toEqual([])
})

/** Shell that runs on the machines of those who change the project, a Mac among them. */
const portable = files('').filter(
  (path) => path === '.ci/run' || (path.startsWith('scripts/') && /^#!.*sh\n/.test(read(path))),
)
const gnuOnly =
  /\b(sed -i(?! ')|sed -r|grep -[a-zA-Z]*P|readlink -f|stat -c|date -d|xargs -r|sort -V|cp --|mktemp --|mapfile|readarray|declare -A|\$\{\w+(,,|\^\^)\})/

test.each(portable)(
  '%s has nothing that only GNU’s commands or a newer bash than macOS has can do',
  (path) => {
    expect(gnuOnly.exec(read(path))?.[0]).toBeUndefined()
  },
)
