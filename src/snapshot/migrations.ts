import type { DatabaseSync } from 'node:sqlite'

/**
 * What the snapshot's file holds. `request` is clustered by bucket and time and has no other index of all its rows:
 * windows of time are ranges of it, rows arrive nearly in order, and an index on random ids would cost as much again
 * as the rows (a million: 237 MB against 87 MB, 33 s against 3.5 s, measured). No token is ever in it.
 */
const first = `
CREATE TABLE fact (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE bucket (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- 1 once a listing was read to its end; until then every run goes on with the cold one
  listed INTEGER NOT NULL DEFAULT 0,
  -- what was found out of the service, NULL until then: see domain/manners.ts
  margin INTEGER,
  honest_count INTEGER,
  page_size INTEGER,
  single_statuses INTEGER,
  counts_any INTEGER,
  -- 1 where the snapshot has a request at two instants
  doubled INTEGER,
  -- the audit goes on below this instant
  audited_to INTEGER,
  -- so many tenths of a listing that came from the cache are still to be read again, one a run
  unaudited INTEGER NOT NULL DEFAULT 0,
  -- the last run whose listing came to its end: what had vanished by then was said, and may be confirmed
  finished_in INTEGER NOT NULL DEFAULT 0,
  -- a large drop that is not confirmed: the run that saw it first, and when that was, ms, by the box's clock and by the
  -- service's; NULL where there is none
  drop_run INTEGER,
  drop_here INTEGER,
  drop_service INTEGER
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
  -- bytes of the content; NULL where the service does not say
  size INTEGER,
  -- a tombstone: the run that no longer found it; NULL while it is there
  vanished_in INTEGER,
  PRIMARY KEY (bucket, created, requestid)
) STRICT, WITHOUT ROWID;

-- Of the requests that are few in most buckets, and looked for in every run. With the run, so that counting them reads
-- no row of the table: of a million tombstones that took half a second (a tenth of it now, measured).
CREATE INDEX tombstone ON request (bucket, created, vanished_in) WHERE vanished_in IS NOT NULL;

CREATE INDEX unsettled ON request (bucket, created) WHERE status <> 2;

-- Windows of a listing under way that are not read yet: a killed one goes on with them. NULL is unbounded.
CREATE TABLE unread (bucket INTEGER NOT NULL, after INTEGER, before INTEGER) STRICT;

-- The distinct lists of delegates that requests carry, as JSON.
CREATE TABLE delegate_set (id INTEGER PRIMARY KEY, addrs TEXT NOT NULL UNIQUE) STRICT;

-- Every delegate address ever seen; peer_id is NULL where the address does not parse.
CREATE TABLE delegate (
  address TEXT PRIMARY KEY,
  peer_id TEXT,
  -- ms: when an answer showed it for the first time, and for the last
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  example_cid TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that the service may have taken in: noted before they go out, until a listing shows them or, an hour later,
-- does not. The columns here and service: when that was, ms, by the box's clock and by the service's.
CREATE TABLE sent (
  bucket INTEGER NOT NULL,
  cid BLOB NOT NULL,
  here INTEGER NOT NULL,
  service INTEGER,
  requestid TEXT,
  -- when the newest request for it was created that had failed by then
  failed_created INTEGER,
  tries INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (bucket, cid)
) STRICT, WITHOUT ROWID;

-- CIDs whose requests are gone: for a week they are looked up before they are paid for again.
CREATE TABLE gone (
  bucket INTEGER NOT NULL,
  cid BLOB NOT NULL,
  here INTEGER NOT NULL,
  service INTEGER,
  PRIMARY KEY (bucket, cid)
) STRICT, WITHOUT ROWID;

-- Whom this mirror has added to a node's peering for the time of a run, written before it is added: what a killed run
-- left behind is here. Addresses as JSON.
CREATE TABLE peered (
  node TEXT NOT NULL,
  peer_id TEXT NOT NULL,
  addrs TEXT NOT NULL,
  PRIMARY KEY (node, peer_id)
) STRICT, WITHOUT ROWID;

-- Which entries of a node's Peering.Peers this mirror wrote, and how; what differs is somebody else's.
CREATE TABLE saved_peer (
  node TEXT NOT NULL,
  peer_id TEXT NOT NULL,
  addrs TEXT NOT NULL,
  -- ms: when the service last showed it
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (node, peer_id, addrs)
) STRICT, WITHOUT ROWID;

-- How the last runs ended, but for dry runs and inspections: see domain/history.ts. NULL is for what is not known.
CREATE TABLE run (
  -- its number
  id INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  conclusion TEXT NOT NULL,
  -- 1 where it found what is not believed before it is confirmed
  doubted INTEGER NOT NULL,
  cids INTEGER,
  on_node INTEGER,
  missing INTEGER,
  failed INTEGER,
  -- what the runs up to this one have in common
  in_step_since INTEGER,
  failing_since INTEGER,
  failing_runs INTEGER NOT NULL
) STRICT;

-- The ledger: what failed, by direction.
CREATE TABLE failure (
  direction TEXT NOT NULL,
  cid BLOB NOT NULL,
  cid_text TEXT NOT NULL,
  name TEXT,
  bucket TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- what the reason has in common with others, and whether to try again: see domain/reasons/classes.ts
  class TEXT NOT NULL,
  retry TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_failed INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  -- when the request at the service was created whose failure was counted last; NULL where none was (a pin that failed
  -- on the node)
  request_created INTEGER,
  PRIMARY KEY (direction, cid)
) STRICT, WITHOUT ROWID;

-- What is told in numbers of all that failed alike.
CREATE INDEX alike ON failure (direction, class, bucket, retry, first_failed, next_attempt);
`

/** Verification, and buckets that go. */
const second = `
-- What is known of a bucket by which it is missed where the input names it no more.
CREATE TABLE named (
  bucket INTEGER PRIMARY KEY,
  -- 1 once a run that was no dry one listed it: what dry runs alone listed is not missed
  is_missed INTEGER NOT NULL,
  -- which bucket its token said it is, whatever the input called it; NULL where tokens do not say
  of_token TEXT
) STRICT, WITHOUT ROWID;

-- The pins that are verified, in the order in which it is done: each has one row, which moves as it is found whole. So
-- what is due is the head of the table, and no index is needed, which would double it: a million take some 50 MB.
CREATE TABLE verified (
  -- days since the epoch, UTC: when all of its blocks were last found whole; 0 for never. Below 0 is what was found broken
  -- since: that day, or 0, taken from -1
  day INTEGER NOT NULL,
  cid BLOB NOT NULL,
  -- the last bucket, in the input's order, that has a request for it
  bucket INTEGER NOT NULL,
  -- of all its blocks, each once; 0 while that is not known
  bytes INTEGER NOT NULL,
  PRIMARY KEY (day, cid)
) STRICT, WITHOUT ROWID;

-- Pins that take longer to read than a run has time for: read in parts, over several runs.
CREATE TABLE reading (
  cid BLOB PRIMARY KEY,
  -- the day of its row in verified
  day INTEGER NOT NULL,
  -- when the first of its parts was read, and how many bytes the parts had that were found whole so far
  since INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is left to read of them: blocks, each with all that is below it.
CREATE TABLE reading_part (
  cid BLOB NOT NULL,
  part BLOB NOT NULL,
  -- 1: it was too long too, and its first block was found whole; its links are next
  is_long INTEGER NOT NULL,
  PRIMARY KEY (cid, part)
) STRICT, WITHOUT ROWID;
`

/** Several large drops at a time. */
const third = `
-- Large drops that are not confirmed: the run that saw each first, and when that was, ms, by the box's clock and by the
-- service's. Tombstones of runs after the one of the drop before it, and up to its own, belong to it. Before, a bucket
-- had one, in its columns drop_run, drop_here and drop_service: they are NULL now.
CREATE TABLE dropped (
  bucket INTEGER NOT NULL,
  run INTEGER NOT NULL,
  here INTEGER NOT NULL,
  service INTEGER,
  PRIMARY KEY (bucket, run)
) STRICT, WITHOUT ROWID;

INSERT INTO dropped (bucket, run, here, service)
  SELECT id, drop_run, drop_here, drop_service FROM bucket WHERE drop_run IS NOT NULL AND drop_here IS NOT NULL;
UPDATE bucket SET drop_run = NULL, drop_here = NULL, drop_service = NULL;
`

/**
 * The steps that make the tables of the snapshot's file, one for each format. A new file is made by running all of
 * them; an older file is brought up to date by those that it has not had.
 */
export const migrations: readonly string[] = [first, second, third]

/** The format of the snapshot's file: the number of migrations that made it. The file has it as its `user_version`. */
export const formatVersion = migrations.length

/** Says in a database's header, to whoever looks before he opens it, that it is a snapshot of this program: `IPFM`. */
export const applicationId = 0x4950464d

/** Brings a file up to the present format; call it within a transaction. */
export function migrate(db: DatabaseSync): void {
  for (const step of migrations.slice(formatOf(db))) db.exec(step)
  db.exec(`PRAGMA user_version = ${formatVersion}`)
}

export function formatOf(db: DatabaseSync): number {
  return db.prepare('PRAGMA user_version').get()?.['user_version'] as number
}
