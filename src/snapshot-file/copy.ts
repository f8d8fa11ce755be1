import { lstatSync, rmSync } from 'node:fs'
import { companions, foreignJournal } from './whose.ts'

const beside = [...companions, foreignJournal]

/**
 * Removes the copy that goes to or comes from the cache. A process that was killed while it wrote there has left a
 * journal, which SQLite would take for the journal of the next copy and so spoil that.
 */
export function removeCopy(path: string): void {
  for (const suffix of ['', ...beside]) rmSync(path + suffix, { recursive: true, force: true })
}

/**
 * Removes what an archive of the cache may have put beside its copy, which is one file by itself.
 * @returns whether the copy is there, whatever it is
 */
export function isCopyAlone(path: string): boolean {
  for (const suffix of beside) rmSync(path + suffix, { recursive: true, force: true })
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
