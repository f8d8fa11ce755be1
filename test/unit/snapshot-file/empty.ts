import { DatabaseSync } from 'node:sqlite'
import { migrate } from '../../../src/snapshot/migrations.ts'

/** A snapshot that holds nothing yet, in memory. */
export function emptySnapshot(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  return db
}
