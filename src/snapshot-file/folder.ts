import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isTrusted } from './whose.ts'

/** A folder, and a file, that are for their owner only: a snapshot says what is pinned, and is believed. */
const forOwner = { folder: 0o700, file: 0o600 }
const rightsOfOthers = 0o077
const writableByOthers = 0o022
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
  const [own, above] = [statSync(folder), statSync(dirname(folder))]
  const isOpen = ({ mode }: { mode: number }) => (mode & writableByOthers) !== 0
  return !isTrusted(own) || isOpen(own) || (isOpen(above) && (above.mode & sticky) === 0)
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
