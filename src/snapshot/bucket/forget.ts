import type { DatabaseSync } from 'node:sqlite'
import type { LongWork } from '../../domain/long-work.ts'
import { transaction } from '../transaction.ts'

/** So many requests are taken out in one go: some ms. */
const partLength = 5_000

/** Forgets what buckets had. Where one is listed again, that begins anew: so its number stays. */
export function* forgetBuckets(db: DatabaseSync, ids: readonly number[]): LongWork<void> {
  const part = db.prepare(
    `DELETE FROM request WHERE (bucket, created, requestid) IN
       (SELECT bucket, created, requestid FROM request WHERE bucket = ? LIMIT ${partLength})`,
  )
  for (const id of ids) {
    transaction(db, () => {
      for (const table of ['unread', 'dropped', 'sent', 'gone', 'named'])
        db.prepare(`DELETE FROM ${table} WHERE bucket = ?`).run(id)
      db.prepare(
        'UPDATE bucket SET listed = 0, doubled = NULL, audited_to = NULL, unaudited = 0 WHERE id = ?',
      ).run(id)
    })
    while (Number(part.run(id).changes) > 0) yield
  }
}
