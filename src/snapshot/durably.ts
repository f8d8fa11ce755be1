import type { DatabaseSync } from 'node:sqlite'

/** Outlives a power cut too, at the cost of waiting for the disk (some ms). Not within a transaction. */
export function durably(db: DatabaseSync, work: () => void): void {
  const before = db.prepare('PRAGMA synchronous').get()?.['synchronous'] as number
  db.exec('PRAGMA synchronous = FULL')
  try {
    work()
  } finally {
    db.exec(`PRAGMA synchronous = ${before}`)
  }
}
