import type { DatabaseSync } from 'node:sqlite'
import type { CidKey } from '../../domain/cid.ts'
import type { ListedRequest } from '../../domain/compare.ts'
import { type Status, statuses } from '../../domain/pin.ts'
import { readCidKey, readCidText } from '../stored-cid.ts'

const select =
  'SELECT requestid, created, status, cid, cid_text, name, delegates, failure_reason, size FROM request'

/** All requests of a bucket in the snapshot, newest first, one at a time: a million need not be in memory. */
export function* listedRequests(db: DatabaseSync, bucketId: number): Generator<ListedRequest> {
  const rows = db.prepare(
    `${select} WHERE bucket = ? AND vanished_in IS NULL ORDER BY created DESC, requestid DESC`,
  )
  // A third less time than objects, and half of the memory.
  rows.setReturnArrays(true)
  for (const row of rows.iterate(bucketId)) yield new Row(row as unknown as Columns)
}

/** How many requests are read ahead. */
const ahead = { least: 8, most: 512 }

/**
 * The requests of a bucket that were created at an instant, in the same order; with those that vanished since. They are
 * mostly asked for one instant after the other: then more and more are read ahead, since a million questions take long.
 */
export function requestsAt(
  db: DatabaseSync,
  bucketId: number,
): (created: number) => readonly ListedRequest[] {
  const exact = db.prepare(`${select} WHERE bucket = ? AND created = ? ORDER BY requestid DESC`)
  const onward = db.prepare(
    `${select} WHERE bucket = ? AND created <= ? ORDER BY created DESC, requestid DESC LIMIT ?`,
  )
  for (const rows of [exact, onward]) rows.setReturnArrays(true)
  const read = (rows: unknown[]) => rows.map((row) => new Row(row as Columns))
  let known = new Map<number, readonly ListedRequest[]>()
  let limit = ahead.least
  let uses = 0
  return (created) => {
    const found = known.get(created)
    uses++
    if (found !== undefined) return found
    const wereOfUse = 2 * uses > known.size
    limit = wereOfUse ? Math.min(ahead.most, 2 * limit) : Math.max(ahead.least, limit / 2)
    uses = 0
    const requests = read(onward.all(bucketId, created, limit))
    known = Map.groupBy(requests, (request) => request.created)
    // The last instant may be cut.
    const last = requests.at(-1)
    if (last !== undefined && requests.length === limit) known.delete(last.created)
    const now = known.get(created) ?? read(exact.all(bucketId, created))
    known.set(created, now)
    return now
  }
}

/** A CID that the service may have although no listing shows it, and the number of the bucket that is to have it. */
export interface InDoubt {
  readonly key: CidKey
  readonly bucket: number
}

/**
 * What is in doubt: CIDs whose requests vanished and are not believed to be gone, and those of buckets that are not
 * listed any more.
 * @param buckets.unlisted the numbers of those buckets
 * @param buckets.released of them nothing is in doubt
 */
export function* inDoubt(
  db: DatabaseSync,
  buckets: { readonly unlisted: readonly number[]; readonly released: readonly number[] },
): Generator<InDoubt> {
  const released = 'bucket IN (SELECT value FROM json_each(?2))'
  // By index and by bucket: to read a million requests for the few takes a second in which nothing else is heard.
  const others = `bucket IN (SELECT value FROM json_each(?1)) AND NOT ${released}`
  const rows = db.prepare(
    `SELECT cid, bucket FROM request INDEXED BY tombstone WHERE vanished_in IS NOT NULL AND cid IS NOT NULL AND NOT ${released}
     UNION ALL SELECT cid, bucket FROM request WHERE ${others} AND vanished_in IS NULL AND cid IS NOT NULL
     UNION ALL SELECT cid, bucket FROM sent WHERE ${others}`,
  )
  for (const { cid, bucket } of rows.iterate(
    JSON.stringify(buckets.unlisted),
    JSON.stringify(buckets.released),
  ))
    yield { key: readCidKey(cid) as CidKey, bucket: bucket as number }
}

/** In the order of the query. */
type Columns = readonly [
  requestid: string,
  created: number,
  status: number,
  cid: Uint8Array | null,
  cidText: number | string,
  name: string | null,
  delegates: number | null,
  failureReason: string | null,
  size: number | null,
]

/** Reads most columns only when they are asked for: of most requests only the key and the status are looked at. */
class Row implements ListedRequest {
  readonly #row: Columns
  readonly key: CidKey | undefined
  readonly status: Status

  constructor(row: Columns) {
    this.#row = row
    this.key = readCidKey(row[3])
    this.status = statuses[row[2]] as Status
  }

  get requestid(): string {
    return this.#row[0]
  }

  get created(): number {
    return this.#row[1]
  }

  get text(): string {
    return readCidText(this.#row[3], this.#row[4])
  }

  get name(): string | null {
    return this.#row[5]
  }

  get delegates(): number | null {
    return this.#row[6]
  }

  get failureReason(): string | null {
    return this.#row[7]
  }

  get size(): number | null {
    return this.#row[8]
  }
}
