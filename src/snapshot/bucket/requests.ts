import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type CidKey, parseCid } from '../../domain/cid.ts'
import type { ListedRequest } from '../../domain/compare.ts'
import type { LongWork } from '../../domain/long-work.ts'
import { type PinRequest, type Status, statuses } from '../../domain/pin.ts'
import type { Window } from '../../domain/windows.ts'
import type { DelegateBook } from '../delegates.ts'
import { readCidKey, readCidText, storeCidText } from '../stored-cid.ts'
import { transaction } from '../transaction.ts'
import { Doubled } from './doubled.ts'
import { listedRequests, requestsAt } from './listed.ts'
import { Overview } from './overview.ts'
import { BucketState } from './state.ts'
import { boundsOf, rowsOf, Timeline } from './timeline.ts'
import { Tombstones } from './tombstones.ts'

/** A request as the snapshot keeps it. */
export interface KnownRequest {
  readonly requestid: string
  readonly created: number
  readonly cid: string
}

/** What became of a request whose CID parses. */
export interface RequestState {
  readonly key: CidKey
  readonly created: number
  readonly status: Status
  readonly failureReason: string | null
}

export interface PageChanges {
  added: number
  changed: number
  /** Requests that had vanished and are there again. They count as changed, too. */
  returned: number
}

/**
 * The requests of one bucket in the snapshot. A request that the service shows no longer becomes a tombstone first:
 * it is in no count and no listing.
 */
export class BucketRequests {
  readonly id: number
  readonly timeline: Timeline
  readonly tombstones: Tombstones
  readonly overview: Overview
  readonly doubled: Doubled
  readonly #db: DatabaseSync
  readonly #delegates: DelegateBook
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #return: StatementSync
  readonly #cidOf: StatementSync

  constructor(db: DatabaseSync, bucket: string, delegates: DelegateBook) {
    this.#db = db
    this.#delegates = delegates
    db.prepare('INSERT OR IGNORE INTO bucket (name) VALUES (?)').run(bucket)
    this.id = (db.prepare('SELECT id FROM bucket WHERE name = ?').get(bucket) as { id: number }).id
    this.timeline = new Timeline(db, this.id)
    this.tombstones = new Tombstones(db, this.id, this.timeline)
    this.overview = new Overview(db, this.id, this.timeline)
    this.doubled = new Doubled(db, this.id, this.timeline)
    this.#insert = db.prepare(
      `INSERT OR IGNORE INTO request (status, cid, cid_text, name, delegates, failure_reason, size, bucket, created, requestid)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#update = db.prepare(
      `UPDATE request SET status = ?1, cid = ?2, cid_text = ?3, name = ?4, delegates = ?5, failure_reason = ?6, size = ?7
       WHERE bucket = ?8 AND created = ?9 AND requestid = ?10
         AND (status, cid, cid_text, name, delegates, failure_reason, size) IS NOT (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
    )
    this.#return = db.prepare(
      `UPDATE request SET vanished_in = NULL
       WHERE bucket = ? AND created = ? AND requestid = ? AND vanished_in IS NOT NULL`,
    )
    this.#cidOf = db.prepare('SELECT cid FROM request WHERE bucket = ? AND created = ? AND requestid = ?')
  }

  /** What is remembered of the bucket besides its requests, read anew. */
  state(): BucketState {
    return new BucketState(this.#db, this.id)
  }

  /** Runs `work` as one transaction: all of it is in the snapshot afterwards, or, when it throws, none. */
  transaction<T>(work: () => T): T {
    try {
      return transaction(this.#db, work)
    } catch (error) {
      this.#delegates.forget()
      throw error
    }
  }

  /** All requests, newest first, one at a time: a million need not be in memory. */
  listed(): Iterable<ListedRequest> {
    return listedRequests(this.#db, this.id)
  }

  /** Gives a reader of the requests that were created at an instant, in the order of `listed`. Tombstones are among them. */
  at(): (created: number) => readonly ListedRequest[] {
    return requestsAt(this.#db, this.id)
  }

  /** Takes in the requests of one answer; call it within a transaction. */
  take(requests: readonly PinRequest[]): PageChanges {
    const changes = { added: 0, changed: 0, returned: 0 }
    // Oldest first: in the order of the table its pages are filled, in the other they are left half empty (a million
    // rows: 138 MB against 239 MB, measured).
    for (const request of requests.toSorted((a, b) => a.created - b.created)) {
      const cid = parseCid(request.cid)
      const values = [
        statuses.indexOf(request.status),
        cid === undefined ? null : Buffer.from(cid.key, 'latin1'),
        cid === undefined ? request.cid : storeCidText(request.cid),
        request.name,
        this.#delegates.note(request.delegates, request.cid),
        request.failureReason,
        request.size,
        this.id,
        request.created,
        request.requestid,
      ]
      if (this.#insert.run(...values).changes === 1) {
        changes.added++
        this.doubled.note(request.requestid)
      } else {
        const isBack = this.#return.run(this.id, request.created, request.requestid).changes === 1
        const isOther = this.#update.run(...values).changes === 1
        if (isBack) {
          changes.returned++
          this.doubled.note(request.requestid)
        }
        if (isBack || isOther) changes.changed++
      }
    }
    return changes
  }

  /** How many requests there are between two bounds, both exclusive. */
  count(window: Window): number {
    return this.timeline.count(window)
  }

  /** The newest instant; `undefined` in an empty bucket. */
  newest(): number | undefined {
    return this.timeline.newest()
  }

  /** `undefined` where there is no such request. */
  statusOf({ created, requestid }: Pick<PinRequest, 'created' | 'requestid'>): Status | undefined {
    const row = this.#db
      .prepare(
        'SELECT status FROM request WHERE bucket = ? AND created = ? AND requestid = ? AND vanished_in IS NULL',
      )
      .get(this.id, created, requestid)
    return row && statuses[row['status'] as number]
  }

  /** Whether one is known, and as a request for another CID: no service makes another of it. */
  isKnownAsOther({ created, requestid, cid }: Pick<PinRequest, 'created' | 'requestid' | 'cid'>): boolean {
    const row = this.#cidOf.get(this.id, created, requestid)
    return row !== undefined && readCidKey(row['cid']) !== parseCid(cid)?.key
  }

  /** The requests created at or after an instant, oldest first. */
  *since(created: number): Generator<RequestState> {
    const rows = this.#db.prepare(
      `SELECT created, status, cid, failure_reason FROM request
       WHERE bucket = ? AND created >= ? AND cid IS NOT NULL AND vanished_in IS NULL ORDER BY created`,
    )
    for (const row of rows.iterate(this.id, created))
      yield {
        key: readCidKey(row['cid']) as CidKey,
        created: row['created'] as number,
        status: statuses[row['status'] as number] as Status,
        failureReason: row['failure_reason'] as string | null,
      }
  }

  /** Requests that are not settled as `pinned`. */
  *unsettled(): LongWork<KnownRequest[]> {
    const found: KnownRequest[] = []
    const rows = this.#db.prepare(
      `SELECT requestid, created, cid, cid_text FROM ${rowsOf.unsettled} AND vanished_in IS NULL`,
    )
    for (const stretch of this.timeline.stretches('unsettled')) {
      for (const row of rows.all(this.id, ...boundsOf(stretch)))
        found.push({
          requestid: row['requestid'] as string,
          created: row['created'] as number,
          cid: readCidText(row['cid'], row['cid_text']),
        })
      yield
    }
    return found
  }
}
