import type { DatabaseSync } from 'node:sqlite'
import type { CidKey } from '../domain/cid.ts'
import type { Day } from '../domain/verifying.ts'
import { readCidKey } from './stored-cid.ts'
import { transaction } from './transaction.ts'
import { bytesOf, type PinPlace } from './verified.ts'

/** A pin that is read over several runs. */
export interface Reading extends PinPlace {
  /** When the first of its parts was read. */
  readonly since: Day
}

/** A block of it, to be read with all that is below. */
export interface ReadingPart {
  readonly part: CidKey
  /** It was too long too, and its first block was found whole; its links are next. */
  readonly isLong: boolean
}

/** The pins that take longer to read than a run has time for, and what is left to read of each. */
export class Readings {
  readonly #db: DatabaseSync
  readonly #onChange: () => void

  /** @param onChange called with each change */
  constructor(db: DatabaseSync, onChange: () => void) {
    this.#db = db
    this.#onChange = onChange
  }

  /** The one that was begun first comes first. Each run begins two at most. */
  all(): Reading[] {
    // Of those that are not pinned any more the row is gone.
    return this.#db
      .prepare(
        `SELECT cid, day, since, bucket FROM reading JOIN verified USING (day, cid) ORDER BY since, cid`,
      )
      .all()
      .map((row) => ({
        key: keyOf(row['cid']),
        day: row['day'] as Day,
        since: row['since'] as Day,
        bucket: row['bucket'] as number,
      }))
  }

  /** Forgets what is not pinned any more, and that of which a killed run left no part: it is read anew. */
  clear(): void {
    this.#db.exec(
      `DELETE FROM reading WHERE NOT EXISTS
         (SELECT 1 FROM verified WHERE verified.day = reading.day AND verified.cid = reading.cid)
         OR cid NOT IN (SELECT cid FROM reading_part);
       DELETE FROM reading_part WHERE cid NOT IN (SELECT cid FROM reading)`,
    )
  }

  /** Some hundred of a file, some thousand of a folder. */
  partsOf({ key }: PinPlace): ReadingPart[] {
    return this.#db
      .prepare('SELECT part, is_long FROM reading_part WHERE cid = ?')
      .all(bytesOf(key))
      .map((row) => ({ part: keyOf(row['part']), isLong: row['is_long'] === 1 }))
  }

  /** It was cut short after its first block, and goes on in later runs. */
  begin({ key, day }: PinPlace, since: Day): void {
    this.#change(() => {
      this.#db
        .prepare('INSERT OR REPLACE INTO reading (cid, day, since, bytes) VALUES (?, ?, ?, 0)')
        .run(bytesOf(key), day, since)
      this.#addPart(key, key, true)
    })
  }

  /** The same of a part of it. */
  makeLong({ key }: PinPlace, part: CidKey): void {
    this.#change(() => {
      this.#db
        .prepare('UPDATE reading_part SET is_long = 1 WHERE cid = ? AND part = ?')
        .run(bytesOf(key), bytesOf(part))
    })
  }

  /** In the place of a part that is too long come those that it links to. */
  divide({ key }: PinPlace, part: CidKey, links: Iterable<CidKey>): void {
    this.#change(() => {
      this.#removePart(key, part)
      for (const link of links) this.#addPart(key, link, false)
    })
  }

  /**
   * A part of it was found whole.
   * @returns how many bytes its parts had, where none is left
   */
  notePart({ key }: PinPlace, part: CidKey, bytes: number): number | undefined {
    return this.#change(() => {
      this.#removePart(key, part)
      const row = this.#db
        .prepare('UPDATE reading SET bytes = bytes + ? WHERE cid = ? RETURNING bytes')
        .get(bytes, bytesOf(key))
      const isOver =
        this.#db.prepare('SELECT 1 FROM reading_part WHERE cid = ?').get(bytesOf(key)) === undefined
      return isOver ? (row?.['bytes'] as number) : undefined
    })
  }

  /** It was found whole, or broken. */
  end({ key }: PinPlace): void {
    this.#change(() => {
      for (const table of ['reading', 'reading_part'])
        this.#db.prepare(`DELETE FROM ${table} WHERE cid = ?`).run(bytesOf(key))
    })
  }

  #addPart(key: CidKey, part: CidKey, isLong: boolean): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO reading_part (cid, part, is_long) VALUES (?, ?, ?)')
      .run(bytesOf(key), bytesOf(part), Number(isLong))
  }

  #removePart(key: CidKey, part: CidKey): void {
    this.#db.prepare('DELETE FROM reading_part WHERE cid = ? AND part = ?').run(bytesOf(key), bytesOf(part))
  }

  #change<T>(work: () => T): T {
    return transaction(this.#db, () => {
      this.#onChange()
      return work()
    })
  }
}

function keyOf(column: unknown): CidKey {
  return readCidKey(column as Uint8Array) as CidKey
}
