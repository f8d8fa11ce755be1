import type { DatabaseSync } from 'node:sqlite'
import { atOnce } from '../../../src/domain/long-work.ts'
import { Snapshot } from '../../../src/snapshot/snapshot.ts'
import { openFile } from '../../../src/snapshot-file/locked-file.ts'
import * as file from '../../../src/snapshot-file/open.ts'

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
  return new SnapshotUnderTest(atOnce(openFile(path, mirror, warn)))
}

/** The same of a snapshot as the product has it. */
export function openSnapshot(path: string, mirror: string, warn: (message: string) => void): Snapshot {
  return atOnce(file.openSnapshot(path, mirror, warn))
}
