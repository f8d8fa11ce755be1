import { DatabaseSync } from 'node:sqlite'
import { Facts } from './facts.ts'
import { formatVersion, schema } from './schema.ts'
import { faultIn } from './sqlite-errors.ts'

/**
 * Why a file cannot be used as the snapshot of this mirror; `undefined` where it can, or is new.
 * @throws what is the disk's or the memory's fault
 */
export function faultOf(db: DatabaseSync, mirror: string): string | undefined {
  try {
    if (isEmpty(db)) return undefined
    const version = db.prepare('PRAGMA user_version').get()?.['user_version'] as number
    if (version > formatVersion) return `its format ${version} is newer than this version's ${formatVersion}`
    if (version !== formatVersion) return `its format is ${version}, not ${formatVersion}`
    // A million requests take 0.4 s.
    if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') return 'it is damaged'
    if (tablesOf(db) !== expectedTables()) return 'its tables are not those of its format'
    if (new Facts(db).get('mirror') !== mirror) return 'it belongs to another mirror'
    return undefined
  } catch (error) {
    if (faultIn(error) !== 'other') throw error
    return `it is damaged (${(error as Error).message})`
  }
}

function tablesOf(db: DatabaseSync): string {
  return JSON.stringify(db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all())
}

function expectedTables(): string {
  using empty = new DatabaseSync(':memory:')
  empty.exec(schema)
  return tablesOf(empty)
}

/** Whether a database was made and nothing put in it. */
export function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] === 0
}
