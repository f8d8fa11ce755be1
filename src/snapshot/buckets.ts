import type { DatabaseSync } from 'node:sqlite'
import type { Moment } from '../domain/moment.ts'
import {
  everything,
  type Grid,
  halfSeconds,
  milliseconds,
  type Window,
  wholeSeconds,
} from '../domain/windows.ts'

/** Longer than any page. */
export const anyLength = Number.MAX_SAFE_INTEGER

/** A listing that came from the cache is read again in so many runs. */
export const tenths = 10

const grids: readonly Grid[] = [halfSeconds, milliseconds, wholeSeconds]

/** What the snapshot remembers of a bucket besides its requests: how far its listing is, and the service's manners. */
export class BucketState {
  /** Whether a listing was ever read to its end. */
  listed: boolean
  /** Which bounds the service honours; `undefined` until it was needed and found out. */
  grid: Grid | undefined
  /** The service did not keep to the grid, and what was read by it in this run has not been read again yet. */
  lostGrid = false
  /** How often in this run a request was looked for beyond the bound that it should have been before. */
  looksBeyond = 0
  /**
   * Up to which length of a page `count` was found to tell all that match, and not just that length: 0 where it was found
   * not to, `undefined` until found out.
   */
  honestUpTo: number | undefined
  /** It was found to count more than there is, in this run. */
  isLying = false
  /** Instants finer than seconds were seen in this run. */
  showsFractions = false
  /** While it is being found out which bounds the service honours. */
  probe: Promise<Grid> | undefined
  /** The most requests an answer ever brought; 0 until then. */
  pageSize: number
  /** The same in this run: a service may give less than it did. */
  largestPage = 0
  /** So many requests, in this run, were found not to be all of what was asked for. */
  cutAt = Number.POSITIVE_INFINITY
  /** Whether statuses are asked for one by one; `undefined` until each was compared with all. */
  asksSingly: boolean | undefined
  /** Whether `count` is of every status, whatever status is asked for. */
  countsAnyStatus: boolean
  /** A request was shown at two instants when it was last looked for. */
  hasDoubled: boolean
  /** The audit goes on below this bound; `null` is the newest. */
  auditedTo: number | null
  /** So many tenths of a listing that came from the cache are still to be read again, one a run. */
  unaudited: number
  /** The last run whose listing came to its end. */
  concludedIn: number
  /** A large drop that is not confirmed: the run that saw it first, and when. */
  drop: { readonly run: number; readonly at: Moment } | undefined
  readonly #db: DatabaseSync
  readonly #id: number

  constructor(db: DatabaseSync, id: number) {
    this.#db = db
    this.#id = id
    const row = db
      .prepare(
        `SELECT listed, margin, honest_count, page_size, single_statuses, counts_any, doubled, audited_to, unaudited,
           concluded_in, drop_run, drop_here, drop_service
         FROM bucket WHERE id = ?`,
      )
      .get(id) as Record<string, number | null>
    this.listed = row['listed'] === 1
    this.grid = grids.find(({ sure }) => sure === row['margin'])
    this.honestUpTo = row['honest_count'] ?? undefined
    this.pageSize = row['page_size'] ?? 0
    const singly = row['single_statuses'] ?? null
    this.asksSingly = singly === null ? undefined : singly === 1
    this.countsAnyStatus = row['counts_any'] === 1
    this.hasDoubled = row['doubled'] === 1
    this.auditedTo = row['audited_to'] ?? null
    this.unaudited = row['unaudited'] ?? 0
    this.concludedIn = row['concluded_in'] ?? 0
    const [run, here, service] = [row['drop_run'], row['drop_here'], row['drop_service']]
    if (typeof run === 'number' && typeof here === 'number')
      this.drop = { run, at: { here, service: service ?? null } }
  }

  save(): void {
    this.#db
      .prepare(
        `UPDATE bucket SET listed = ?, margin = ?, honest_count = ?, page_size = ?, single_statuses = ?, counts_any = ?,
           doubled = ?, audited_to = ?, unaudited = ?, concluded_in = ?, drop_run = ?, drop_here = ?, drop_service = ?
         WHERE id = ?`,
      )
      .run(
        Number(this.listed),
        this.grid?.sure ?? null,
        this.honestUpTo ?? null,
        this.pageSize,
        this.asksSingly === undefined ? null : Number(this.asksSingly),
        Number(this.countsAnyStatus),
        Number(this.hasDoubled),
        this.auditedTo,
        this.unaudited,
        this.concludedIn,
        this.drop?.run ?? null,
        this.drop?.at.here ?? null,
        this.drop?.at.service ?? null,
        this.#id,
      )
  }

  /** Whether `count` tells all that match, as far as was found out. */
  get honestCount(): boolean | undefined {
    return this.honestUpTo === undefined ? undefined : this.honestUpTo > 0
  }

  /** What was found of counts was found of a filter that was misread. */
  forgetCounts(): void {
    this.isLying = false
    this.honestUpTo = undefined
    this.cutAt = Number.POSITIVE_INFINITY
  }

  /** It was found to count more than there is. */
  foundLying(): void {
    this.isLying = true
    this.honestUpTo = 0
  }

  /** @param upTo a page's length, `anyLength` where one held less than its count, or 0 where it was found not to be */
  foundHonest(upTo: number): void {
    if (this.isLying) return
    // One that held less than its count is beyond doubt.
    if (this.honestUpTo === anyLength) return
    if (upTo === anyLength || upTo === 0) this.honestUpTo = upTo
    else if (this.honestUpTo !== 0) this.honestUpTo = Math.max(this.honestUpTo ?? 0, upTo)
  }

  /** Windows of a listing that was cut short. */
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

  /** One window of those unread is read. */
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
    this.addUnread(this.lostGrid ? [...windows, everything] : windows)
  }

  /** The service does not keep to the grid: everything is to be read again, by the next run if this one is killed. */
  loseGrid(instead: Grid | undefined): void {
    this.grid = instead
    if (!this.lostGrid) this.addUnread([everything])
    this.lostGrid = true
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

/** The names of buckets that the snapshot has listed and that are not among these. */
export function leftOut(db: DatabaseSync, buckets: readonly { readonly name: string }[]): string[] {
  return db
    .prepare(
      'SELECT name FROM bucket WHERE listed = 1 AND name NOT IN (SELECT value FROM json_each(?)) ORDER BY name',
    )
    .all(JSON.stringify(buckets.map(({ name }) => name)))
    .map((row) => row['name'] as string)
}
