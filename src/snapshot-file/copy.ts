import { rmSync } from 'node:fs'

/**
 * Removes the copy that goes to or comes from the cache. A process that was killed while it wrote there has left a
 * journal, which SQLite would take for the journal of the next copy and so spoil that.
 */
export function removeCopy(path: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm'])
    rmSync(path + suffix, { recursive: true, force: true })
}
