import type { DatabaseSync } from 'node:sqlite'
import type { CidKey } from '../domain/cid.ts'
import { type Status, statuses } from '../domain/pin.ts'
import type { ListedRequest } from '../domain/plan.ts'
import { readCidKey, readCidText } from './stored-cid.ts'

/** All requests of a bucket in the snapshot, newest first, one at a time: a million need not be in memory. */
export function* listedRequests(db: DatabaseSync, bucketId: number): Generator<ListedRequest> {
  const rows = db.prepare(
    `SELECT requestid, created, status, cid, cid_text, name, delegates, failure_reason FROM request
     WHERE bucket = ? AND vanished_in IS NULL ORDER BY created DESC, requestid`,
  )
  for (const row of rows.iterate(bucketId)) yield new Row(row)
}

type Columns = Record<string, string | number | bigint | Uint8Array | null>

/** Reads its columns only when asked: most requests are only looked at by key and status. */
class Row implements ListedRequest {
  readonly #row: Columns
  readonly key: CidKey | undefined
  readonly status: Status

  constructor(row: Columns) {
    this.#row = row
    this.key = readCidKey(row['cid'])
    this.status = statuses[row['status'] as number] as Status
  }

  get requestid(): string {
    return this.#row['requestid'] as string
  }

  get created(): number {
    return this.#row['created'] as number
  }

  get text(): string {
    return readCidText(this.#row)
  }

  get name(): string | null {
    return this.#row['name'] as string | null
  }

  get delegates(): number | null {
    return this.#row['delegates'] as number | null
  }

  get failureReason(): string | null {
    return this.#row['failure_reason'] as string | null
  }
}
