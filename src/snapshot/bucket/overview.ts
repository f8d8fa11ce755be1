import type { DatabaseSync } from 'node:sqlite'
import type { LongWork } from '../../domain/long-work.ts'
import { type Status, statuses } from '../../domain/pin.ts'
import { readCidText } from '../stored-cid.ts'
import { boundsOf, rowsOf, type Timeline } from './timeline.ts'

/** A request whose CID does not parse. */
interface InvalidRequest {
  readonly requestid: string
  readonly cid: string
}

/** What is told of all requests of a bucket, but for tombstones. */
export interface BucketFigures {
  readonly byStatus: Readonly<Record<Status, number>>
  /** The oldest whose CID does not parse, at most 1,000; and how many there are. */
  readonly invalid: readonly InvalidRequest[]
  readonly invalidCount: number
  /** The numbers of the lists of delegates that they carry. */
  readonly delegateLists: ReadonlySet<number>
}

/** So many are told one by one: a service may show any number of them. */
export const mostInvalid = 1000

/** What is told of a bucket as a whole. */
export class Overview {
  readonly #db: DatabaseSync
  readonly #bucket: number
  readonly #timeline: Timeline

  constructor(db: DatabaseSync, bucket: number, timeline: Timeline) {
    this.#db = db
    this.#bucket = bucket
    this.#timeline = timeline
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

  /** All requests are looked at, some thousand at a time. */
  *figures(): LongWork<BucketFigures> {
    const byStatus = { queued: 0, pinning: 0, pinned: 0, failed: 0 }
    const invalid: InvalidRequest[] = []
    let invalidCount = 0
    const delegateLists = new Set<number>()
    const alike = this.#db.prepare(
      `SELECT status, cid IS NULL AS isInvalid, delegates, count(*) AS n FROM ${rowsOf.all} AND vanished_in IS NULL
       GROUP BY status, isInvalid, delegates`,
    )
    const invalidOnes = this.#db.prepare(
      `SELECT requestid, cid_text AS cid FROM ${rowsOf.all} AND cid IS NULL AND vanished_in IS NULL
       ORDER BY created LIMIT ?`,
    )
    for (const stretch of this.#timeline.stretches('all')) {
      const bounds = boundsOf(stretch)
      const before = invalidCount
      for (const row of alike.all(this.#bucket, ...bounds)) {
        const { status, isInvalid, delegates, n } = row as unknown as Alike
        byStatus[statuses[status] as Status] += n
        if (delegates !== null) delegateLists.add(delegates)
        if (isInvalid === 1) invalidCount += n
      }
      const room = mostInvalid - invalid.length
      if (invalidCount > before && room > 0)
        invalid.push(...(invalidOnes.all(this.#bucket, ...bounds, room) as never[]))
      yield
    }
    return { byStatus, invalid, invalidCount, delegateLists }
  }
}

/** Requests that are counted together. */
interface Alike {
  readonly status: number
  readonly isInvalid: number
  readonly delegates: number | null
  readonly n: number
}
