import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Facts } from '../../../src/snapshot/facts.ts'
import { applicationId, formatVersion, migrations } from '../../../src/snapshot/migrations.ts'

/** Makes a file that says of itself that it is a snapshot of this format, whatever is in it. */
export function plant(path: string, mirror: string, fill: (db: DatabaseSync) => void): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'wx'))
  using db = new DatabaseSync(path)
  db.exec(`PRAGMA synchronous = OFF; PRAGMA application_id = ${applicationId}`)
  plantIn(db, mirror, fill)
}

/**
 * Makes tables of this format that hold what they would not take: they are made without types and bounds, and get their
 * right text only once they are filled.
 */
export function plantIn(db: DatabaseSync, mirror: string, fill: (db: DatabaseSync) => void): void {
  for (const step of migrations) db.exec(lax(step))
  db.exec(`PRAGMA user_version = ${formatVersion}`)
  const facts = new Facts(db)
  facts.set('mirror', mirror)
  facts.set('run', 41)
  sound(db)
  fill(db)
  using real = new DatabaseSync(':memory:')
  for (const step of migrations) real.exec(step)
  db.enableDefensive(false)
  db.exec('PRAGMA writable_schema = ON')
  const mend = db.prepare('UPDATE sqlite_schema SET sql = ? WHERE name = ?')
  for (const { name, sql } of real.prepare('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL').all())
    mend.run(sql ?? null, name ?? null)
  db.exec('PRAGMA writable_schema = RESET')
  db.enableDefensive(true)
}

/** Columns keep whatever they are given; a primary key that is the number of its row stays one. */
function lax(step: string): string {
  return step
    .replaceAll(/--.*/g, '')
    .replaceAll(' STRICT, WITHOUT ROWID', ' WITHOUT ROWID')
    .replaceAll(' STRICT', '')
    .replaceAll(/ (TEXT|BLOB|ANY|INTEGER(?! PRIMARY KEY))\b/g, '')
    .replaceAll(/(?<!IS) NOT NULL/g, '')
}

/** A row of each table, as runs write them. */
function sound(db: DatabaseSync): void {
  const cid = "x'7012200000000000000000000000000000000000000000000000000000000000000000'"
  db.exec(`
    INSERT INTO bucket (id, name, listed, margin, honest_count, page_size, single_statuses, counts_any, doubled,
        audited_to, finished_in)
      VALUES (1, 'photos', 1, 500, 9007199254740991, 1000, 0, 0, 0, 1700000000000, 41);
    INSERT INTO dropped (bucket, run, here, service) VALUES (1, 40, 1700000000000, NULL);
    INSERT INTO request (bucket, created, requestid, status, cid, cid_text, name, delegates, failure_reason, vanished_in)
      VALUES (1, 1700000000000, 'a', 2, ${cid}, 0, 'a.jpg', 1, NULL, NULL),
             (1, 1700000000001, 'b', 3, NULL, 'no CID', NULL, NULL, 'Exceeded Max Attempts (11)', 40);
    INSERT INTO named (bucket, is_missed, of_token) VALUES (1, 1, 'photos');
    INSERT INTO unread (bucket, after, before) VALUES (1, NULL, 1700000000000);
    INSERT INTO delegate_set (id, addrs) VALUES (1, '["/dns4/a.example/tcp/4001/p2p/12D3Koo"]');
    INSERT INTO delegate (address, peer_id, first_seen, last_seen, example_cid)
      VALUES ('/dns4/a.example/tcp/4001/p2p/12D3Koo', '12D3Koo', 1700000000000, 1700000000000, 'Qm');
    INSERT INTO sent (bucket, cid, here, service, requestid, failed_created, tries)
      VALUES (1, ${cid}, 1700000000000, NULL, 'a', 1700000000000, 1);
    INSERT INTO gone (bucket, cid, here, service) VALUES (1, ${cid}, 1700000000000, 1700000000000);
    INSERT INTO peered (node, peer_id, addrs) VALUES ('12D3Node', '12D3Koo', '["/ip4/1.2.3.4/tcp/4001"]');
    INSERT INTO saved_peer (node, peer_id, addrs, last_seen) VALUES ('12D3Node', '12D3Koo', '[]', 1700000000000);
    INSERT INTO failure (direction, cid, cid_text, name, bucket, reason, class, retry, attempts,
        first_failed, next_attempt, request_created)
      VALUES ('backup', ${cid}, 'Qm', NULL, 'photos', 'nobody has it', 'no-block', 'later', 3, 1700000000000, 1700000000000, NULL);
    INSERT INTO run (id, started, conclusion, doubted, cids, on_node, missing, failed, in_step_since, failing_since, failing_runs)
      VALUES (41, 1700000000000, 'error', 0, 12, 9, 3, 3, NULL, 1700000000000, 2);
    INSERT INTO verified (day, cid, bucket, bytes) VALUES (20783, ${cid}, 1, 262158);
    INSERT INTO reading (cid, day, since, bytes) VALUES (${cid}, 20783, 20780, 12);
    INSERT INTO reading_part (cid, part, is_long) VALUES (${cid}, ${cid}, 1);
    INSERT INTO fact (name, value) VALUES ('verifiable', '1 2 3'), ('endedRun', 41), ('changedInRun', 40), ('cachedRun', 39),
      ('cachedAt', 1700000000000), ('nodePins', 5), ('nodeEmptySince', '{"here":1700000000000,"service":null}'),
      ('issue', 7), ('nodeVersion', '0.43.0'), ('firstDelegates', '[{"peerId":"12D3Koo","addrs":["/ip4/1.2.3.4/tcp/4001"]}]');`)
}
