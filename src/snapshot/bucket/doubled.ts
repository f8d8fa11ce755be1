import type { DatabaseSync } from 'node:sqlite'
import { Fingerprints } from '../../domain/fingerprints.ts'
import type { LongWork } from '../../domain/long-work.ts'
import { boundsOf, rowsOf, type Timeline } from './timeline.ts'

/** So many requests are looked for one by one. Where there are more, all requests are looked through. */
const mostSuspects = 10_000

/** The requests of a bucket that are known at more than one instant. */
export class Doubled {
  readonly #db: DatabaseSync
  readonly #bucket: number
  readonly #timeline: Timeline
  /** No request is known that did not come in this run. */
  #hasBegunEmpty: boolean
  /** Those that came until now, in a bucket that was empty. */
  #come = new Fingerprints()
  /** The requestids that may be at two instants; where there are many, only some of them. */
  readonly #suspects = new Set<string>()

  constructor(db: DatabaseSync, bucket: number, timeline: Timeline) {
    this.#db = db
    this.#bucket = bucket
    this.#timeline = timeline
    this.#hasBegunEmpty =
      db.prepare('SELECT 1 FROM request WHERE bucket = ? LIMIT 1').get(bucket) === undefined
  }

  /** A request came, or came back. */
  note(requestid: string): void {
    const isNew = this.#hasBegunEmpty && !this.#come.add(requestid)
    if (!isNew && this.#suspects.size < mostSuspects) this.#suspects.add(requestid)
  }

  /**
   * The instants of requests that are also known at another instant.
   * @param among `new`: only requests that came since the last time that none were found. No other can be known at
   *   two instants
   */
  *instants(among: 'new' | 'all'): LongWork<number[]> {
    if (this.#suspects.size === 0 && among === 'new') return this.#none()
    const areNoted = among === 'new' && this.#suspects.size < mostSuspects
    const ids = areNoted ? this.#suspects : yield* this.#twice()
    const instants = ids.size === 0 ? [] : yield* this.#instantsOf(ids)
    return instants.length === 0 ? this.#none() : instants
  }

  #none(): number[] {
    this.#suspects.clear()
    this.#hasBegunEmpty = false
    this.#come = new Fingerprints()
    return []
  }

  /** The requestids of more than one row; some that only look like another may be among them. */
  *#twice(): LongWork<ReadonlySet<string>> {
    const seen = new Fingerprints()
    const twice = new Set<string>()
    const rows = this.#db.prepare(`SELECT requestid FROM ${rowsOf.all} AND vanished_in IS NULL`)
    for (const stretch of this.#timeline.stretches('all')) {
      for (const row of rows.all(this.#bucket, ...boundsOf(stretch))) {
        const requestid = row['requestid'] as string
        if (seen.add(requestid)) twice.add(requestid)
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
