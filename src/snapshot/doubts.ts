import type { DatabaseSync } from 'node:sqlite'
import type { CidKey } from '../domain/cid.ts'
import type { LongWork } from '../domain/long-work.ts'
import type { Moment } from '../domain/moment.ts'
import { durably } from './durably.ts'
import { readCidKey } from './stored-cid.ts'
import { transaction } from './transaction.ts'

/** A request that the service may have taken in, although no listing shows it. */
export interface Sent {
  /** The bucket's number in the snapshot. */
  readonly bucket: number
  readonly key: CidKey
  readonly at: Moment
  /** `null` until the service has answered. */
  readonly requestid: string | null
  /** When its newest failed request was created, as known by then; `null` for none. */
  readonly failedCreated: number | null
  /** How often it was sent without coming to be listed. */
  readonly tries: number
}

/** A CID whose request was there and is gone. */
export interface Gone {
  readonly bucket: number
  readonly key: CidKey
  readonly at: Moment
}

const partLength = 1000

type Row = Record<string, string | number | bigint | Uint8Array | null>

/**
 * What the service may have although no listing shows it. What is sent is noted before it goes out; what is gone is
 * noted when a listing decides that (`Tombstones.bury`). Neither is paid for again before it was looked for.
 */
export class Doubts {
  readonly #db: DatabaseSync
  readonly #onChange: () => void

  constructor(db: DatabaseSync, onChange: () => void) {
    this.#db = db
    this.#onChange = onChange
  }

  /** All that was sent: there may be a million. What was given may be settled meanwhile. */
  *sent(): Generator<Sent> {
    for (const row of this.#rows('sent')) yield sentOf(row)
  }

  /** What was sent of one CID, to whatever bucket. */
  sentOf(key: CidKey): Sent[] {
    return this.#rowsOf('sent', key).map(sentOf)
  }

  /** How often the request that is noted was sent. */
  triesOf({ bucket, key }: Pick<Sent, 'bucket' | 'key'>): number {
    return this.sentOf(key).find((note) => note.bucket === bucket)?.tries ?? 1
  }

  /** All that is gone: there may be a million. What was given may be believed meanwhile. */
  *gone(): Generator<Gone> {
    for (const row of this.#rows('gone')) yield placeOf(row)
  }

  goneOf(key: CidKey): Gone[] {
    return this.#rowsOf('gone', key).map(placeOf)
  }

  /** Read part by part, so that what was read can be changed before the next part is. */
  *#rows(table: 'sent' | 'gone'): Generator<Row> {
    const part = this.#db.prepare(
      `SELECT * FROM ${table} WHERE (bucket, cid) > (?, ?) ORDER BY bucket, cid LIMIT ${partLength}`,
    )
    let rows: Row[] = []
    do {
      const { bucket = -1, cid = '' } = rows.at(-1) ?? {}
      rows = part.all(bucket, cid)
      yield* rows
    } while (rows.length === partLength)
  }

  #rowsOf(table: 'sent' | 'gone', key: CidKey): Row[] {
    // Each bucket by itself, as the tables are in the order of the buckets.
    return this.#db
      .prepare(`SELECT * FROM ${table} WHERE bucket IN (SELECT id FROM bucket) AND cid = ?`)
      .all(blob(key))
  }

  /** Notes that a request goes out now. */
  send({ bucket, key, at, failedCreated }: Pick<Sent, 'bucket' | 'key' | 'at' | 'failedCreated'>): void {
    const note = this.#db.prepare(
      `INSERT INTO sent (bucket, cid, here, service, failed_created) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET here = ?3, service = ?4, failed_created = ?5, requestid = NULL, tries = tries + 1`,
    )
    // The note itself is the last that is written before the request goes out.
    this.#onChange()
    durably(this.#db, () => note.run(bucket, blob(key), at.here, at.service, failedCreated))
  }

  /** The service has answered with a request. It stays in doubt until a listing shows it. */
  answer({ bucket, key }: Pick<Sent, 'bucket' | 'key'>, requestid: string): void {
    this.#db
      .prepare('UPDATE sent SET requestid = ? WHERE bucket = ? AND cid = ?')
      .run(requestid, bucket, blob(key))
  }

  /** It was not taken in this time. How often it was sent in vain before stays known. */
  takeBack(note: Pick<Sent, 'bucket' | 'key'>): void {
    this.forgive([note])
    if (this.triesOf(note) <= 0) this.settle([note])
  }

  /** It is known what became of them. */
  settle(notes: Iterable<Pick<Sent, 'bucket' | 'key'>>): void {
    const remove = this.#db.prepare('DELETE FROM sent WHERE bucket = ? AND cid = ?')
    transaction(this.#db, () => {
      for (const { bucket, key } of notes) remove.run(bucket, blob(key))
    })
    this.#onChange()
  }

  /** The same for many, some at a time. */
  *settleAll(notes: Iterable<Pick<Sent, 'bucket' | 'key'>>): LongWork<void> {
    for (const some of inParts(notes)) {
      this.settle(some)
      yield
    }
  }

  /** It is really gone: it was looked up, and was not there. */
  believe({ bucket, key }: Pick<Gone, 'bucket' | 'key'>): void {
    this.#db.prepare('DELETE FROM gone WHERE bucket = ? AND cid = ?').run(bucket, blob(key))
    this.#onChange()
  }

  /** The service as a whole was at fault: these tries do not count. */
  forgive(notes: Iterable<Pick<Sent, 'bucket' | 'key'>>): void {
    const update = this.#db.prepare('UPDATE sent SET tries = tries - 1 WHERE bucket = ? AND cid = ?')
    transaction(this.#db, () => {
      for (const { bucket, key } of notes) update.run(bucket, blob(key))
    })
  }

  /** It was looked for and found: the doubt begins anew. */
  renew({ bucket, key }: Pick<Sent, 'bucket' | 'key'>, { here, service }: Moment): void {
    for (const table of ['sent', 'gone'])
      this.#db
        .prepare(`UPDATE ${table} SET here = ?, service = ? WHERE bucket = ? AND cid = ?`)
        .run(here, service, bucket, blob(key))
  }
}

function* inParts<T>(items: Iterable<T>): Generator<T[]> {
  let part: T[] = []
  for (const item of items) {
    part.push(item)
    if (part.length < partLength) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

function sentOf(row: Row): Sent {
  return {
    ...placeOf(row),
    requestid: row['requestid'] as string | null,
    failedCreated: row['failed_created'] as number | null,
    tries: row['tries'] as number,
  }
}

function placeOf(row: Row): Gone {
  return { bucket: row['bucket'] as number, key: readCidKey(row['cid']) as CidKey, at: momentOf(row) }
}

function momentOf(row: Row): Moment {
  return { here: row['here'] as number, service: row['service'] as number | null }
}

function blob(key: CidKey): Buffer {
  return Buffer.from(key, 'latin1')
}
