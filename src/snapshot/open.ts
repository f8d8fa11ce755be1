import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SnapshotBusyError } from '../errors.ts'
import { putAside } from './aside.ts'
import { Facts } from './facts.ts'
import { formatVersion, schema } from './schema.ts'

/** The snapshot, open for one run: no other process can open it meanwhile. */
export interface Snapshot extends Disposable {
  readonly db: DatabaseSync
  readonly facts: Facts
  /** The number of this run. */
  readonly run: number
  /** Says that this run changed something worth keeping. */
  markChanged(): void
}

/** SQLITE_BUSY */
const busy = 5

/**
 * Opens a mirror's snapshot, or makes it. A file that is no snapshot, is damaged, belongs to another mirror or has a
 * newer format is put aside with a warning, and a new one made: it is only a cache of what the service has, and of
 * failures that will show again.
 * @param mirror see `mirrorId`
 * @throws SnapshotBusyError while another process holds it
 */
export function openSnapshot(path: string, mirror: string, warn: (message: string) => void): Snapshot {
  prepareFolder(dirname(path))
  let db = tryOpen(path)
  const fault = db === undefined ? 'it cannot be read as a snapshot' : faultOf(db, mirror)
  if (db === undefined || fault !== undefined) {
    db?.close()
    const aside = putAside(path)
    warn(`the snapshot ${path} is not used, as ${fault}. It is kept as ${aside}; everything is listed anew`)
    db = tryOpen(path)
    if (db === undefined) throw new Error(`no snapshot can be written at ${path}`)
  }
  if (isEmpty(db)) create(db, mirror)
  return new OpenSnapshot(db)
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
    this.db.close()
  }
}

/** Where the snapshots are kept must not show in the status of a checkout. */
function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const ignore = join(folder, '.gitignore')
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
}

/** Opens the file and locks it; `undefined` where it is no database. */
function tryOpen(path: string): DatabaseSync | undefined {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    // The lock goes with the process, however it ends. A power cut may cost the last transactions under NORMAL, never
    // the file: what they held is listed or tried again.
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             BEGIN IMMEDIATE; COMMIT`)
    return db
  } catch (error) {
    db?.close()
    if (isBusy(error)) throw new SnapshotBusyError(path, error)
    if (!existsSync(path)) throw error
    return undefined
  }
}

/** Why the file cannot be used; `undefined` where it can, or is new. */
function faultOf(db: DatabaseSync, mirror: string): string | undefined {
  if (isEmpty(db)) return undefined
  try {
    const version = db.prepare('PRAGMA user_version').get()?.['user_version'] as number
    if (version > formatVersion) return `its format ${version} is newer than this version's ${formatVersion}`
    if (version !== formatVersion) return `its format is ${version}, not ${formatVersion}`
    // A million requests take 0.4 s.
    if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') return 'it is damaged'
    if (new Facts(db).get('mirror') !== mirror) return 'it belongs to another mirror'
    return undefined
  } catch (error) {
    return `it is damaged (${(error as Error).message})`
  }
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] === 0
}

function create(db: DatabaseSync, mirror: string): void {
  db.exec(`BEGIN; ${schema}; PRAGMA user_version = ${formatVersion}; COMMIT`)
  new Facts(db).set('mirror', mirror)
}

/** Whether an error of SQLite says that another process holds the file. */
export function isBusy(error: unknown): boolean {
  // The extended codes of a primary one share its low byte.
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === busy
}
