import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { LongWork } from '../../domain/long-work.ts'
import { statuses } from '../../domain/pin.ts'
import { everything, type Grid, overlapOf, type Window } from '../../domain/windows.ts'

/** A stretch of time, and how many requests it holds by the snapshot or by the service's word. */
export interface Part {
  readonly window: Window
  readonly count: number
}

/** Beyond all instants, ms. */
const far = 9e15
/** So near to the end of a window, instants are counted from there. */
const nearEnd = 10_000
const inside = 'bucket = ? AND created > ? AND created < ?'
/** Of rows that SQLite handles by itself, so many take some ms. */
export const rowsInOneGo = 2000

/** Rows of a bucket between two bounds: takes its number, and then `boundsOf`. All of them: tombstones too. */
export const rowsOf = {
  all: `request WHERE ${inside}`,
  tombstones: `request INDEXED BY tombstone WHERE ${inside} AND vanished_in IS NOT NULL`,
  unsettled: `request INDEXED BY unsettled WHERE ${inside} AND status <> ${statuses.indexOf('pinned')}`,
}

/** When a bucket's requests were created (without tombstones), and at which bounds they can be divided. */
export class Timeline {
  readonly #db: DatabaseSync
  readonly #bucket: number
  readonly #count: StatementSync

  constructor(db: DatabaseSync, bucket: number) {
    this.#db = db
    this.#bucket = bucket
    // All rows minus the tombstones. Whether a row is a tombstone stands at its end, and a million rows need not be
    // read so far.
    this.#count = db.prepare(
      `SELECT (SELECT count(*) FROM request WHERE bucket = ?1 AND created > ?2 AND created < ?3)
            - (SELECT count(*) FROM request INDEXED BY tombstone
               WHERE bucket = ?1 AND created > ?2 AND created < ?3 AND vanished_in IS NOT NULL) AS n`,
    )
  }

  /** How many requests there are between two bounds, both exclusive. */
  count(window: Window): number {
    return (this.#count.get(this.#bucket, ...boundsOf(window)) as { n: number }).n
  }

  /**
   * Stretches that cover a window, each of some thousand rows: so much is to be done in one go. Where many are of one
   * instant, it is more.
   */
  *stretches(of: keyof typeof rowsOf, window: Window = everything): Generator<Window> {
    const next = this.#db.prepare(
      `SELECT created FROM ${rowsOf[of]} ORDER BY created LIMIT 1 OFFSET ${rowsInOneGo}`,
    )
    let { after } = window
    for (;;) {
      const row = next.get(this.#bucket, ...boundsOf({ after, before: window.before }))
      if (row === undefined) break
      const created = row['created'] as number
      yield { after, before: created + 1 }
      after = created
    }
    yield { after, before: window.before }
  }

  /** The requestids between two instants, both inclusive. */
  between(from: number, to: number): string[] {
    return this.#db
      .prepare(
        'SELECT requestid FROM request WHERE bucket = ? AND created BETWEEN ? AND ? AND vanished_in IS NULL',
      )
      .all(this.#bucket, from, to)
      .map((row) => row['requestid'] as string)
  }

  /** The newest instants that hold requests, at most so many. */
  newestInstants(most: number): number[] {
    return this.#db
      .prepare(
        'SELECT DISTINCT created FROM request WHERE bucket = ? AND vanished_in IS NULL ORDER BY created DESC LIMIT ?',
      )
      .all(this.#bucket, most)
      .map((row) => row['created'] as number)
  }

  /** The newest instant; `undefined` in an empty bucket. */
  newest(): number | undefined {
    const row = this.#db
      .prepare('SELECT max(created) AS at FROM request WHERE bucket = ? AND vanished_in IS NULL')
      .get(this.#bucket) as { at: number | null }
    return row.at ?? undefined
  }

  /**
   * Finds a bound near the request of this rank (from 0, by time, within the window). No request is nearer to it than
   * the grid is sure of, so that counts on both sides mean the same to the service and to the snapshot, even where
   * the window below reaches beyond it by `overlap`. `undefined` where there is no such bound above the first
   * request.
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
      this.#bucket,
      ...boundsOf(window),
      Math.max(0, this.count(window) - rank - 1),
    )) {
      const created = row['created'] as number
      if (next !== undefined && next - created >= gap) return boundBetween(created, next - overlap, grid)
      next = created
    }
    return undefined
  }

  /**
   * The instants from a rank on. Near the window's end they are counted from there, so that a million need not be
   * skipped.
   */
  *#instantsFrom(window: Window, rank: number): Generator<number> {
    const left = this.count(window) - rank
    const select = `SELECT created FROM request WHERE ${inside} AND vanished_in IS NULL`
    if (left <= nearEnd) {
      const newest = this.#db.prepare(`${select} ORDER BY created DESC LIMIT ?`)
      const rows = newest.all(this.#bucket, ...boundsOf(window), Math.max(0, left))
      for (const row of rows.toReversed()) yield row['created'] as number
      return
    }
    const forward = this.#db.prepare(`${select} ORDER BY created LIMIT -1 OFFSET ?`)
    for (const row of forward.iterate(this.#bucket, ...boundsOf(window), rank)) yield row['created'] as number
  }

  /**
   * Divides a window into parts of at most `most` requests, oldest first, at bounds that the grid is sure of. Where
   * there is no such bound, a part holds more.
   */
  *parts(window: Window, most: number, grid: Grid): LongWork<Part[]> {
    const parts: Part[] = []
    let after = window.after
    let count = 0
    let last: { bound: number; count: number } | undefined
    let previous: number | undefined
    const rows = this.#db.prepare(
      `SELECT created FROM request WHERE ${inside} AND vanished_in IS NULL ORDER BY created`,
    )
    for (const stretch of this.stretches('all', window)) {
      if (previous !== undefined) yield
      for (const row of rows.all(this.#bucket, ...boundsOf(stretch))) {
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
    }
    return [...parts, { window: { after, before: window.before }, count }]
  }
}

/** A bound between two instants at least `2 · sure` apart. */
function boundBetween(older: number, newer: number, grid: Grid): number {
  if (grid.exact) return older + grid.sure
  const middle = Math.floor((older + newer) / 2)
  const whole = Math.ceil((older + grid.sure) / 1000) * 1000
  return whole <= newer - grid.sure ? whole : middle
}

/** The bounds of a window as numbers, both exclusive. */
export function boundsOf(window: Window): [number, number] {
  return [window.after ?? -far, window.before ?? far]
}
