import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Window } from '../../../../src/domain/windows.ts'
import { rowsInOneGo, Timeline } from '../../../../src/snapshot/bucket/timeline.ts'
import { migrate } from '../../../../src/snapshot/migrations.ts'

/** A bucket with requests at these instants. */
function timelineOf(instants: readonly number[]): { timeline: Timeline; db: DatabaseSync } {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const insert = db.prepare(
    "INSERT INTO request (bucket, created, requestid, status, cid_text) VALUES (?, ?, ?, 2, '')",
  )
  db.exec('BEGIN')
  for (const [n, created] of instants.entries()) insert.run(1, created, `${n}`)
  for (const [n, created] of instants.entries()) if (n % 3 === 0) insert.run(2, created, `${n}`)
  db.exec('COMMIT')
  return { timeline: new Timeline(db, 1), db }
}

const most = rowsInOneGo

const instantsUpTo = (end: number) => Array.from({ length: end }, (_, n) => n)

const counts = (timeline: Timeline, window?: Window) =>
  [...timeline.stretches('all', window)].map((stretch) => timeline.count(stretch))

test.each<[string, number[], Window | undefined, number[]]>([
  ['none', [], undefined, [0]],
  ['a few', [1, 2, 3], undefined, [3]],
  ['a few, of some', [1, 2, 3, 4], { after: 1, before: 4 }, [2]],
  ['as many as one may hold', instantsUpTo(most), undefined, [most]],
  ['one more', instantsUpTo(most + 1), undefined, [most + 1, 0]],
  ['many', instantsUpTo(2.5 * most), undefined, [most + 1, most + 1, most / 2 - 2]],
  ['many, of some', instantsUpTo(2.5 * most), { after: 99, before: 1.5 * most }, [most + 1, most / 2 - 101]],
  ['many of one instant', instantsUpTo(2.5 * most).map((n) => (n === 0 ? 4 : 5)), undefined, [2.5 * most, 0]],
])(
  'stretches hold all requests of a window, each once, and not many: %s',
  (_, instants, window, expected) => {
    const { timeline, db } = timelineOf(instants)
    using __ = db
    expect(counts(timeline, window)).toEqual(expected)
    const stretches = [...timeline.stretches('all', window)]
    expect([stretches[0]?.after, stretches.at(-1)?.before]).toEqual([
      window?.after ?? null,
      window?.before ?? null,
    ])
  },
)
