import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type CidKey, parseCid } from '../domain/cid.ts'
import type { Moment } from '../domain/moment.ts'
import { type PinRequest, type Status, statuses } from '../domain/pin.ts'
import { type Grid, overlapOf, type Window } from '../domain/windows.ts'
import type { DelegateBook } from './delegates.ts'
import { readCidKey, readCidText, storeCidText } from './stored-cid.ts'
import { transaction } from './transaction.ts'

/** A request as the snapshot keeps it. */
export interface KnownRequest {
  readonly requestid: string
  readonly created: number
  readonly cid: string
}

/** What became of a request whose CID parses. */
export interface RequestState {
  readonly key: CidKey
  readonly created: number
  readonly status: Status
  readonly failureReason: string | null
}

/** A stretch of time and how many requests it holds, by the snapshot or by what the service said. */
export interface Part {
  readonly window: Window
  readonly count: number
}

export interface PageChanges {
  added: number
  changed: number
  /** Had vanished, and are there again: these are among the changed. */
  returned: number
}

/** Beyond all instants, ms. */
const far = 9e15
/** So many instants are read at once. */
const nearEnd = 10_000
/** So many new requests are looked for one by one, and not among all. */
const mostNoted = 10_000
const inside = 'bucket = ? AND created > ? AND created < ?'

/**
 * The requests of one bucket in the snapshot. A request that is no longer there becomes a tombstone first
 * (`vanish`), and leaves only by `bury`; tombstones are in no count and no listing.
 */
export class BucketRequests {
  readonly id: number
  readonly #db: DatabaseSync
  readonly #delegates: DelegateBook
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #count: StatementSync
  readonly #return: StatementSync
  readonly #vanish: StatementSync
  readonly #vanishOthers: StatementSync
  /** Requests that became known, or became known again, in this run; some of them, where they are many. */
  readonly #new = new Set<string>()

  constructor(db: DatabaseSync, bucket: string, delegates: DelegateBook) {
    this.#db = db
    this.#delegates = delegates
    db.prepare('INSERT OR IGNORE INTO bucket (name) VALUES (?)').run(bucket)
    this.id = (db.prepare('SELECT id FROM bucket WHERE name = ?').get(bucket) as { id: number }).id
    this.#insert = db.prepare(
      `INSERT OR IGNORE INTO request (status, cid, cid_text, name, delegates, failure_reason, bucket, created, requestid)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#update = db.prepare(
      `UPDATE request SET status = ?1, cid = ?2, cid_text = ?3, name = ?4, delegates = ?5, failure_reason = ?6
       WHERE bucket = ?7 AND created = ?8 AND requestid = ?9
         AND (status, cid, cid_text, name, delegates, failure_reason) IS NOT (?1, ?2, ?3, ?4, ?5, ?6)`,
    )
    // All less the tombstones: whether a row is one stands at its end, and a million need not be read so far.
    this.#count = db.prepare(
      `SELECT (SELECT count(*) FROM request WHERE bucket = ?1 AND created > ?2 AND created < ?3)
            - (SELECT count(*) FROM request INDEXED BY tombstone
               WHERE bucket = ?1 AND created > ?2 AND created < ?3 AND vanished_in IS NOT NULL) AS n`,
    )
    this.#vanishOthers = db.prepare(
      `UPDATE request SET vanished_in = ?
       WHERE bucket = ? AND created BETWEEN ? AND ? AND vanished_in IS NULL
         AND (created, requestid) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`,
    )
    this.#return = db.prepare(
      `UPDATE request SET vanished_in = NULL
       WHERE bucket = ? AND created = ? AND requestid = ? AND vanished_in IS NOT NULL`,
    )
    this.#vanish = db.prepare(
      'UPDATE request SET vanished_in = ? WHERE bucket = ? AND created = ? AND requestid = ?',
    )
  }

  /** Forgets what it noted in a transaction that was rolled back. */
  rolledBack(): void {
    this.#delegates.forget()
  }

  /** Takes in the requests of one answer; call it within a transaction. */
  take(requests: readonly PinRequest[]): PageChanges {
    const changes = { added: 0, changed: 0, returned: 0 }
    for (const request of requests) {
      const cid = parseCid(request.cid)
      const values = [
        statuses.indexOf(request.status),
        cid === undefined ? null : Buffer.from(cid.key, 'latin1'),
        cid === undefined ? request.cid : storeCidText(request.cid),
        request.name,
        this.#delegates.note(request.delegates, request.cid),
        request.failureReason,
        this.id,
        request.created,
        request.requestid,
      ]
      if (this.#insert.run(...values).changes === 1) {
        changes.added++
        this.#noteNew(request.requestid)
      } else {
        const isBack = this.#return.run(this.id, request.created, request.requestid).changes === 1
        const isOther = this.#update.run(...values).changes === 1
        if (isBack) {
          changes.returned++
          this.#noteNew(request.requestid)
        }
        if (isBack || isOther) changes.changed++
      }
    }
    return changes
  }

  /**
   * Makes tombstones of the requests surely inside a window that an answer, which showed it whole, did not show: also
   * of one that it showed at another instant, as it has moved.
   */
  vanish(window: Window, grid: Grid, shown: readonly PinRequest[], run: number): number {
    const from = (window.after ?? -far) + grid.sure
    const to = (window.before ?? far) - grid.sure
    const keys = JSON.stringify(shown.map(({ created, requestid }) => [created, requestid]))
    return Number(this.#vanishOthers.run(run, this.id, from, to, keys).changes)
  }

  vanishOne(request: KnownRequest, run: number): void {
    this.#vanish.run(run, this.id, request.created, request.requestid)
  }

  /** How many requests there are between two bounds, both exclusive. */
  count(window: Window): number {
    return (this.#count.get(this.id, ...bounds(window)) as { n: number }).n
  }

  /** The requestids between two instants, both inclusive. */
  between(from: number, to: number): string[] {
    return this.#db
      .prepare(
        'SELECT requestid FROM request WHERE bucket = ? AND created BETWEEN ? AND ? AND vanished_in IS NULL',
      )
      .all(this.id, from, to)
      .map((row) => row['requestid'] as string)
  }

  /** `undefined` where there is no such request. */
  statusOf({ created, requestid }: Pick<PinRequest, 'created' | 'requestid'>): Status | undefined {
    const row = this.#db
      .prepare(
        'SELECT status FROM request WHERE bucket = ? AND created = ? AND requestid = ? AND vanished_in IS NULL',
      )
      .get(this.id, created, requestid)
    return row && statuses[row['status'] as number]
  }

  /** The requests created at or after an instant, oldest first. */
  *since(created: number): Generator<RequestState> {
    const rows = this.#db.prepare(
      `SELECT created, status, cid, failure_reason FROM request
       WHERE bucket = ? AND created >= ? AND cid IS NOT NULL AND vanished_in IS NULL ORDER BY created`,
    )
    for (const row of rows.iterate(this.id, created))
      yield {
        key: readCidKey(row['cid']) as CidKey,
        created: row['created'] as number,
        status: statuses[row['status'] as number] as Status,
        failureReason: row['failure_reason'] as string | null,
      }
  }

  /**
   * The instants of requests that are known at another one too.
   * @param among `new`: of what was taken in since none were found the last time, which alone can have become two
   */
  doubled(among: 'new' | 'all'): number[] {
    if (this.#new.size === 0 && among === 'new') return []
    const live = 'bucket = ?1 AND vanished_in IS NULL'
    const some =
      among === 'new' && this.#new.size < mostNoted
        ? 'AND requestid IN (SELECT value FROM json_each(?2))'
        : 'AND ?2 IS NOT NULL'
    const rows = this.#db
      .prepare(
        `SELECT created FROM request WHERE ${live} AND requestid IN
           (SELECT requestid FROM request WHERE ${live} ${some} GROUP BY requestid HAVING count(*) > 1)`,
      )
      .all(this.id, JSON.stringify([...this.#new]))
    if (rows.length === 0) this.#new.clear()
    return rows.map((row) => row['created'] as number)
  }

  #noteNew(requestid: string): void {
    if (this.#new.size < mostNoted) this.#new.add(requestid)
  }

  /** The newest instants that hold requests, at most so many. */
  newestInstants(most: number): number[] {
    return this.#db
      .prepare(
        'SELECT DISTINCT created FROM request WHERE bucket = ? AND vanished_in IS NULL ORDER BY created DESC LIMIT ?',
      )
      .all(this.id, most)
      .map((row) => row['created'] as number)
  }

  /** The newest instant; `undefined` in an empty bucket. */
  newest(): number | undefined {
    const row = this.#db
      .prepare('SELECT max(created) AS at FROM request WHERE bucket = ? AND vanished_in IS NULL')
      .get(this.id) as { at: number | null }
    return row.at ?? undefined
  }

  /**
   * A bound near the request of this rank (from 0, by time, within the window) from which no request is nearer than
   * the grid is sure of, so that counts on either side of it mean the same to the service and to the snapshot: also
   * where the window below goes `overlap` beyond it. `undefined` where the window has none above its first request.
   */
  boundNear(window: Window, rank: number, grid: Grid): number | undefined {
    const overlap = overlapOf(grid)
    const gap = 2 * grid.sure + overlap
    let previous: number | undefined
    for (const created of this.#instantsFrom(window, rank)) {
      if (previous !== undefined && created - previous >= gap)
        return boundBetween(previous, created - overlap, grid)
      previous = created
    }
    const backward = this.#db.prepare(
      `SELECT created FROM request WHERE ${inside} AND vanished_in IS NULL ORDER BY created DESC LIMIT -1 OFFSET ?`,
    )
    let next: number | undefined
    for (const row of backward.iterate(
      this.id,
      ...bounds(window),
      Math.max(0, this.count(window) - rank - 1),
    )) {
      const created = row['created'] as number
      if (next !== undefined && next - created >= gap) return boundBetween(created, next - overlap, grid)
      next = created
    }
    return undefined
  }

  /** The instants from a rank on; near the window's end they are counted from there, not from the first of a million. */
  *#instantsFrom(window: Window, rank: number): Generator<number> {
    const left = this.count(window) - rank
    const select = `SELECT created FROM request WHERE ${inside} AND vanished_in IS NULL`
    if (left <= nearEnd) {
      const newest = this.#db.prepare(`${select} ORDER BY created DESC LIMIT ?`)
      const rows = newest.all(this.id, ...bounds(window), Math.max(0, left))
      for (const row of rows.toReversed()) yield row['created'] as number
      return
    }
    const forward = this.#db.prepare(`${select} ORDER BY created LIMIT -1 OFFSET ?`)
    for (const row of forward.iterate(this.id, ...bounds(window), rank)) yield row['created'] as number
  }

  /**
   * Divides a window into parts of at most `most` requests, oldest first, at bounds that the grid is sure of; only
   * where such a bound is missing does a part hold more.
   */
  parts(window: Window, most: number, grid: Grid): Part[] {
    const parts: Part[] = []
    let after = window.after
    let count = 0
    let last: { bound: number; count: number } | undefined
    let previous: number | undefined
    const rows = this.#db.prepare(
      `SELECT created FROM request WHERE ${inside} AND vanished_in IS NULL ORDER BY created`,
    )
    for (const row of rows.iterate(this.id, ...bounds(window))) {
      const created = row['created'] as number
      if (previous !== undefined && created - previous >= 2 * grid.sure) {
        last = { bound: boundBetween(previous, created, grid), count }
      }
      if (last !== undefined && count >= most) {
        parts.push({ window: { after, before: last.bound }, count: last.count })
        after = last.bound
        count -= last.count
        last = undefined
      }
      count++
      previous = created
    }
    return [...parts, { window: { after, before: window.before }, count }]
  }

  /** Requests that are not settled as `pinned`. */
  unsettled(): KnownRequest[] {
    const rows = this.#db
      .prepare(
        `SELECT requestid, created, cid, cid_text FROM request INDEXED BY unsettled
         WHERE bucket = ? AND status <> ${statuses.indexOf('pinned')} AND vanished_in IS NULL`,
      )
      .all(this.id)
    return rows.map((row) => ({
      requestid: row['requestid'] as string,
      created: row['created'] as number,
      cid: readCidText(row['cid'], row['cid_text']),
    }))
  }

  /** Removes the tombstones of requests that are there at another instant: they have moved. */
  dropMoved(): number {
    const gone = this.#db.prepare(
      'SELECT requestid FROM request INDEXED BY tombstone WHERE bucket = ? AND vanished_in IS NOT NULL',
    )
    const ids = gone.all(this.id).map((row) => row['requestid'] as string)
    if (ids.length === 0) return 0
    const moved = this.#db
      .prepare(
        `SELECT requestid FROM request
         WHERE bucket = ? AND vanished_in IS NULL AND requestid IN (SELECT value FROM json_each(?))`,
      )
      .all(this.id, JSON.stringify(ids))
      .map((row) => row['requestid'] as string)
    return Number(
      this.#db
        .prepare(
          `DELETE FROM request
           WHERE bucket = ? AND vanished_in IS NOT NULL AND requestid IN (SELECT value FROM json_each(?))`,
        )
        .run(this.id, JSON.stringify(moved)).changes,
    )
  }

  /** How many requests became tombstones after a run, and up to another. */
  vanished(after: number, upTo: number): number {
    // One that moved before it vanished, with no listing to its end between, has left two: it is one.
    const { n } = this.#db
      .prepare(
        `SELECT count(DISTINCT requestid) AS n FROM request INDEXED BY tombstone
         WHERE bucket = ? AND vanished_in > ? AND vanished_in <= ?`,
      )
      .get(this.id, after, upTo) as { n: number }
    return n
  }

  /**
   * Deletes the tombstones made after a run and up to another. Their CIDs are kept as gone, so that they can be looked
   * for before they are paid for again.
   * @returns of how many requests
   */
  bury(after: number, upTo: number, { here, service }: Moment): number {
    const buried = this.vanished(after, upTo)
    const these = 'INDEXED BY tombstone WHERE bucket = ? AND vanished_in > ? AND vanished_in <= ?'
    transaction(this.#db, () => {
      this.#db
        .prepare(
          `INSERT OR REPLACE INTO gone (bucket, cid, here, service)
           SELECT bucket, cid, ?, ? FROM request ${these} AND cid IS NOT NULL`,
        )
        .run(here, service, this.id, after, upTo)
      this.#db.prepare(`DELETE FROM request ${these}`).run(this.id, after, upTo)
    })
    return buried
  }

  /** Nothing more is asked about those that are gone for so long that it is over. */
  forgetGone(isOver: (at: Moment) => boolean): void {
    const moments = this.#db
      .prepare('SELECT DISTINCT here, service FROM gone WHERE bucket = ?')
      .all(this.id) as unknown as Moment[]
    const remove = this.#db.prepare('DELETE FROM gone WHERE bucket = ? AND here = ? AND service IS ?')
    for (const at of moments) if (isOver(at)) remove.run(this.id, at.here, at.service)
  }

  /** CIDs that the service shows as pinned, as it writes them: the newest. */
  examples(most: number): string[] {
    return this.#db
      .prepare(
        `SELECT cid, cid_text FROM request
         WHERE bucket = ? AND cid IS NOT NULL AND status = ${statuses.indexOf('pinned')} AND vanished_in IS NULL
         ORDER BY created DESC LIMIT ?`,
      )
      .all(this.id, most)
      .map((row) => readCidText(row['cid'], row['cid_text']))
  }

  /** How many requests have each status. */
  byStatus(): Record<Status, number> {
    const rows = this.#db
      .prepare(
        'SELECT status, count(*) AS n FROM request WHERE bucket = ? AND vanished_in IS NULL GROUP BY status',
      )
      .all(this.id) as { status: number; n: number }[]
    const counts = { queued: 0, pinning: 0, pinned: 0, failed: 0 }
    for (const { status, n } of rows) counts[statuses[status] as Status] = n
    return counts
  }

  /** Requests whose CID does not parse, the oldest; there may be any number of them. */
  invalid(most: number): { requestid: string; cid: string }[] {
    return this.#db
      .prepare(
        `SELECT requestid, cid_text AS cid FROM request
         WHERE bucket = ? AND cid IS NULL AND vanished_in IS NULL ORDER BY created LIMIT ?`,
      )
      .all(this.id, most) as { requestid: string; cid: string }[]
  }

  /** How many requests have a CID that does not parse. */
  invalidCount(): number {
    const { n } = this.#db
      .prepare('SELECT count(*) AS n FROM request WHERE bucket = ? AND cid IS NULL AND vanished_in IS NULL')
      .get(this.id) as { n: number }
    return n
  }
}

/** A bound between two instants at least `2 · sure` apart. */
function boundBetween(older: number, newer: number, grid: Grid): number {
  if (grid.exact) return older + grid.sure
  const middle = Math.floor((older + newer) / 2)
  const whole = Math.ceil((older + grid.sure) / 1000) * 1000
  return whole <= newer - grid.sure ? whole : middle
}

function bounds(window: Window): [number, number] {
  return [window.after ?? -far, window.before ?? far]
}
