import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SnapshotBusyError, SnapshotError, SnapshotUnusableError } from '../errors.ts'
import { Facts } from '../snapshot/facts.ts'
import { applicationId, migrate } from '../snapshot/migrations.ts'
import { faultIn } from '../snapshot/sqlite-errors.ts'
import { transaction } from '../snapshot/transaction.ts'
import { putAside } from './aside.ts'
import { harden, isEmpty, makeUsable } from './fault.ts'
import { isOpenToOthers, makeFile, makeFolder } from './folder.ts'
import { strangenessOf } from './whose.ts'

/** The snapshot, open for one run: no other process can open it meanwhile. */
export interface Snapshot extends Disposable {
  readonly db: DatabaseSync
  readonly facts: Facts
  /** The number of this run. */
  readonly run: number
  /** Says that this run changed something worth keeping. */
  markChanged(): void
}

/**
 * Opens a mirror's snapshot, or makes it. A file that is no snapshot, is damaged, belongs to another mirror or has a
 * newer format is put aside with a warning, and a new one made: it is only a cache of what the service has, and of
 * failures that will show again. One of an older format is upgraded.
 * @param mirror see `mirrorId`
 * @throws SnapshotBusyError while another process holds it
 * @throws SnapshotUnusableError where none can be written, as on a full disk: a good one stays where it is
 */
export function openSnapshot(path: string, mirror: string, warn: (message: string) => void): Snapshot {
  const db = openFile(path, mirror, warn)
  try {
    const folder = dirname(path)
    if (isOpenToOthers(folder))
      warn(
        `others than this runner’s user may write to ${folder}, or to the folder above it, and so may plant a snapshot: take that right away (\`chmod go-w\`), or name another folder with \`snapshot-dir\``,
      )
    return new OpenSnapshot(db)
  } catch (error) {
    db.close()
    throw new SnapshotUnusableError(path, error)
  }
}

/** The same without counting it as a run. */
export function openFile(path: string, mirror: string, warn: (message: string) => void): DatabaseSync {
  try {
    makeFolder(dirname(path))
    return openUsable(path, mirror, warn)
  } catch (error) {
    if (error instanceof SnapshotError) throw error
    throw new SnapshotUnusableError(path, error)
  }
}

function openUsable(path: string, mirror: string, warn: (message: string) => void): DatabaseSync {
  const found = strangenessOf(path) ?? openFound(path, mirror)
  if (typeof found !== 'string') {
    if (isEmpty(found)) create(found, mirror)
    return found
  }
  const aside = putAside(path)
  warn(`the snapshot ${path} is not used, as ${found}. It is kept as ${aside}; the run goes on without it`)
  makeFile(path)
  const db = openLocked(path)
  create(db, mirror)
  return db
}

/** The file that is there, or an empty one; or why it cannot be used. */
function openFound(path: string, mirror: string): DatabaseSync | string {
  makeFile(path)
  let db: DatabaseSync
  try {
    db = openLocked(path)
  } catch (error) {
    if (error instanceof SnapshotBusyError || faultIn(error) === 'resources') throw error
    return `it cannot be read as a snapshot (${(error as Error).message})`
  }
  const fault = makeUsable(db, mirror)
  if (fault === undefined) return db
  db.close()
  return fault
}

/**
 * Opens a file and locks it: two processes that open it at once cannot both get it. Each may be in the other's way, so
 * that neither gets it at first: they try again, not in step, before they take it for held.
 */
function openLocked(path: string): DatabaseSync {
  for (let tries = 20; ; tries--) {
    try {
      return openLockedAtOnce(path)
    } catch (error) {
      if (tries === 1 || !(error instanceof SnapshotBusyError)) throw error
      pause(10 + Math.random() * 40)
    }
  }
}

/** SQLite is asked synchronously, so it is waited for in the same way. */
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
    // The lock goes with the process, however it ends. What is committed is the system's, and outlives a kill. A power
    // cut may cost the last transactions under NORMAL, never the file: what they held is listed or tried again. What
    // would be paid for again is written durably.
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             BEGIN IMMEDIATE; COMMIT`)
    return db
  } catch (error) {
    db?.close()
    throw faultIn(error) === 'busy' ? new SnapshotBusyError(path, error) : error
  }
}

function create(db: DatabaseSync, mirror: string): void {
  // All at once: a file with tables and no mirror would look like another's.
  transaction(db, () => {
    migrate(db)
    new Facts(db).set('mirror', mirror)
  })
}

class OpenSnapshot implements Snapshot {
  readonly db: DatabaseSync
  readonly facts: Facts
  readonly run: number

  constructor(db: DatabaseSync) {
    this.db = db
    this.facts = new Facts(db)
    this.run = (this.facts.get('run') ?? 0) + 1
    this.facts.set('run', this.run)
  }

  markChanged(): void {
    this.facts.set('changedInRun', this.run)
  }

  [Symbol.dispose](): void {
    try {
      this.facts.set('endedRun', this.run)
    } catch (error) {
      // On a full disk the next run takes this one for killed, as it may be; and what it was at then says that it is full.
      if (faultIn(error) !== 'resources') throw error
    } finally {
      this.db.close()
    }
  }
}
