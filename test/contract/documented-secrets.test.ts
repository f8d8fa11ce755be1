import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempDisposableSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { debian } from '../peers/debian.ts'
import { type Answer, json, type RecordedRequest, SandboxServer } from '../sandbox/server.ts'
import { read, shownIn } from '../unit/docs/pages.ts'

const execute = promisify(execFile)
const page = 'docs/from-the-scripts.md'
const { code } = shownIn(page)
const packages = await debian('gh')

/** What a secret's encryption adds: a key and a code. Source: https://doc.libsodium.org/public-key_cryptography/sealed_boxes */
const sealBytes = 48

/** Keeps the secrets of one repository, as they come. Source: https://docs.github.com/rest/actions/secrets */
class Secrets extends SandboxServer {
  readonly #key = generateKeyPairSync('x25519')
    .publicKey.export({ format: 'der', type: 'spki' })
    .subarray(-32)
  readonly #kept = new Map<string, string>()

  /** How long each secret is, by its name. */
  get lengths(): ReadonlyMap<string, number> {
    const plain = ([name, sealed]: [string, string]) =>
      [name, Buffer.from(sealed, 'base64').length - sealBytes] as const
    return new Map([...this.#kept].map(plain))
  }

  protected override answer({ method, path, headers, body }: RecordedRequest): Answer {
    const [, name = ''] = /^\/repos\/YOU\/REPOSITORY\/actions\/secrets\/([\w-]+)$/.exec(path) ?? []
    if (headers.host !== 'api.github.localhost' || headers.authorization !== 'token owner' || name === '')
      return json(404, { message: 'Not Found' })
    if (name === 'public-key') return json(200, { key_id: '1', key: this.#key.toString('base64') })
    if (method === 'DELETE') return { status: this.#kept.delete(name) ? 204 : 404 }
    const { key_id, encrypted_value } = JSON.parse(body) as Record<'key_id' | 'encrypted_value', string>
    // So GitHub refuses names: https://docs.github.com/actions/reference/security/secrets#naming-your-secrets
    if (method !== 'PUT' || key_id !== '1' || !/^(?!GITHUB_)[a-z_]\w*$/i.test(name))
      return json(422, { message: 'Validation Failed' })
    this.#kept.set(name, encrypted_value)
    return json(201, {})
  }
}

/** Runs words of the shell in a folder, where GitHub is a server of the sandbox: gh asks one host alone without TLS. */
async function run(command: string, folder: string, github: Secrets): Promise<void> {
  const env = {
    PATH: [join(packages ?? '', 'usr/bin'), process.env['PATH']].join(delimiter),
    HOME: folder,
    GH_HOST: 'github.localhost',
    GH_TOKEN: 'owner',
    HTTP_PROXY: github.origin,
  }
  await execute('sh', ['-c', command], { cwd: folder, env })
}

describe.skipIf(packages === undefined)(`the commands of ${page} for secrets`, () => {
  test('make a secret of each variable of .env, by the same name, and tell nobody what it is', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'scripts-'))
    await using github = await new Secrets().listen()
    const workflow = read('examples/eleven-buckets.yml')
    const names = [...workflow.matchAll(/secrets\.(\w+)/g)].map(([, name = '']) => name)
    // Each is of a length of its own, so that it is known which one has come.
    const values = new Map(
      [...names, 'LOG_FILEPATH'].map((name, index) => [
        name,
        'Zm9vOmJhcjpiYXo='.padStart(20 + index, 'QUJD'),
      ]),
    )
    // All of them can be read by the scripts.
    const forms = [
      (name: string, value: string) => `${name}=${value}`,
      (name: string, value: string) => `${name}="${value}"`,
      (name: string, value: string) => `export ${name}='${value}' # of a bucket`,
      (name: string, value: string) => `# a comment\n\n${name} = ${value}\r`,
    ]
    const lines = [...values].map(([name, value], index) => forms[index % forms.length]?.(name, value))
    await writeFile(join(folder.path, '.env'), lines.join('\n'))

    await run(code('gh secret set'), folder.path, github)
    const lengths = new Map([...values].map(([name, value]) => [name, value.length]))
    expect(github.lengths).toEqual(lengths)
    const sent = JSON.stringify(github.requests)
    for (const value of values.values()) expect(sent).not.toContain(value)

    await run(code('gh secret delete'), folder.path, github)
    expect([...github.lengths.keys()].toSorted()).toEqual(names.toSorted())
  })
})
