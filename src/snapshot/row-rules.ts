import type { DatabaseSync } from 'node:sqlite'
import { longestList, longestPeerId } from '../domain/delegate-bounds.ts'
import { conclusions } from '../domain/history.ts'
import { type LongWork, stepsAtATime } from '../domain/long-work.ts'
import { day } from '../domain/moment.ts'
import { largestSize } from '../domain/pin.ts'

/** ms on either side of the epoch: some 30,000 years, of which every one is a date to JavaScript. */
export const farthest = 1e15
/** A run a minute comes to it in 1900 years. */
export const mostRuns = 1e9
/** Each new one has a number that is higher by 1 than all before; marks of CIDs hold no more than 32 bits of it. */
const highestBucket = 1e9
/** A fact, in bytes. To parse such a one takes some ms. */
export const longestFact = 4_000_000
/** Numbers that grow one by one: far from where JavaScript can no longer tell two of them apart. */
const mostCounted = 2 ** 40

const instant = (column: string) => `${column} BETWEEN -${farthest} AND ${farthest}`
const number = (column: string, least: number, most: number) => `${column} BETWEEN ${least} AND ${most}`
const text = (column: string, least: number, most: number) => number(`octet_length(${column})`, least, most)
/** None is of a run to come: what that had seen would count as told. */
const run = (column: string) =>
  `${column} BETWEEN 0 AND ifnull((SELECT value FROM fact WHERE name = 'run'), 0)`
const flag = (column: string) => `${column} IN (0, 1)`
const cid = (column: string) => number(`octet_length(${column})`, 3, 512)
const ofBucket = 'bucket IN (SELECT id FROM bucket)'
const orNull = (column: string, rule: string) => `(${column} IS NULL OR ${rule})`
/** Read only where it is JSON: of what is none, these functions make an error. */
const texts = (column: string, most: number) =>
  `CASE WHEN ${text(column, 2, most)} AND json_valid(${column}) THEN json_type(${column}) = 'array'
     AND NOT EXISTS (SELECT 1 FROM json_each(${column}) WHERE type <> 'text') END`

const requestid = text('requestid', 1, 2048)
const name = orNull('name', text('name', 0, 1024))
const cidText = text('cid_text', 0, 4096)
const peerId = text('peer_id', 1, longestPeerId)
const node = text('node', 1, longestPeerId)
/** Each of them is a date to JavaScript. */
const mostDays = Math.floor(farthest / day)
const days = (column: string) => number(column, -mostDays, mostDays)
/** More can be added to it, and the sum is still one to JavaScript. */
const bytes = number('bytes', 0, largestSize)

/**
 * What the rows of each table look like, wherever the file comes from: a STRICT table keeps its types, and these keep
 * what would end every run, or hold it up for ever. Wider than what any run writes, so that none meets its own.
 */
export const rowRules: Readonly<Record<string, readonly string[]>> = {
  fact: [
    text('name', 1, 100),
    // Node writes each number as a float.
    `CASE WHEN typeof(value) IN ('integer', 'real') THEN ${number('value', -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)}
       WHEN typeof(value) = 'text' THEN ${text('value', 0, longestFact)} END`,
  ],
  bucket: [
    number('id', 1, highestBucket),
    text('name', 1, 400),
    flag('listed'),
    orNull('margin', number('margin', 0, 100_000)),
    orNull('honest_count', number('honest_count', 0, Number.MAX_SAFE_INTEGER)),
    orNull('page_size', number('page_size', 0, mostCounted)),
    orNull('single_statuses', flag('single_statuses')),
    orNull('counts_any', flag('counts_any')),
    orNull('doubled', flag('doubled')),
    orNull('audited_to', instant('audited_to')),
    number('unaudited', 0, 10),
    run('finished_in'),
    orNull('drop_run', run('drop_run')),
    orNull('drop_here', instant('drop_here')),
    orNull('drop_service', instant('drop_service')),
  ],
  request: [
    ofBucket,
    instant('created'),
    requestid,
    number('status', 0, 3),
    orNull('cid', cid('cid')),
    `CASE cid_text WHEN 0 THEN octet_length(cid) = 35 WHEN 1 THEN cid IS NOT NULL
       ELSE typeof(cid_text) = 'text' AND ${cidText} END`,
    name,
    orNull('delegates', number('delegates', 1, mostCounted)),
    orNull('failure_reason', text('failure_reason', 0, 8192)),
    orNull('size', number('size', 1, largestSize)),
    orNull('vanished_in', run('vanished_in')),
  ],
  unread: [ofBucket, orNull('after', instant('after')), orNull('before', instant('before'))],
  delegate_set: [number('id', 1, mostCounted), texts('addrs', longestList)],
  delegate: [
    text('address', 0, 4096),
    orNull('peer_id', peerId),
    instant('first_seen'),
    instant('last_seen'),
    text('example_cid', 0, 4096),
  ],
  sent: [
    ofBucket,
    cid('cid'),
    instant('here'),
    orNull('service', instant('service')),
    orNull('requestid', requestid),
    orNull('failed_created', instant('failed_created')),
    number('tries', 0, mostCounted),
  ],
  dropped: [ofBucket, run('run'), instant('here'), orNull('service', instant('service'))],
  gone: [ofBucket, cid('cid'), instant('here'), orNull('service', instant('service'))],
  peered: [node, peerId, texts('addrs', 1_000_000)],
  saved_peer: [node, peerId, texts('addrs', 1_000_000), instant('last_seen')],
  run: [
    number('id', 1, mostRuns),
    run('id'),
    instant('started'),
    `conclusion IN (${conclusions.map((word) => `'${word}'`).join(', ')})`,
    number('doubted', 0, 1),
    ...['cids', 'on_node', 'missing', 'failed'].map((column) =>
      orNull(column, number(column, 0, mostCounted)),
    ),
    orNull('in_step_since', instant('in_step_since')),
    orNull('failing_since', instant('failing_since')),
    number('failing_runs', 0, mostRuns),
  ],
  failure: [
    "direction IN ('backup', 'update', 'verify')",
    cid('cid'),
    cidText,
    name,
    text('bucket', 1, 400),
    text('reason', 0, 1_000_000),
    text('class', 1, 100),
    "retry IN ('later', 'never')",
    number('attempts', 0, mostCounted),
    instant('first_failed'),
    instant('next_attempt'),
    orNull('request_created', instant('request_created')),
  ],
  named: [ofBucket, flag('is_missed'), orNull('of_token', text('of_token', 1, 400))],
  verified: [days('day'), cid('cid'), number('bucket', 1, mostCounted), bytes],
  reading: [cid('cid'), days('day'), days('since'), bytes],
  reading_part: [cid('cid'), cid('part'), flag('is_long')],
}

/** Of these no run keeps more, and each costs every run something. */
const mostRows: Readonly<Record<string, number>> = {
  fact: 1000,
  bucket: 10_000,
  named: 10_000,
  unread: 1_000_000,
  dropped: 10_000,
  delegate: 50_000,
  delegate_set: 20_000,
  peered: 20_000,
  saved_peer: 20_000,
  run: 1000,
}

/** Lists of addresses are read all at once: so long are those of one table together at most, in bytes. */
const mostListed = 80_000_000
const listed = ['delegate_set', 'peered', 'saved_peer']

/**
 * Names a table that holds what no run has written; `undefined` for none. A million requests take 0.5 s.
 * @param db whose tables are those of its format, which may be an older one
 */
export function* findStrangeRow(db: DatabaseSync): LongWork<string | undefined> {
  const isTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
  for (const [table, rules] of Object.entries(rowRules)) {
    if (isTable.get(table) === undefined) continue
    const isStrange = `(${rules.join(' AND ')}) IS NOT TRUE`
    // Now and then a good one comes back as well, by chance: so others have their turns.
    const rows = db.prepare(
      `SELECT ${isStrange} AS strange FROM ${table} WHERE ${isStrange} OR random() % ${stepsAtATime} = 0`,
    )
    for (const { strange } of rows.iterate()) {
      if (strange === 1) return table
      yield
    }
    if (isTooMuch(db, table)) return table
  }
  return undefined
}

function isTooMuch(db: DatabaseSync, table: string): boolean {
  const tooMany = db.prepare(`SELECT 1 FROM ${table} LIMIT 1 OFFSET ${mostRows[table] ?? -1}`)
  if (table in mostRows && tooMany.get() !== undefined) return true
  if (!listed.includes(table)) return false
  const { bytes } = db.prepare(`SELECT total(octet_length(addrs)) AS bytes FROM ${table}`).get() as {
    bytes: number
  }
  return bytes > mostListed
}
