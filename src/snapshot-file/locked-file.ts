import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { LongWork } from '../domain/long-work.ts'
import { SnapshotBusyError, SnapshotError, SnapshotUnusableError } from '../errors.ts'
import { Facts } from '../snapshot/facts.ts'
import { applicationId, migrate } from '../snapshot/migrations.ts'
import { faultIn } from '../snapshot/sqlite-errors.ts'
import { transaction } from '../snapshot/transaction.ts'
import { putAside } from './aside.ts'
import { harden, isEmpty, makeUsable } from './fault.ts'
import { makeFile, makeFolder } from './folder.ts'
import { pageSize } from './schema-pages.ts'
import { largest, strangenessOf } from './whose.ts'

/**
 * Opens a mirror's file and locks it, or makes it; see `openSnapshot`. It does not count as a run. For this folder only.
 */
export function* openFile(
  path: string,
  mirror: string,
  warn: (message: string) => void,
): LongWork<DatabaseSync> {
  try {
    makeFolder(dirname(path))
    return yield* openUsable(path, mirror, warn)
  } catch (error) {
    if (error instanceof SnapshotError) throw error
    throw new SnapshotUnusableError(path, error)
  }
}

function* openUsable(path: string, mirror: string, warn: (message: string) => void): LongWork<DatabaseSync> {
  const found = strangenessOf(path) ?? (yield* openFound(path, mirror))
  if (typeof found !== 'string') {
    if (isEmpty(found)) create(found, mirror)
    return found
  }
  const aside = putAside(path)
  warn(`the snapshot ${path} is not used, as ${found}. It is kept as ${aside}; the run goes on without it`)
  makeFile(path)
  const db = yield* openLocked(path)
  create(db, mirror)
  return db
}

/** The file that is there, or an empty one; or why it cannot be used. */
function* openFound(path: string, mirror: string): LongWork<DatabaseSync | string> {
  makeFile(path)
  let db: DatabaseSync
  try {
    db = yield* openLocked(path)
  } catch (error) {
    if (error instanceof SnapshotBusyError || faultIn(error) === 'resources') throw error
    return `it cannot be read as a snapshot (${(error as Error).message})`
  }
  let isUsable = false
  try {
    const fault = yield* makeUsable(db, mirror)
    isUsable = fault === undefined
    return fault ?? db
  } finally {
    if (!isUsable) db.close()
  }
}

/**
 * Opens a file and locks it, so that only one of several processes gets it. Two that try at the same moment may both
 * fail. So each tries again, after pauses of random length, before it takes the file for held.
 */
function* openLocked(path: string): LongWork<DatabaseSync> {
  for (let tries = 20; ; tries--) {
    try {
      return openLockedAtOnce(path)
    } catch (error) {
      if (tries === 1 || !(error instanceof SnapshotBusyError)) throw error
      pause(10 + Math.random() * 40)
      yield
    }
  }
}

/** Blocks the process: SQLite is asked synchronously. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function openLockedAtOnce(path: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    harden(db)
    // In the file itself before there is a journal that may hold it, and by no journal that a kill would leave.
    if (isEmpty(db))
      db.exec(
        `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA application_id = ${applicationId}`,
      )
    // The lock ends with the process, however that ends. What is committed is with the system, and outlives a kill.
    // With NORMAL, a power cut may cost the last transactions, but never the file: what they held is listed or tried
    // again. What might be paid for twice is written durably (`durably.ts`).
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA max_page_count = ${largest / pageSize}; BEGIN IMMEDIATE; COMMIT`)
    return db
  } catch (error) {
    db?.close()
    throw faultIn(error) === 'busy' ? new SnapshotBusyError(path, error) : error
  }
}

function create(db: DatabaseSync, mirror: string): void {
  // In one transaction: a file with tables but no mirror would look like another mirror's.
  transaction(db, () => {
    migrate(db)
    new Facts(db).set('mirror', mirror)
  })
}
