import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Installs what a folder's lock file names, where it is not yet: what only a test needs, and is too large for
 * everybody. Throws where it can't be had.
 * @param folder with a `package.json` and its lock
 * @param name of its package, by which it is told whether it is installed
 */
export async function installFolder(folder: URL, name: string): Promise<void> {
  const path = fileURLToPath(folder)
  const wanted = versionIn(await readFile(`${path}package-lock.json`, 'utf8'), name)
  if (wanted === undefined) throw new Error(`the lock file in ${path} does not name ${name}`)
  if ((await installed(path, name)) === wanted) return
  console.info(`Installing ${name}, once`)
  // Scripts of such packages download programs that the tests can do without.
  await execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: path })
}

/** npm writes this file at the end of an installation. */
async function installed(path: string, name: string): Promise<string | undefined> {
  try {
    return versionIn(await readFile(`${path}node_modules/.package-lock.json`, 'utf8'), name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function versionIn(lock: string, name: string): string | undefined {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string } | undefined> }
  return packages[`node_modules/${name}`]?.version
}
