import type { DatabaseSync } from 'node:sqlite'
import type { KeptManners } from '../../domain/manners.ts'
import type { Moment } from '../../domain/moment.ts'
import {
  everything,
  type Grid,
  halfSeconds,
  milliseconds,
  type Window,
  wholeSeconds,
} from '../../domain/windows.ts'

/** A listing that came from the cache is read again in so many runs. */
export const tenths = 10

const grids: readonly Grid[] = [halfSeconds, milliseconds, wholeSeconds]

/** A large drop: which run saw it first, and when. */
export interface Drop {
  readonly run: number
  readonly at: Moment
}

/** What the snapshot remembers of a bucket besides its requests: how far its listing is, and the service's manners. */
export class BucketState {
  /** Whether a listing was ever read to its end. */
  listed: boolean
  /** The service's manners, as they were last saved. */
  readonly manners: KeptManners
  /** What this listing has read is to be read again, as it rests on bounds that the service turned out not to honour. */
  isReadInVain = false
  /** When this was last looked for, some request was shown at two instants. */
  hasDoubled: boolean
  /** The audit goes on below this instant; `null`: it begins anew at the newest. */
  auditedTo: number | null
  /** So many tenths of a listing that came from the cache are still to be read again, one a run. */
  unaudited: number
  /** The last run whose listing came to its end. */
  finishedIn: number
  /** Large drops that are not confirmed yet, the oldest first. */
  drops: readonly Drop[]
  readonly #db: DatabaseSync
  readonly #id: number

  constructor(db: DatabaseSync, id: number) {
    this.#db = db
    this.#id = id
    const row = db
      .prepare(
        `SELECT listed, margin, honest_count, page_size, single_statuses, counts_any, doubled, audited_to, unaudited,
           finished_in
         FROM bucket WHERE id = ?`,
      )
      .get(id) as Record<string, number | null>
    this.listed = row['listed'] === 1
    const singly = row['single_statuses'] ?? null
    this.manners = {
      grid: grids.find(({ sure }) => sure === row['margin']),
      honestUpTo: row['honest_count'] ?? undefined,
      pageSize: row['page_size'] ?? 0,
      asksSingly: singly === null ? undefined : singly === 1,
      countsAnyStatus: row['counts_any'] === 1,
    }
    this.hasDoubled = row['doubled'] === 1
    this.auditedTo = row['audited_to'] ?? null
    this.unaudited = row['unaudited'] ?? 0
    this.finishedIn = row['finished_in'] ?? 0
    const drops = db.prepare('SELECT run, here, service FROM dropped WHERE bucket = ? ORDER BY run').all(id)
    this.drops = (drops as unknown as ({ run: number } & Moment)[]).map(({ run, here, service }) => ({
      run,
      at: { here, service },
    }))
  }

  save({ grid, honestUpTo, pageSize, asksSingly, countsAnyStatus }: KeptManners): void {
    this.#db
      .prepare(
        `UPDATE bucket SET listed = ?, margin = ?, honest_count = ?, page_size = ?, single_statuses = ?, counts_any = ?,
           doubled = ?, audited_to = ?, unaudited = ?, finished_in = ?
         WHERE id = ?`,
      )
      .run(
        Number(this.listed),
        grid?.sure ?? null,
        honestUpTo ?? null,
        pageSize,
        asksSingly === undefined ? null : Number(asksSingly),
        Number(countsAnyStatus),
        Number(this.hasDoubled),
        this.auditedTo,
        this.unaudited,
        this.finishedIn,
        this.#id,
      )
  }

  /** Call it within a transaction. */
  saveDrops(drops: readonly Drop[]): void {
    this.drops = drops
    this.#db.prepare('DELETE FROM dropped WHERE bucket = ?').run(this.#id)
    const add = this.#db.prepare('INSERT INTO dropped (bucket, run, here, service) VALUES (?, ?, ?, ?)')
    for (const { run, at } of drops) add.run(this.#id, run, at.here, at.service)
  }

  /** The windows that a listing which was cut short has not read. */
  unread(): Window[] {
    return this.#db
      .prepare('SELECT after, before FROM unread WHERE bucket = ?')
      .all(this.#id)
      .map((row) => ({ after: row['after'] as number | null, before: row['before'] as number | null }))
  }

  addUnread(windows: readonly Window[]): void {
    const add = this.#db.prepare('INSERT INTO unread (bucket, after, before) VALUES (?, ?, ?)')
    for (const { after, before } of windows) add.run(this.#id, after, before)
  }

  /** A window of those unread has been read. */
  removeUnread({ after, before }: Window): void {
    this.#db
      .prepare(
        `DELETE FROM unread WHERE rowid =
           (SELECT rowid FROM unread WHERE bucket = ? AND after IS ? AND before IS ? LIMIT 1)`,
      )
      .run(this.#id, after, before)
  }

  /** Whether a listing was begun and cut short. */
  get begun(): boolean {
    return this.unread().length > 0
  }

  /** Begins a listing of some windows; call it within a transaction. */
  startUnread(windows: readonly Window[]): void {
    this.#db.prepare('DELETE FROM unread WHERE bucket = ?').run(this.#id)
    this.addUnread(this.isReadInVain ? [...windows, everything] : windows)
  }

  /** Everything is to be read again: by the next run, if this one is killed. */
  readInVain(): void {
    if (!this.isReadInVain) this.addUnread([everything])
    this.isReadInVain = true
  }
}

/** All that others may have written is to be read again: of what came from the cache any row may be another. */
export function doubtListings(db: DatabaseSync): void {
  db.exec(`UPDATE main.bucket SET unaudited = ${tenths}`)
}

/** What is remembered of a bucket; `undefined` where the snapshot has none of this name. */
export function stateOf(db: DatabaseSync, name: string): BucketState | undefined {
  const id = db.prepare('SELECT id FROM bucket WHERE name = ?').get(name)?.['id']
  return typeof id === 'number' ? new BucketState(db, id) : undefined
}

/** A bucket as the input names it. */
export interface NamedBucket {
  readonly name: string
  /** Which bucket its token says it is; `undefined` where it does not say. */
  readonly ofToken: string | undefined
}

/** @returns whether that is news */
export function rememberNames(db: DatabaseSync, buckets: readonly NamedBucket[], isDry: boolean): boolean {
  const remember = db.prepare(
    `INSERT INTO named (bucket, is_missed, of_token) SELECT id, ?1, ?2 FROM bucket WHERE name = ?3 AND listed = 1
     ON CONFLICT (bucket) DO UPDATE SET is_missed = max(is_missed, ?1), of_token = ?2
     WHERE is_missed < ?1 OR of_token IS NOT ?2`,
  )
  return buckets
    .map(({ name, ofToken }) => remember.run(isDry ? 0 : 1, ofToken?.slice(0, 100) ?? null, name).changes)
    .some((changes) => Number(changes) > 0)
}

/** The names of the buckets that are to be missed: none of these has their name, nor a token that says it is they. */
export function namesNotAmong(db: DatabaseSync, buckets: readonly NamedBucket[]): string[] {
  const [names, tokens] = [buckets.map(({ name }) => name), buckets.flatMap(({ ofToken }) => ofToken ?? [])]
  return db
    .prepare(
      `SELECT name FROM bucket JOIN named ON bucket = id WHERE is_missed = 1 AND name NOT IN (SELECT value FROM json_each(?))
         AND (of_token IS NULL OR of_token NOT IN (SELECT value FROM json_each(?))) ORDER BY name`,
    )
    .all(JSON.stringify(names), JSON.stringify(tokens))
    .map((row) => row['name'] as string)
}

/** A bucket by its number in the snapshot. */
export interface NumberedBucket {
  readonly id: number
  readonly name: string
}

export function numbersNotAmong(db: DatabaseSync, listed: readonly number[]): NumberedBucket[] {
  return db
    .prepare('SELECT id, name FROM bucket WHERE id NOT IN (SELECT value FROM json_each(?)) ORDER BY name')
    .all(JSON.stringify(listed))
    .map((row) => ({ id: row['id'] as number, name: row['name'] as string }))
}
