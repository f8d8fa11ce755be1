import type { DatabaseSync } from 'node:sqlite'
import { ledgerPause } from '../domain/backoff.ts'
import type { CidKey, PinCid } from '../domain/cid.ts'
import { KnownFailures } from '../domain/known-failures.ts'
import { type LongWork, paused } from '../domain/long-work.ts'
import { type ReasonClass, type Retry, retryOf, type Why } from '../domain/reasons/classes.ts'
import { LedgerFigures } from './ledger-figures.ts'
import { readCidKey } from './stored-cid.ts'
import { transaction } from './transaction.ts'

/** What was to be done: pinned on the node, pinned at the service, or found whole on the node. */
export type LedgerDirection = 'backup' | 'update' | 'verify'

/** A CID that failed and was not seen to succeed since; instants in ms. */
export interface LedgerEntry extends Why {
  readonly cid: PinCid
  readonly name: string | null
  readonly bucket: string
  readonly retry: Retry
  /** Runs in which it failed. */
  readonly attempts: number
  readonly firstFailed: number
  /** Not tried before this instant, except by a run that someone started by hand. */
  readonly nextAttempt: number
  /** When the request was created that failed last at the service; `null` for a pin that failed on the node. */
  readonly requestCreated: number | null
}

export interface NewFailure extends Pick<LedgerEntry, 'cid' | 'name' | 'bucket' | keyof Why> {
  /** When the failed request was created, for one that failed at the service. */
  readonly requestCreated?: number
}

type Counted = Pick<LedgerEntry, 'attempts' | 'firstFailed' | 'requestCreated'>

/**
 * CIDs that left the ledger: pinned where they had failed, or whole again (`done`); named in `ignore`; gone from the side they came from; or of
 * names that `only-names` does not ask for.
 */
export interface Departure {
  readonly direction: LedgerDirection
  readonly bucket: string
  readonly why: 'done' | 'ignored' | 'gone' | 'unwanted'
  readonly cids: number
}

/** The ledger: what failed, why, since when, how often, and when it is tried next. */
export class Ledger {
  readonly #db: DatabaseSync
  readonly #onChange: () => void
  readonly figures: LedgerFigures
  /** By direction, bucket and reason. */
  readonly #departed = new Map<string, Departure>()

  /** @param onChange called in the same transaction as each change */
  constructor(db: DatabaseSync, onChange: () => void) {
    this.#db = db
    this.#onChange = onChange
    this.figures = new LedgerFigures(db)
  }

  /** All of a direction, each as it is read: there may be a million. Nothing is changed meanwhile. */
  *entries(direction: LedgerDirection): Generator<readonly [CidKey, LedgerEntry]> {
    const rows = this.#db.prepare('SELECT * FROM failure WHERE direction = ?').iterate(direction)
    for (const row of rows) yield [readCidKey(row['cid']) as CidKey, entryOf(row)]
  }

  /** What a direction has to know of its failures before it begins. */
  *known(direction: LedgerDirection): LongWork<KnownFailures> {
    const known = new KnownFailures()
    const rows = this.#db
      .prepare('SELECT cid, next_attempt, retry, request_created FROM failure WHERE direction = ?')
      .iterate(direction)
    yield* paused(rows, (row) => {
      known.add(readCidKey(row['cid']) as CidKey, {
        nextAttempt: row['next_attempt'] as number,
        retry: row['retry'] as Retry,
        requestCreated: row['request_created'] as number | null,
      })
    })
    return known
  }

  /** As it stands now; `undefined` for a CID that did not fail. */
  entry(direction: LedgerDirection, key: CidKey): LedgerEntry | undefined {
    const row = this.#db
      .prepare('SELECT * FROM failure WHERE direction = ? AND cid = ?')
      .get(direction, Buffer.from(key, 'latin1'))
    return row && entryOf(row)
  }

  /**
   * Writes down that a CID failed in this run. Its pause grows with every run in which it fails. A request that
   * failed at the service is listed as failed in every later run: it counts once, and only its description is brought
   * up to date.
   */
  record(direction: LedgerDirection, given: NewFailure, now: number): void {
    const known = this.#counted(direction, given.cid)
    const failure = { ...given, reason: cut(given.reason) }
    transaction(this.#db, () => {
      const isCounted =
        failure.requestCreated !== undefined && failure.requestCreated === known?.requestCreated
      if (isCounted) this.#describe(direction, failure)
      else this.#count(direction, failure, known, now)
    })
  }

  /** What is not tried again by itself is due now: what it failed at may have changed. */
  tryNeversAgain(direction: LedgerDirection, now: number): void {
    const { changes } = this.#db
      .prepare(
        "UPDATE failure SET next_attempt = ?1 WHERE direction = ?2 AND retry = 'never' AND next_attempt > ?1",
      )
      .run(now, direction)
    if (changes > 0) this.#onChange()
  }

  /** Deletes what needs no more tries. @param why for `departed` */
  forget(direction: LedgerDirection, keys: Iterable<CidKey>, why: Departure['why']): void {
    const remove = this.#db.prepare('DELETE FROM failure WHERE direction = ? AND cid = ? RETURNING bucket')
    transaction(this.#db, () => {
      for (const key of keys) {
        const removed = remove.get(direction, Buffer.from(key, 'latin1'))
        if (removed === undefined) continue
        this.#departs(direction, removed['bucket'] as string, why)
        this.#onChange()
      }
    })
  }

  /** What has left it since it was opened, in numbers, and why. */
  get departed(): readonly Departure[] {
    return [...this.#departed.values()]
  }

  #departs(direction: LedgerDirection, bucket: string, why: Departure['why']): void {
    const kind = JSON.stringify([direction, bucket, why])
    const cids = (this.#departed.get(kind)?.cids ?? 0) + 1
    this.#departed.set(kind, { direction, bucket, why, cids })
  }

  /** What was counted of a CID so far. */
  #counted(direction: LedgerDirection, { key }: PinCid): Counted | undefined {
    return this.#db
      .prepare(
        `SELECT attempts, first_failed AS firstFailed, request_created AS requestCreated FROM failure
         WHERE direction = ? AND cid = ?`,
      )
      .get(direction, Buffer.from(key, 'latin1')) as unknown as Counted | undefined
  }

  #count(direction: LedgerDirection, failure: NewFailure, known: Counted | undefined, now: number): void {
    const { cid, name, bucket, reason, class: reasonClass, requestCreated = null } = failure
    const attempts = (known?.attempts ?? 0) + 1
    const retry = retryOf(reasonClass)
    this.#db
      .prepare(
        `INSERT OR REPLACE INTO failure
           (direction, cid, cid_text, name, bucket, reason, class, retry, attempts, first_failed, next_attempt,
            request_created)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        direction,
        Buffer.from(cid.key, 'latin1'),
        cid.text,
        name,
        bucket,
        reason,
        reasonClass,
        retry,
        attempts,
        known?.firstFailed ?? now,
        now + ledgerPause(attempts, retry),
        requestCreated,
      )
    this.#onChange()
  }

  /** Brings the description of a failure up to date that was counted before. */
  #describe(direction: LedgerDirection, failure: NewFailure): void {
    const { cid, name, bucket, reason, class: reasonClass } = failure
    const { changes } = this.#db
      .prepare(
        `UPDATE failure SET cid_text = ?1, name = ?2, bucket = ?3, reason = ?4, class = ?5, retry = ?6
         WHERE direction = ?7 AND cid = ?8 AND (cid_text, name, bucket, reason, class) IS NOT (?1, ?2, ?3, ?4, ?5)`,
      )
      .run(
        cid.text,
        name,
        bucket,
        reason,
        reasonClass,
        retryOf(reasonClass),
        direction,
        Buffer.from(cid.key, 'latin1'),
      )
    if (changes > 0) this.#onChange()
  }
}

function entryOf(row: Record<string, string | number | bigint | Uint8Array | null>): LedgerEntry {
  return {
    cid: { key: readCidKey(row['cid']) as CidKey, text: row['cid_text'] as string },
    name: row['name'] as string | null,
    bucket: row['bucket'] as string,
    reason: row['reason'] as string,
    class: row['class'] as ReasonClass,
    retry: row['retry'] as Retry,
    attempts: row['attempts'] as number,
    firstFailed: row['first_failed'] as number,
    nextAttempt: row['next_attempt'] as number,
    requestCreated: row['request_created'] as number | null,
  }
}

/** In characters. A cluster's peers say what they like, one after the other. */
const longestReason = 20_000

function cut(reason: string): string {
  return reason.length <= longestReason ? reason : `${reason.slice(0, longestReason).toWellFormed()}…`
}
