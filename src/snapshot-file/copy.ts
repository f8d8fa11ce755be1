import { rmSync } from 'node:fs'

/**
 * Removes the copy that goes to or comes from the cache. A process that is killed while it writes there leaves a
 * journal, which SQLite would take for that of the next copy, and spoil it.
 */
export function removeCopy(path: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm'])
    rmSync(path + suffix, { recursive: true, force: true })
}
