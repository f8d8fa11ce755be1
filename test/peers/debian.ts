import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempDisposableSync } from 'node:fs'
import { readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withLock } from './lock.ts'

const execute = promisify(execFile)
const peers = fileURLToPath(new URL('../../.peers/', import.meta.url))

/**
 * Gets programs out of packages of Debian (or Ubuntu), with all that they need and the machine has not. Nothing is
 * installed. What is there stays, so that only the first time takes long.
 * @returns a folder with the packages' `usr` and `etc`; `undefined`, and why in a line, where they can't be had
 */
export async function debian(...packages: readonly string[]): Promise<string | undefined> {
  const folder = join(peers, `debian-${packages.join('_')}`)
  try {
    if (!existsSync(folder)) await unpack(packages, folder)
    return folder
  } catch (error) {
    const why = (error as Error).message.trim().split('\n').at(-1)
    console.warn(`Skipping the tests with ${packages.join(', ')} out of Debian's packages: ${why}`)
    return undefined
  }
}

async function unpack(packages: readonly string[], folder: string): Promise<void> {
  if (process.platform !== 'linux') throw new Error('this is no Linux')
  const missing = ['apt-get', 'dpkg-deb', 'tar'].find(
    (program) => spawnSync(program, ['--version']).status !== 0,
  )
  if (missing !== undefined) throw new Error(`there is no ${missing}`)
  mkdirSync(peers, { recursive: true })
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return
    const unfinished = `${folder}.part`
    await rm(unfinished, { recursive: true, force: true })
    using downloads = mkdtempDisposableSync(join(tmpdir(), 'debian-'))
    const archives = await download(packages, downloads.path)
    // Packages may have files in what are links to folders of `usr` now.
    for (const name of ['bin', 'sbin', 'lib']) {
      mkdirSync(join(unfinished, 'usr', name), { recursive: true })
      await symlink(join('usr', name), join(unfinished, name))
    }
    for (const path of archives) await extract(path, unfinished)
    // Renamed at the end, so that what has the name is whole.
    await rename(unfinished, folder)
  })
}

/** Downloads the packages, and those they depend on that are not installed, without touching what apt keeps of the machine. */
async function download(packages: readonly string[], folder: string): Promise<string[]> {
  for (const part of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, part), { recursive: true })
  const settings = join(folder, 'apt.conf')
  await writeFile(settings, aptSettings(folder))
  const apt = (seconds: number, ...args: readonly string[]) =>
    execute('apt-get', ['--config-file', settings, '--quiet', '--yes', ...args], {
      timeout: seconds * 1000,
    }).catch((error: Error & { killed?: boolean }) => {
      throw error.killed === true ? new Error(`apt-get ${args[0]} takes too long`) : error
    })
  // A source that does not answer may be one that is not needed.
  const unheard = await apt(60, 'update').catch((error: Error) => error)
  await apt(300, 'install', '--download-only', ...packages).catch((error: Error) => {
    throw unheard instanceof Error ? unheard : error
  })
  const archives = join(folder, 'archives')
  return (await readdir(archives)).filter((name) => name.endsWith('.deb')).map((name) => join(archives, name))
}

/** In a file of its own, which is read last: only there can hooks be cleared. What says nothing for seconds is given up. */
const aptSettings = (folder: string) => `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "0";
Acquire::http::Timeout "10";
Acquire::https::Timeout "10";
Debug::NoLocking "true";
Dir::Cache "${folder}";
Dir::Cache::archives "archives";
Dir::State::lists "${folder}/lists";
`

async function extract(archive: string, folder: string): Promise<void> {
  const unpacking =
    'dpkg-deb --fsys-tarfile "$0" | tar --extract --keep-directory-symlink --no-same-owner --directory "$1"'
  await execute('bash', ['-o', 'pipefail', '-c', unpacking, archive, folder])
}
