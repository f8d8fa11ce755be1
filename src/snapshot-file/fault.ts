import { DatabaseSync } from 'node:sqlite'
import type { LongWork } from '../domain/long-work.ts'
import { Facts } from '../snapshot/facts.ts'
import { formatOf, formatVersion, migrate, migrations } from '../snapshot/migrations.ts'
import { findStrangeRow } from '../snapshot/row-rules.ts'
import { faultIn } from '../snapshot/sqlite-errors.ts'
import { transaction } from '../snapshot/transaction.ts'

/**
 * Brings a file of an older format up to the present one. It is checked before, since a file that is put aside must
 * stay as it was.
 * @returns why a file cannot be used as the snapshot of this mirror; `undefined` where it can, or is new
 * @throws what the disk or the memory is at fault for
 */
export function* makeUsable(db: DatabaseSync, mirror: string): LongWork<string | undefined> {
  try {
    const fault = yield* faultOf(db, mirror)
    if (fault === undefined && !isEmpty(db) && formatOf(db) < formatVersion)
      transaction(db, () => migrate(db))
    return fault
  } catch (error) {
    if (faultIn(error) !== 'other') throw error
    return `it is damaged (${(error as Error).message})`
  }
}

function* faultOf(db: DatabaseSync, mirror: string): LongWork<string | undefined> {
  if (isEmpty(db)) return undefined
  const format = formatOf(db)
  if (format > formatVersion) return `its format ${format} is newer than this version's ${formatVersion}`
  if (format < 1) return `its format is ${format}, not ${formatVersion}`
  // Before anything is read by it: a trigger, a view or a column that is computed would have its say.
  if (tablesOf(db) !== tablesMadeBy(migrations.slice(0, format)))
    return 'its tables are not those of its format'
  yield
  // A million requests take 0.4 s, which nothing interrupts.
  if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') return 'it is damaged'
  yield
  const facts = new Facts(db)
  if (facts.get('mirror') !== mirror) return 'it belongs to another mirror'
  const table = yield* findStrangeRow(db)
  if (table !== undefined) return `its table \`${table}\` holds what no run has written`
  const fact = facts.findStrange()
  return fact === undefined ? undefined : `its fact \`${fact}\` is not what any run has written`
}

function tablesOf(db: DatabaseSync): string {
  return JSON.stringify(db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').all())
}

function tablesMadeBy(steps: readonly string[]): string {
  using empty = new DatabaseSync(':memory:')
  for (const step of steps) empty.exec(step)
  return tablesOf(empty)
}

/** The file may be anybody's: https://www.sqlite.org/security.html */
export function harden(db: DatabaseSync): void {
  db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON')
}

/** Whether a database was made, but nothing was put in it. */
export function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] === 0
}
