import type { DatabaseSync } from 'node:sqlite'
import { asSnapshotError } from './sqlite-errors.ts'

/**
 * Runs `work` as one transaction: all of it is in the file afterwards, or, when it throws, none.
 * @throws SnapshotUnusableError where the disk has no room for it
 */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // On a full disk SQLite has rolled back already. A second time would fail, and hide the reason.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw asSnapshotError(error, db.location() ?? 'the memory')
  }
}
