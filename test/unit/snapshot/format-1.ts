import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { transaction } from '../../../src/snapshot/transaction.ts'

/** What a version of the action made that had format 1, to the letter. */
const schema = `
CREATE TABLE fact (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE bucket (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- 1 once a listing was read to its end; until then every run goes on with the cold one
  listed INTEGER NOT NULL DEFAULT 0,
  -- what was found out of the service, NULL until then: see listing/manners.ts
  margin INTEGER,
  honest_count INTEGER,
  page_size INTEGER,
  -- the audit goes on below this instant
  audited_to INTEGER,
  -- the last run whose listing came to its end: what had vanished by then was said, and may be confirmed
  concluded_in INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE request (
  bucket INTEGER NOT NULL,
  -- ms since the epoch
  created INTEGER NOT NULL,
  requestid TEXT NOT NULL,
  -- 0 queued, 1 pinning, 2 pinned, 3 failed
  status INTEGER NOT NULL,
  -- codec and multihash; NULL where the CID does not parse
  cid BLOB,
  -- how the service writes the CID: 0 as CIDv0, 1 as CIDv1 in base32, else the text itself
  cid_text ANY NOT NULL,
  name TEXT,
  -- a row of delegate_set
  delegates INTEGER,
  failure_reason TEXT,
  -- a tombstone: the run that no longer found it; NULL while it is there
  vanished_in INTEGER,
  PRIMARY KEY (bucket, created, requestid)
) STRICT, WITHOUT ROWID;

-- Windows of a listing under way that are not read yet: a killed one goes on with them. NULL is unbounded.
CREATE TABLE unread (bucket INTEGER NOT NULL, after INTEGER, before INTEGER) STRICT;

-- The distinct lists of delegates that requests carry, as JSON.
CREATE TABLE delegate_set (id INTEGER PRIMARY KEY, addrs TEXT NOT NULL UNIQUE) STRICT;

-- Every delegate address ever seen; peer_id is NULL where the address does not parse.
CREATE TABLE delegate (
  address TEXT PRIMARY KEY,
  peer_id TEXT,
  first_seen INTEGER NOT NULL,
  example_cid TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The ledger: what failed, by direction.
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

/** The CID with a number, as a column. */
const cid = (n: number) => Buffer.concat([Buffer.from([0x55, 0x12, 0x20]), Buffer.alloc(32, `${n} `)])

/** Makes a snapshot of format 1 after so many runs, with something in every table. */
export function makeFormat1(
  path: string,
  mirror: string,
  { runs = 1, mark = 'main', failures = 2 }: { runs?: number; mark?: string; failures?: number } = {},
): void {
  mkdirSync(dirname(path), { recursive: true })
  using db = new DatabaseSync(path)
  db.exec(`PRAGMA journal_mode = WAL; ${schema}; PRAGMA user_version = 1`)
  transaction(db, () => {
    const fact = db.prepare('INSERT INTO fact (name, value) VALUES (?, ?)')
    for (const [name, value] of Object.entries({ mirror, run: runs, endedRun: runs, issue: 7 }))
      fact.run(name, value)
    db.prepare('INSERT INTO bucket VALUES (1, ?, 1, 500, 1, 1000, 1234, ?)').run(mark, runs)
    const request = db.prepare("INSERT INTO request VALUES (1, ?, ?, 2, ?, 1, 'a name', 1, NULL, ?)")
    for (const n of [1, 2, 3]) request.run(n * 1000, `request-${n}`, cid(n), n === 3 ? runs : null)
    db.exec('INSERT INTO unread VALUES (1, NULL, 500)')
    db.prepare('INSERT INTO delegate_set VALUES (1, ?)').run(JSON.stringify([...addresses].sort()))
    const delegate = db.prepare('INSERT INTO delegate VALUES (?, ?, ?, ?)')
    for (const [n, address] of addresses.entries())
      delegate.run(address, address.split('/p2p/')[1] ?? null, 100 + n, 'bafkqaaa')
    const failure = db.prepare("INSERT INTO failure VALUES (?, ?, 'a text', NULL, ?, 'no provider', 3, ?, ?)")
    for (let n = 0; n < failures; n++)
      failure.run(n % 2 === 0 ? 'backup' : 'update', cid(n), mark, 1000 + n, 9000 + n)
  })
}

/** Of its delegates; the second does not parse. */
export const addresses = [
  '/ip4/203.0.113.5/tcp/4001/p2p/12D3KooWNZuG8phqhoNK9KWcUhwfzA3biDKNCUNVWEaJgigr6Acj',
  'ipfs.example',
]

/** All rows of a file, by table, without what format 2 added, and without what opening a snapshot counts. */
export function contentOf(path: string): Record<string, unknown[]> {
  using db = new DatabaseSync(path)
  const columns = {
    fact: "name, value FROM fact WHERE name NOT IN ('run', 'endedRun')",
    bucket: '* FROM bucket',
    request: '* FROM request',
    unread: '* FROM unread',
    delegate_set: '* FROM delegate_set',
    delegate: 'address, peer_id, first_seen, example_cid FROM delegate',
    failure:
      'direction, cid, cid_text, name, bucket, reason, attempts, first_failed, next_attempt FROM failure',
  }
  return Object.fromEntries(
    Object.entries(columns).map(([table, what]) => [table, db.prepare(`SELECT ${what}`).all()]),
  )
}
