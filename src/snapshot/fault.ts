import { DatabaseSync } from 'node:sqlite'
import { Facts } from './facts.ts'
import { formatVersion, schema } from './schema.ts'
import { faultIn } from './sqlite-errors.ts'
import { olderFormat, olderSchema, upgrade } from './upgrade.ts'

/** The formats that can be used, with what makes their tables. */
const schemas: ReadonlyMap<number, string> = new Map([
  [formatVersion, schema],
  [olderFormat, olderSchema],
])

/**
 * Upgrades a file of the older format; it is checked before, as one that is put aside stays as it was.
 * @returns why a file cannot be used as the snapshot of this mirror; `undefined` where it can, or is new
 * @throws what is the disk's or the memory's fault
 */
export function makeUsable(db: DatabaseSync, mirror: string): string | undefined {
  try {
    const fault = faultOf(db, mirror)
    if (fault === undefined && formatOf(db) === olderFormat) upgrade(db)
    return fault
  } catch (error) {
    if (faultIn(error) !== 'other') throw error
    return `it is damaged (${(error as Error).message})`
  }
}

function faultOf(db: DatabaseSync, mirror: string): string | undefined {
  if (isEmpty(db)) return undefined
  const format = formatOf(db)
  if (format > formatVersion) return `its format ${format} is newer than this version's ${formatVersion}`
  const expected = schemas.get(format)
  if (expected === undefined) return `its format is ${format}, not ${formatVersion}`
  // A million requests take 0.4 s.
  if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') return 'it is damaged'
  if (tablesOf(db) !== tablesMadeBy(expected)) return 'its tables are not those of its format'
  if (new Facts(db).get('mirror') !== mirror) return 'it belongs to another mirror'
  return undefined
}

function formatOf(db: DatabaseSync): number {
  return db.prepare('PRAGMA user_version').get()?.['user_version'] as number
}

function tablesOf(db: DatabaseSync): string {
  return JSON.stringify(db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all())
}

function tablesMadeBy(sql: string): string {
  using empty = new DatabaseSync(':memory:')
  empty.exec(sql)
  return tablesOf(empty)
}

/** Whether a database was made and nothing put in it. */
export function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] === 0
}
