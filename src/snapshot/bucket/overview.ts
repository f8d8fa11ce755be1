import type { DatabaseSync } from 'node:sqlite'
import { type Status, statuses } from '../../domain/pin.ts'
import { readCidText } from '../stored-cid.ts'

/** What is told of a bucket as a whole. */
export class Overview {
  readonly #db: DatabaseSync
  readonly #bucket: number

  constructor(db: DatabaseSync, bucket: number) {
    this.#db = db
    this.#bucket = bucket
  }

  /** The newest CIDs that the service shows as pinned, as it writes them. */
  examples(most: number): string[] {
    return this.#db
      .prepare(
        `SELECT cid, cid_text FROM request
         WHERE bucket = ? AND cid IS NOT NULL AND status = ${statuses.indexOf('pinned')} AND vanished_in IS NULL
         ORDER BY created DESC LIMIT ?`,
      )
      .all(this.#bucket, most)
      .map((row) => readCidText(row['cid'], row['cid_text']))
  }

  /** How many requests have each status. */
  byStatus(): Record<Status, number> {
    const rows = this.#db
      .prepare(
        'SELECT status, count(*) AS n FROM request WHERE bucket = ? AND vanished_in IS NULL GROUP BY status',
      )
      .all(this.#bucket) as { status: number; n: number }[]
    const counts = { queued: 0, pinning: 0, pinned: 0, failed: 0 }
    for (const { status, n } of rows) counts[statuses[status] as Status] = n
    return counts
  }

  /** The oldest requests whose CID does not parse. There may be any number of them. */
  invalid(most: number): { requestid: string; cid: string }[] {
    return this.#db
      .prepare(
        `SELECT requestid, cid_text AS cid FROM request
         WHERE bucket = ? AND cid IS NULL AND vanished_in IS NULL ORDER BY created LIMIT ?`,
      )
      .all(this.#bucket, most) as { requestid: string; cid: string }[]
  }

  /** How many requests have a CID that does not parse. */
  invalidCount(): number {
    const { n } = this.#db
      .prepare('SELECT count(*) AS n FROM request WHERE bucket = ? AND cid IS NULL AND vanished_in IS NULL')
      .get(this.#bucket) as { n: number }
    return n
  }
}
