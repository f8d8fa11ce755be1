import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isTrusted } from './whose.ts'

/** A folder, and a file, that are for their owner only: a snapshot says what is pinned, and is believed. */
const forOwner = { folder: 0o700, file: 0o600 }
const rightsOfOthers = 0o077
const writableByOthers = 0o022
const writableByAll = 0o002
/** In a folder with this bit, as `/tmp` has it, nobody can rename what belongs to others. */
const sticky = 0o1000

/** Makes a folder for snapshots, for its owner only. In a checkout, Git does not show it. */
export function makeFolder(folder: string): void {
  makeWithParents(folder)
  makeNew(join(folder, '.gitignore'), '*\n')
}

/** Makes the file of a snapshot where there is none, or takes away what others may do with the one that is there. */
export function makeFile(path: string): void {
  if (makeNew(path, '')) return
  const { mode, uid } = lstatSync(path)
  if ((mode & rightsOfOthers) !== 0 && uid === process.geteuid?.()) chmodSync(path, forOwner.file)
}

/** Whether others may put their own in the place of what is in a folder; Windows does not tell. */
export function isOpenToOthers(folder: string): boolean {
  if (process.geteuid === undefined) return false
  const real = realpathSync(folder)
  const own = statSync(real)
  if (!isTrusted(own) || (own.mode & writableByOthers) !== 0) return true
  return above(real).some((one, levels) => {
    const { mode } = statSync(one)
    // Farther up a group is mostly the user's own, as many systems make it.
    return (mode & (levels === 0 ? writableByOthers : writableByAll)) !== 0 && (mode & sticky) === 0
  })
}

/** The folders that a folder is in, from the nearest to the root. */
function above(folder: string): string[] {
  const parent = dirname(folder)
  return parent === folder ? [] : [parent, ...above(parent)]
}

/** `false` where there is something: it stays as it is, and where it is a link, so does what that leads to. */
function makeNew(path: string, text: string): boolean {
  try {
    const file = openSync(path, 'wx', forOwner.file)
    writeFileSync(file, text)
    closeSync(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** One by one: Node's own way to make all of them never comes back below `/proc` (measured, Node 24). */
function makeWithParents(folder: string): void {
  if (existsSync(folder)) return
  makeWithParents(dirname(folder))
  try {
    mkdirSync(folder, { mode: forOwner.folder })
  } catch (error) {
    // Another process may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
