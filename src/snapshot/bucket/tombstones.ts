import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Moment } from '../../domain/moment.ts'
import type { PinRequest } from '../../domain/pin.ts'
import type { Grid, Window } from '../../domain/windows.ts'
import { transaction } from '../transaction.ts'
import type { KnownRequest } from './requests.ts'
import { far } from './timeline.ts'

/** Requests that are no longer there. Only `bury` deletes them, and notes their CIDs as gone. */
export class Tombstones {
  readonly #db: DatabaseSync
  readonly #bucket: number
  readonly #vanish: StatementSync
  readonly #vanishOthers: StatementSync
  readonly #countBetween: StatementSync

  constructor(db: DatabaseSync, bucket: number) {
    this.#db = db
    this.#bucket = bucket
    this.#vanishOthers = db.prepare(
      `UPDATE request SET vanished_in = ?
       WHERE bucket = ? AND created BETWEEN ? AND ? AND vanished_in IS NULL
         AND (created, requestid) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`,
    )
    this.#countBetween = db.prepare(
      'SELECT count(*) AS n FROM request WHERE bucket = ? AND created BETWEEN ? AND ? AND vanished_in IS NULL',
    )
    this.#vanish = db.prepare(
      'UPDATE request SET vanished_in = ? WHERE bucket = ? AND created = ? AND requestid = ?',
    )
  }

  /**
   * Makes tombstones of requests that must lie inside a window and that an answer which showed it whole did not show.
   * A request that it showed at another instant has moved: its old row becomes a tombstone, too.
   */
  vanish(window: Window, grid: Grid, shown: readonly PinRequest[], run: number): number {
    const from = (window.after ?? -far) + grid.sure
    const to = (window.before ?? far) - grid.sure
    if (this.#holdsOnly(shown, from, to)) return 0
    const keys = JSON.stringify(shown.map(({ created, requestid }) => [created, requestid]))
    return Number(this.#vanishOthers.run(run, this.#bucket, from, to, keys).changes)
  }

  /** Nearly always so, and it takes a tenth of the time to count them. The shown ones are in the snapshot. */
  #holdsOnly(shown: readonly PinRequest[], from: number, to: number): boolean {
    const within = shown.filter(({ created }) => created >= from && created <= to)
    const distinct = new Set(within.map(({ created, requestid }) => `${created} ${requestid}`))
    const { n } = this.#countBetween.get(this.#bucket, from, to) as { n: number }
    return n === distinct.size
  }

  vanishOne(request: KnownRequest, run: number): void {
    this.#vanish.run(run, this.#bucket, request.created, request.requestid)
  }

  /** Removes the tombstones of requests that are there at another instant: they have moved. */
  dropMoved(): number {
    const gone = this.#db.prepare(
      'SELECT requestid FROM request INDEXED BY tombstone WHERE bucket = ? AND vanished_in IS NOT NULL',
    )
    const ids = gone.all(this.#bucket).map((row) => row['requestid'] as string)
    if (ids.length === 0) return 0
    const moved = this.#db
      .prepare(
        `SELECT requestid FROM request
         WHERE bucket = ? AND vanished_in IS NULL AND requestid IN (SELECT value FROM json_each(?))`,
      )
      .all(this.#bucket, JSON.stringify(ids))
      .map((row) => row['requestid'] as string)
    return Number(
      this.#db
        .prepare(
          `DELETE FROM request
           WHERE bucket = ? AND vanished_in IS NOT NULL AND requestid IN (SELECT value FROM json_each(?))`,
        )
        .run(this.#bucket, JSON.stringify(moved)).changes,
    )
  }

  /** How many requests became tombstones after a run, and up to another. */
  vanished(after: number, upTo: number): number {
    // A request that moved and then vanished, with no finished listing in between, has left two tombstones. It counts
    // once.
    const { n } = this.#db
      .prepare(
        `SELECT count(DISTINCT requestid) AS n FROM request INDEXED BY tombstone
         WHERE bucket = ? AND vanished_in > ? AND vanished_in <= ?`,
      )
      .get(this.#bucket, after, upTo) as { n: number }
    return n
  }

  /**
   * Deletes the tombstones made after one run and up to another. Their CIDs are noted as gone, so that they are
   * looked for before they are paid for again.
   * @returns how many requests they were
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
        .run(here, service, this.#bucket, after, upTo)
      this.#db.prepare(`DELETE FROM request ${these}`).run(this.#bucket, after, upTo)
    })
    return buried
  }

  /** Forgets CIDs that have been gone for so long that nobody needs to look for them any more. */
  forgetGone(isOver: (at: Moment) => boolean): void {
    const moments = this.#db
      .prepare('SELECT DISTINCT here, service FROM gone WHERE bucket = ?')
      .all(this.#bucket) as unknown as Moment[]
    const remove = this.#db.prepare('DELETE FROM gone WHERE bucket = ? AND here = ? AND service IS ?')
    for (const at of moments) if (isOver(at)) remove.run(this.#bucket, at.here, at.service)
  }
}
