import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Window } from '../../../../src/domain/windows.ts'
import { Timeline } from '../../../../src/snapshot/bucket/timeline.ts'
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

const counts = (timeline: Timeline, window?: Window) =>
  [...timeline.stretches('all', window)].map((stretch) => timeline.count(stretch))

test.each<[string, number[], Window | undefined, number[]]>([
  ['none', [], undefined, [0]],
  ['a few', [1, 2, 3], undefined, [3]],
  ['a few, of some', [1, 2, 3, 4], { after: 1, before: 4 }, [2]],
  ['as many as one may hold', Array.from({ length: 5000 }, (_, n) => n), undefined, [5000]],
  ['one more', Array.from({ length: 5001 }, (_, n) => n), undefined, [5001, 0]],
  ['many', Array.from({ length: 12_500 }, (_, n) => n), undefined, [5001, 5001, 2498]],
  ['many, of some', Array.from({ length: 12_500 }, (_, n) => n), { after: 99, before: 7500 }, [5001, 2399]],
  [
    'many of one instant',
    Array.from({ length: 12_500 }, (_, n) => (n === 0 ? 4 : 5)),
    undefined,
    [12_500, 0],
  ],
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
