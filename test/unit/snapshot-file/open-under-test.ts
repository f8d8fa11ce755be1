import type { DatabaseSync } from 'node:sqlite'
import { Snapshot } from '../../../src/snapshot/snapshot.ts'
import { openFile } from '../../../src/snapshot-file/locked-file.ts'

/** A snapshot of which a test sees the database, which no other part of the product does. */
export class SnapshotUnderTest extends Snapshot {
  readonly db: DatabaseSync

  constructor(db: DatabaseSync) {
    super(db)
    this.db = db
  }
}

/** Opens it as a run does. */
export function openUnderTest(path: string, mirror: string, warn: (message: string) => void) {
  return new SnapshotUnderTest(openFile(path, mirror, warn))
}
