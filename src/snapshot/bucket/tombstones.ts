import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { CidMarks } from '../../domain/cid-marks.ts'
import type { LongWork } from '../../domain/long-work.ts'
import type { Moment } from '../../domain/moment.ts'
import type { PinRequest } from '../../domain/pin.ts'
import type { Grid, Window } from '../../domain/windows.ts'
import { transaction } from '../transaction.ts'
import { requestidBytes } from './requestid.ts'
import type { KnownRequest } from './requests.ts'
import { Tally } from './tally.ts'
import { boundsOf, rowsInOneGo, rowsOf, type Timeline } from './timeline.ts'

/** Requests that are no longer there. Only `bury` deletes them, and notes their CIDs as gone. */
export class Tombstones {
  readonly #db: DatabaseSync
  readonly #bucket: number
  readonly #timeline: Timeline
  readonly #vanish: StatementSync
  readonly #vanishOthers: StatementSync
  readonly #countBetween: StatementSync

  constructor(db: DatabaseSync, bucket: number, timeline: Timeline) {
    this.#db = db
    this.#bucket = bucket
    this.#timeline = timeline
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
   * @param where.stretch of the window: the rest of it is left to another call
   */
  vanish(
    where: { readonly window: Window; readonly grid: Grid; readonly stretch: Window },
    shown: readonly PinRequest[],
    run: number,
  ): number {
    const [after, before] = boundsOf(where.window)
    const [first, last] = boundsOf(where.stretch)
    const from = Math.max(after + where.grid.sure, first + 1)
    const to = Math.min(before - where.grid.sure, last - 1)
    const within = shown.filter(({ created }) => created >= from && created <= to)
    if (this.#holdsOnly(within, from, to)) return 0
    const keys = JSON.stringify(within.map(({ created, requestid }) => [created, requestid]))
    return Number(this.#vanishOthers.run(run, this.#bucket, from, to, keys).changes)
  }

  /** Nearly always so, and it takes a tenth of the time to count them. The shown ones are in the snapshot. */
  #holdsOnly(shown: readonly PinRequest[], from: number, to: number): boolean {
    const { n } = this.#countBetween.get(this.#bucket, from, to) as { n: number }
    // One that is shown twice, at one instant or at two, is looked at more closely.
    return n === shown.length && n === new Set(shown.map(({ requestid }) => requestid)).size
  }

  vanishOne(request: KnownRequest, run: number): void {
    this.#vanish.run(run, this.#bucket, request.created, request.requestid)
  }

  /** Removes the tombstones of requests that are there at another instant: they have moved. */
  *dropMoved(): LongWork<number> {
    const moved = yield* this.#moved()
    if (moved.size === 0) return 0
    const remove = this.#db.prepare(
      `DELETE FROM ${rowsOf.tombstones} AND requestid IN (SELECT value FROM json_each(?))`,
    )
    const ids = JSON.stringify([...moved])
    let dropped = 0
    for (const stretch of this.#timeline.stretches('tombstones')) {
      dropped += Number(remove.run(this.#bucket, ...boundsOf(stretch), ids).changes)
      yield
    }
    return dropped
  }

  /** The requestids of tombstones that are there at another instant. */
  *#moved(): LongWork<ReadonlySet<string>> {
    const gone = yield* this.#vanishedIn()
    const moved = new Set<string>()
    if (gone.size === 0) return moved
    const live = this.#db.prepare(`SELECT requestid FROM ${rowsOf.all} AND vanished_in IS NULL`)
    for (const stretch of this.#timeline.stretches('all')) {
      for (const row of live.all(this.#bucket, ...boundsOf(stretch))) {
        const requestid = row['requestid'] as string
        if (gone.get(requestidBytes(requestid)) !== 0) moved.add(requestid)
      }
      yield
    }
    return moved
  }

  /**
   * How many requests became tombstones in which run. One that moved and then vanished, with no finished listing in
   * between, has left two tombstones. It counts once.
   */
  *tally(): LongWork<Tally> {
    const runs = yield* this.#vanishedIn()
    const tally = new Tally()
    for (let place = 0; place < runs.size; place++) tally.add(runs.at(place))
    return tally
  }

  /** The last run in which each requestid became a tombstone. */
  *#vanishedIn(): LongWork<CidMarks<string>> {
    const runs = new CidMarks<string>()
    const rows = this.#db.prepare(`SELECT requestid, vanished_in AS run FROM ${rowsOf.tombstones}`)
    for (const stretch of this.#timeline.stretches('tombstones')) {
      for (const row of rows.all(this.#bucket, ...boundsOf(stretch))) {
        const bytes = requestidBytes(row['requestid'] as string)
        runs.set(bytes, Math.max(row['run'] as number, runs.get(bytes)))
      }
      yield
    }
    return runs
  }

  /**
   * Deletes the tombstones made after one run and up to another. Their CIDs are noted as gone, so that they are
   * looked for before they are paid for again.
   */
  *bury(after: number, upTo: number, { here, service }: Moment): LongWork<void> {
    const these = `${rowsOf.tombstones} AND vanished_in > ? AND vanished_in <= ?`
    const note = this.#db.prepare(
      `INSERT OR REPLACE INTO gone (bucket, cid, here, service)
       SELECT bucket, cid, ?, ? FROM ${these} AND cid IS NOT NULL`,
    )
    const remove = this.#db.prepare(`DELETE FROM ${these}`)
    for (const stretch of this.#timeline.stretches('tombstones')) {
      const where = [this.#bucket, ...boundsOf(stretch), after, upTo] as const
      transaction(this.#db, () => {
        note.run(here, service, ...where)
        remove.run(...where)
      })
      yield
    }
  }

  /** Forgets CIDs that have been gone for so long that nobody needs to look for them any more. */
  *forgetGone(isOver: (at: Moment) => boolean): LongWork<void> {
    const moments = this.#db
      .prepare('SELECT DISTINCT here, service FROM gone WHERE bucket = ?')
      .all(this.#bucket) as unknown as Moment[]
    const remove = this.#db.prepare(
      `DELETE FROM gone WHERE bucket = ?1 AND cid IN
         (SELECT cid FROM gone WHERE bucket = ?1 AND here = ?2 AND service IS ?3 LIMIT ${rowsInOneGo})`,
    )
    for (const { here, service } of moments.filter(isOver))
      while (remove.run(this.#bucket, here, service).changes === rowsInOneGo) yield
  }
}
