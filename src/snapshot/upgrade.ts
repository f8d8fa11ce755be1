import type { DatabaseSync } from 'node:sqlite'
import { delegateTable, failureTable, formatVersion, requestIndexes, schema } from './schema.ts'
import { transaction } from './transaction.ts'

/** The format of files that are upgraded. */
export const olderFormat = 1

/** What makes the tables of that format: two were others, and it had no indexes. */
export const olderSchema = `
${schema}

DROP INDEX tombstone;
DROP INDEX unsettled;

DROP TABLE delegate;
CREATE TABLE delegate (
  address TEXT PRIMARY KEY,
  peer_id TEXT,
  first_seen INTEGER NOT NULL,
  example_cid TEXT NOT NULL
) STRICT, WITHOUT ROWID;

DROP TABLE failure;
CREATE TABLE failure (
  direction TEXT NOT NULL,
  cid BLOB NOT NULL,
  cid_text TEXT NOT NULL,
  name TEXT,
  bucket TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_failed INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  PRIMARY KEY (direction, cid)
) STRICT, WITHOUT ROWID;
`

/**
 * Brings a file of format 1 up to the present one, with all that it holds: the ledger cannot be listed anew. The two
 * tables are made anew, small as they are, since a column that is added later leaves another text in the schema than
 * that of a new file, and files are checked by it.
 */
export function upgrade(db: DatabaseSync): void {
  transaction(db, () =>
    db.exec(`
      ALTER TABLE delegate RENAME TO older_delegate;
      ${delegateTable}
      INSERT INTO delegate (address, peer_id, first_seen, last_seen, example_cid)
        SELECT address, peer_id, first_seen, first_seen, example_cid FROM older_delegate;
      DROP TABLE older_delegate;

      ALTER TABLE failure RENAME TO older_failure;
      ${failureTable}
      INSERT INTO failure
          (direction, cid, cid_text, name, bucket, reason, attempts, first_failed, next_attempt, request_created)
        SELECT direction, cid, cid_text, name, bucket, reason, attempts, first_failed, next_attempt, NULL
        FROM older_failure;
      DROP TABLE older_failure;

      ${requestIndexes}

      PRAGMA user_version = ${formatVersion}
    `),
  )
}
