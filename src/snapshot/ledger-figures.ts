import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { type LongWork, paused } from '../domain/long-work.ts'
import type { ReasonClass, Retry } from '../domain/reasons/classes.ts'
import type { LedgerDirection } from './ledger.ts'

/** What failed alike in one bucket; instants in ms. */
export interface Alike {
  readonly direction: LedgerDirection
  readonly class: ReasonClass
  readonly retry: Retry
  readonly bucket: string
  readonly cids: number
  /** When the first of them failed first. */
  readonly oldest: number
  /** When the first of them is tried again. */
  readonly next: number
}

type AlikeIn = Pick<Alike, 'direction' | 'class'>

/** The ledger in numbers: its entries may be a million, and are never all in memory. */
export class LedgerFigures {
  readonly #db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** By direction and class. @param since of those alone that failed first after this instant */
  *alike(since = Number.MIN_SAFE_INTEGER): Generator<Alike> {
    const rows = this.#db
      .prepare(
        `SELECT direction, class, bucket, max(retry) AS retry, count(*) AS cids, min(first_failed) AS oldest,
           min(next_attempt) AS next
         FROM failure WHERE first_failed > ? GROUP BY direction, class, bucket`,
      )
      .iterate(since)
    for (const row of rows) yield row as unknown as Alike
  }

  /** The first of those that failed alike, as their side writes them: the oldest first. */
  cidsOf({ direction, class: reasonClass }: AlikeIn, most: number): string[] {
    return this.#db
      .prepare(
        `SELECT cid_text AS text FROM failure WHERE direction = ? AND class = ?
         ORDER BY first_failed, cid_text LIMIT ?`,
      )
      .all(direction, reasonClass, most)
      .map(({ text }) => text as string)
  }

  /** The same of all that failed first after an instant. */
  cidsSince(since: number, most: number): string[] {
    return this.#db
      .prepare(
        'SELECT cid_text AS text FROM failure WHERE first_failed > ? ORDER BY first_failed, cid_text LIMIT ?',
      )
      .all(since, most)
      .map(({ text }) => text as string)
  }

  /** The words of one that failed alike: always of the same, while that is there. */
  reasonOf({ direction, class: reasonClass }: AlikeIn): string {
    const row = this.#db
      .prepare(
        'SELECT reason FROM failure WHERE direction = ? AND class = ? ORDER BY first_failed, cid LIMIT 1',
      )
      .get(direction, reasonClass)
    return (row?.['reason'] as string | undefined) ?? ''
  }

  /** The same while the same CIDs fail, whatever the reasons. */
  *digest(): LongWork<string> {
    const hash = createHash('sha256')
    const rows = this.#db.prepare('SELECT direction, cid FROM failure ORDER BY direction, cid').iterate()
    yield* paused(rows, ({ direction, cid }) => {
      hash.update(`${direction} `).update(cid as Uint8Array)
    })
    return hash.digest('hex').slice(0, 32)
  }
}
