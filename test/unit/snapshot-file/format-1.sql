PRAGMA application_id = 1229997645;
PRAGMA user_version = 1;

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

CREATE INDEX tombstone ON request (bucket, created) WHERE vanished_in IS NOT NULL;

CREATE INDEX unsettled ON request (bucket, created) WHERE status <> 2;

CREATE TABLE unread (bucket INTEGER NOT NULL, after INTEGER, before INTEGER) STRICT;

CREATE TABLE delegate_set (id INTEGER PRIMARY KEY, addrs TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE delegate (
  address TEXT PRIMARY KEY,
  peer_id TEXT,
  -- ms: when an answer showed it for the first time, and for the last
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  example_cid TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE gone (
  bucket INTEGER NOT NULL,
  cid BLOB NOT NULL,
  here INTEGER NOT NULL,
  service INTEGER,
  PRIMARY KEY (bucket, cid)
) STRICT, WITHOUT ROWID;

CREATE TABLE peered (
  node TEXT NOT NULL,
  peer_id TEXT NOT NULL,
  addrs TEXT NOT NULL,
  PRIMARY KEY (node, peer_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE saved_peer (
  node TEXT NOT NULL,
  peer_id TEXT NOT NULL,
  addrs TEXT NOT NULL,
  -- ms: when the service last showed it
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (node, peer_id, addrs)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
  -- its number
  id INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  conclusion TEXT NOT NULL,
  cids INTEGER,
  on_node INTEGER,
  missing INTEGER,
  failed INTEGER,
  -- what the runs up to this one have in common
  in_step_since INTEGER,
  failing_since INTEGER,
  failing_runs INTEGER NOT NULL
) STRICT;

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

CREATE INDEX alike ON failure (direction, class, bucket, retry, first_failed, next_attempt);

INSERT INTO fact VALUES ('changedInRun', 1);
INSERT INTO fact VALUES ('endedRun', 2);
INSERT INTO fact VALUES ('firstDelegates', '[{"peerId":"12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B","addrs":["/dns4/a.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B"]}]');
INSERT INTO fact VALUES ('issue', 1);
INSERT INTO fact VALUES ('mirror', 'mirror');
INSERT INTO fact VALUES ('nodePins', 2);
INSERT INTO fact VALUES ('nodeVersion', '0.43.0');
INSERT INTO fact VALUES ('run', 2);
INSERT INTO bucket VALUES (1, 'photos', 1, NULL, 3, 3, 0, 0, 0, NULL, 0, 2, NULL, NULL, NULL);
INSERT INTO request VALUES (1, 1795684216000, 'Z2lkOi8vZmlsZWJhc2UvQXNzZXQvMTI4NDg1OTIwODEzODc1NA', 2, x'701220ca88387d16273f1181c505650c3161c40b3b2e494117dd309355f00a63e7686d', 1, '3inu.jpg', 1, NULL, 262158, NULL);
INSERT INTO request VALUES (1, 1795684216000, 'Z2lkOi8vZmlsZWJhc2UvQXNzZXQvMTQ2MzY2MjgxODYyMzQ4OQ', 2, x'7012207007016d71b7acfe0aa68c742e3b217dbd26912322d15b67e0b95d3fb2dc8c27', 1, 'eme4.jpg', 1, NULL, 262158, NULL);
INSERT INTO request VALUES (1, 1795684216000, 'Z2lkOi8vZmlsZWJhc2UvQXNzZXQvMzMwNjc3MjI3OTMyODc2OA', 2, x'701220f3ea87a0c949b300ebc40687fd2726fb2b9de7f73066f647f001e39c5c9f82b8', 1, '4cxa.jpg', 1, NULL, 262158, NULL);
INSERT INTO delegate_set VALUES (1, '["/dns4/a.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B"]');
INSERT INTO delegate VALUES ('/dns4/a.example/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B', '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B', 1795684216718, 1795684218997, 'bafybeiht5kd2bskjwmaoxragq76sojx3foo6p5zqm33ep4ab4oofzh4cxa');
INSERT INTO failure VALUES ('backup', x'701220ca88387d16273f1181c505650c3161c40b3b2e494117dd309355f00a63e7686d', 'bafybeigkra4h2frhh4iydrifmugdcyoebm5s4skbc7otbe2v6afghz3inu', '3inu.jpg', 'photos', 'no block of it came within 2 s', 'no-block', 'later', 1, 1795684218919, 1795685118919, NULL);
