import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'

const execute = promisify(execFile)
const suite = 'node_modules/@ipfs-shipyard/pinning-service-compliance'
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Installs the suite beside this file where it is not yet: some 100 MB, half a minute. Throws where it can't be had. */
export async function installSuite(): Promise<void> {
  if ((await installed()) === (await wanted())) return
  console.info('Installing the compliance suite of the Pinning Service API, once')
  // Its dependencies' scripts download programs that it can do without.
  await execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here('.') })
}

/** Runs all checks against a service that has no pins, one request a second: 45 s. Gives what it prints. */
export async function runSuite(endpoint: string, token: string): Promise<string> {
  const program = here(`./${suite}/dist/src/index.js`)
  const args = ['--import', here('./at-hand.ts'), program, '--serviceAndToken', endpoint, token]
  const { stdout, stderr } = await execute(process.execPath, args)
  return stripVTControlCharacters(stdout + stderr)
}

async function wanted(): Promise<string> {
  return versionIn(await readFile(here('./package-lock.json'), 'utf8'))
}

/** npm writes this file at the end of an installation. */
async function installed(): Promise<string | undefined> {
  try {
    return versionIn(await readFile(here('./node_modules/.package-lock.json'), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function versionIn(lock: string): string {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string } | undefined> }
  const version = packages[suite]?.version
  if (version === undefined) throw new Error(`the lock file in ${here('.')} does not name the suite`)
  return version
}
