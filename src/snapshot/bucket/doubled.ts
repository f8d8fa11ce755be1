import type { DatabaseSync } from 'node:sqlite'
import { CidMarks } from '../../domain/cid-marks.ts'
import type { LongWork } from '../../domain/long-work.ts'
import { boundsOf, rowsOf, type Timeline } from './timeline.ts'

/** So many new requests are remembered one by one. Where there are more, all requests are looked through. */
const mostNoted = 10_000

/** The requests of a bucket that are known at more than one instant. */
export class Doubled {
  readonly #db: DatabaseSync
  readonly #bucket: number
  readonly #timeline: Timeline
  /** The requestids that came, or came back, in this run; where there are many, only some of them. */
  readonly #new = new Set<string>()

  constructor(db: DatabaseSync, bucket: number, timeline: Timeline) {
    this.#db = db
    this.#bucket = bucket
    this.#timeline = timeline
  }

  /** A request came, or came back. */
  note(requestid: string): void {
    if (this.#new.size < mostNoted) this.#new.add(requestid)
  }

  /**
   * The instants of requests that are also known at another instant.
   * @param among `new`: only requests that came since the last time that none were found. No other can be known at
   *   two instants
   */
  *instants(among: 'new' | 'all'): LongWork<number[]> {
    if (this.#new.size === 0 && among === 'new') return []
    const areNoted = among === 'new' && this.#new.size < mostNoted
    const ids = areNoted ? this.#new : yield* this.#twice()
    const instants = ids.size === 0 ? [] : yield* this.#instantsOf(ids)
    if (instants.length === 0) this.#new.clear()
    return instants
  }

  /** The requestids of more than one row. */
  *#twice(): LongWork<ReadonlySet<string>> {
    const seen = new CidMarks<string>()
    const twice = new Set<string>()
    const rows = this.#db.prepare(`SELECT requestid FROM ${rowsOf.all} AND vanished_in IS NULL`)
    for (const stretch of this.#timeline.stretches('all')) {
      for (const row of rows.all(this.#bucket, ...boundsOf(stretch))) {
        const requestid = row['requestid'] as string
        const bytes = Buffer.from(requestid).toString('latin1')
        if (seen.get(bytes) === 0) seen.set(bytes, 1)
        else twice.add(requestid)
      }
      yield
    }
    return twice
  }

  /** The instants of those of some requestids that have more than one row. */
  *#instantsOf(ids: ReadonlySet<string>): LongWork<number[]> {
    const found = new Map<string, number[]>()
    const rows = this.#db.prepare(
      `SELECT requestid, created FROM ${rowsOf.all} AND vanished_in IS NULL
         AND requestid IN (SELECT value FROM json_each(?))`,
    )
    const wanted = JSON.stringify([...ids])
    for (const stretch of this.#timeline.stretches('all')) {
      for (const row of rows.all(this.#bucket, ...boundsOf(stretch), wanted)) {
        const [requestid, created] = [row['requestid'] as string, row['created'] as number]
        const instants = found.get(requestid)
        if (instants === undefined) found.set(requestid, [created])
        else instants.push(created)
      }
      yield
    }
    return [...found.values()].filter(({ length }) => length > 1).flat()
  }
}
