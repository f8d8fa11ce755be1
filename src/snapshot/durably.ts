import type { DatabaseSync } from 'node:sqlite'

/**
 * What `work` writes outlives even a power cut, since the disk is waited for (some ms). Not for use within a
 * transaction.
 */
export function durably(db: DatabaseSync, work: () => void): void {
  const before = db.prepare('PRAGMA synchronous').get()?.['synchronous'] as number
  db.exec('PRAGMA synchronous = FULL')
  try {
    work()
  } finally {
    db.exec(`PRAGMA synchronous = ${before}`)
  }
}
