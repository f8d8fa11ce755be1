import type { DatabaseSync } from 'node:sqlite'
import { ledgerPause } from '../domain/backoff.ts'
import type { CidKey, PinCid } from '../domain/cid.ts'
import { readCidKey } from './stored-cid.ts'
import { transaction } from './transaction.ts'

export type LedgerDirection = 'backup' | 'update'

/** A CID that failed and was not seen to succeed since; instants in ms. */
export interface LedgerEntry {
  readonly cid: PinCid
  readonly name: string | null
  readonly bucket: string
  /** Of its last failure. */
  readonly reason: string
  /** Runs in which it failed. */
  readonly attempts: number
  readonly firstFailed: number
  /** Not to be tried before, but by a run that someone started by hand. */
  readonly nextAttempt: number
}

export type Failure = Pick<LedgerEntry, 'cid' | 'name' | 'bucket' | 'reason'>

/** The ledger: what failed, why, since when, how often, and when it is tried next. */
export class Ledger {
  readonly #db: DatabaseSync
  readonly #onChange: () => void

  /** @param onChange called within the transaction that changes it */
  constructor(db: DatabaseSync, onChange: () => void) {
    this.#db = db
    this.#onChange = onChange
  }

  get(direction: LedgerDirection): Map<CidKey, LedgerEntry> {
    const rows = this.#db
      .prepare('SELECT * FROM failure WHERE direction = ? ORDER BY first_failed')
      .all(direction)
    return new Map(rows.map((row) => [readCidKey(row['cid']) as CidKey, entryOf(row)]))
  }

  /** Writes down that a CID failed in this run; its pause grows with every run in which it does. */
  record(direction: LedgerDirection, failure: Failure, now: number): void {
    const { cid, name, bucket, reason } = failure
    const key = Buffer.from(cid.key, 'latin1')
    const known = this.#db
      .prepare('SELECT attempts, first_failed FROM failure WHERE direction = ? AND cid = ?')
      .get(direction, key) as { attempts: number; first_failed: number } | undefined
    const attempts = (known?.attempts ?? 0) + 1
    transaction(this.#db, () => {
      this.#db
        .prepare(
          `INSERT OR REPLACE INTO failure
             (direction, cid, cid_text, name, bucket, reason, attempts, first_failed, next_attempt)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          direction,
          key,
          cid.text,
          name,
          bucket,
          reason,
          attempts,
          known?.first_failed ?? now,
          now + ledgerPause(attempts),
        )
      this.#onChange()
    })
  }

  /** Strikes out what needs no more tries. */
  forget(direction: LedgerDirection, keys: Iterable<CidKey>): void {
    const remove = this.#db.prepare('DELETE FROM failure WHERE direction = ? AND cid = ?')
    transaction(this.#db, () => {
      const removed = Iterator.from(keys).reduce(
        (sum, key) => sum + Number(remove.run(direction, Buffer.from(key, 'latin1')).changes),
        0,
      )
      if (removed > 0) this.#onChange()
    })
  }
}

function entryOf(row: Record<string, string | number | bigint | Uint8Array | null>): LedgerEntry {
  return {
    cid: { key: readCidKey(row['cid']) as CidKey, text: row['cid_text'] as string },
    name: row['name'] as string | null,
    bucket: row['bucket'] as string,
    reason: row['reason'] as string,
    attempts: row['attempts'] as number,
    firstFailed: row['first_failed'] as number,
    nextAttempt: row['next_attempt'] as number,
  }
}
