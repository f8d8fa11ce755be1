import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atOnce } from '../../../../src/domain/long-work.ts'
import { Doubled } from '../../../../src/snapshot/bucket/doubled.ts'
import { Timeline } from '../../../../src/snapshot/bucket/timeline.ts'
import { migrate } from '../../../../src/snapshot/migrations.ts'

interface Row {
  readonly requestid: string
  readonly created: number
  readonly vanished?: boolean
}

/** Bucket 1 with these rows, and bucket 2 with every requestid of them once. */
function doubledIn(rows: readonly Row[]): { doubled: Doubled; db: DatabaseSync } {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const insert = db.prepare(
    `INSERT OR IGNORE INTO request (bucket, created, requestid, status, cid_text, vanished_in)
     VALUES (?, ?, ?, 2, 'text', ?)`,
  )
  db.exec('BEGIN')
  for (const { requestid, created, vanished = false } of rows) {
    insert.run(1, created, requestid, vanished ? 1 : null)
    insert.run(2, created, requestid, null)
  }
  db.exec('COMMIT')
  return { doubled: new Doubled(db, 1, new Timeline(db, 1)), db }
}

const instantsOf = (doubled: Doubled, among: 'new' | 'all') => atOnce(doubled.instants(among)).toSorted()

const row = fc.record({
  requestid: fc.constantFrom('a', 'b', 'ü', '→', 'c', 'd'),
  created: fc.integer({ min: 0, max: 9 }),
  vanished: fc.boolean(),
})

test('found are the instants of all that is known at two or more, whatever vanished', () => {
  fc.assert(
    fc.property(fc.uniqueArray(row, { selector: (one) => `${one.requestid} ${one.created}` }), (rows) => {
      const { doubled, db } = doubledIn(rows)
      using _ = db
      const live = Map.groupBy(
        rows.filter(({ vanished }) => !vanished),
        ({ requestid }) => requestid,
      )
      const instants = [...live.values()].filter(({ length }) => length > 1).flat()
      expect(instantsOf(doubled, 'all')).toEqual(instants.map(({ created }) => created).toSorted())
    }),
  )
})

const twice = [
  { requestid: 'a', created: 1 },
  { requestid: 'b', created: 2 },
  { requestid: 'a', created: 3 },
  { requestid: 'b', created: 4 },
]

test('of the new ones only those that were noted are looked for, until none is found', () => {
  const { doubled, db } = doubledIn(twice)
  using _ = db
  expect(instantsOf(doubled, 'new')).toEqual([])
  doubled.note('a')
  for (let look = 0; look < 2; look++) expect(instantsOf(doubled, 'new')).toEqual([1, 3])
  db.exec('DELETE FROM request WHERE created = 3')
  expect(instantsOf(doubled, 'new')).toEqual([])
  db.exec("INSERT INTO request (bucket, created, requestid, status, cid_text) VALUES (1, 9, 'a', 2, '')")
  expect(instantsOf(doubled, 'new')).toEqual([])
  expect(instantsOf(doubled, 'all')).toEqual([1, 2, 4, 9])
})

test('of a bucket that was empty, those that came twice are told from the others as they come', () => {
  fc.assert(
    fc.property(fc.array(fc.array(row)), (pages) => {
      const { doubled, db } = doubledIn([])
      using _ = db
      const insert = db.prepare(
        "INSERT OR IGNORE INTO request (bucket, created, requestid, status, cid_text) VALUES (1, ?, ?, 2, '')",
      )
      const vanish = db.prepare('DELETE FROM request WHERE created = ? AND requestid = ?')
      for (const page of pages) {
        for (const { requestid, created, vanished } of page)
          if (vanished) vanish.run(created, requestid)
          else if (insert.run(created, requestid).changes === 1) doubled.note(requestid)
        expect(instantsOf(doubled, 'new')).toEqual(instantsOf(doubled, 'all'))
      }
    }),
  )
})

test('where few came twice into an empty bucket, and ten thousand once, these are found', () => {
  const { doubled, db } = doubledIn([])
  using _ = db
  const insert = db.prepare(
    "INSERT INTO request (bucket, created, requestid, status, cid_text) VALUES (1, ?, ?, 2, '')",
  )
  for (let n = 0; n < 10_001; n++) {
    insert.run(n, `${n % 10_000}`)
    doubled.note(`${n % 10_000}`)
  }
  expect(instantsOf(doubled, 'new')).toEqual([0, 10_000])
})

test.each([
  [9_999, [1, 3]],
  [10_000, [1, 2, 3, 4]],
])('where %i came, more than those that are noted may be among them', (count, found) => {
  const { doubled, db } = doubledIn(twice)
  using _ = db
  doubled.note('a')
  for (let n = 1; n < count; n++) doubled.note(`${n}`)
  expect(instantsOf(doubled, 'new')).toEqual(found)
})

test('they are found also where the rows lie far from each other, and others have their turns meanwhile', () => {
  const others = Array.from({ length: 25_000 }, (_, n) => ({ requestid: `r${n}`, created: 10 + n }))
  const { doubled, db } = doubledIn([
    { requestid: 'a', created: 1 },
    ...others,
    { requestid: 'a', created: 1e6 },
  ])
  using _ = db
  const work = doubled.instants('all')
  let turns = 0
  for (;;) {
    const { done, value } = work.next()
    if (done) {
      expect(value).toEqual([1, 1e6])
      break
    }
    turns++
  }
  expect(turns).toBeGreaterThanOrEqual(4)
})
