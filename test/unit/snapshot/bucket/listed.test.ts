import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inDoubt, requestsAt } from '../../../../src/snapshot/bucket/listed.ts'
import { migrate } from '../../../../src/snapshot/migrations.ts'

interface Row {
  readonly bucket: number
  readonly created: number
  readonly vanished?: boolean
}

function dbWith(rows: readonly Row[]): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  for (const id of [1, 2]) db.prepare('INSERT INTO bucket (id, name) VALUES (?, ?)').run(id, `${id}`)
  const insert = db.prepare(
    `INSERT INTO request (bucket, created, requestid, status, cid, cid_text, vanished_in)
     VALUES (?, ?, ?, 2, ?, 'text', ?)`,
  )
  for (const [n, { bucket, created, vanished = false }] of rows.entries())
    insert.run(bucket, created, `id ${n}`, Buffer.from(`key ${n}`), vanished ? 1 : null)
  return db
}

const instants = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 200 })

test('whatever instants are asked for in whatever order, each gets its own requests, the last id first', () => {
  fc.assert(
    fc.property(instants, instants, fc.boolean(), (created, asked, inOrder) => {
      const rows = created.map((instant, n) => ({ bucket: n % 9 === 0 ? 2 : 1, created: instant }))
      using db = dbWith(rows)
      const at = requestsAt(db, 1)
      for (const instant of inOrder ? asked.toSorted((a, b) => b - a) : asked) {
        const own = rows.keys().filter((n) => rows[n]?.bucket === 1 && rows[n]?.created === instant)
        const ids = own.map((n) => `id ${n}`).toArray()
        expect(at(instant).map(({ requestid }) => requestid)).toEqual(ids.toSorted().toReversed())
      }
    }),
    { numRuns: 40 },
  )
})

test('more requests of one instant than are read ahead', () => {
  using db = dbWith(Array.from({ length: 3000 }, (_, n) => ({ bucket: 1, created: n < 2000 ? 5 : 4 })))
  const at = requestsAt(db, 1)
  expect([5, 4, 3, 5].map((created) => at(created).length)).toEqual([2000, 1000, 0, 2000])
})

test('in doubt is what vanished, and all of buckets that are not listed', () => {
  using db = dbWith([
    { bucket: 1, created: 1 },
    { bucket: 1, created: 1, vanished: true },
    { bucket: 2, created: 1 },
    { bucket: 2, created: 2, vanished: true },
  ])
  const sent = db.prepare('INSERT INTO sent (bucket, cid, here) VALUES (?, ?, 1)')
  for (const bucket of [1, 2]) sent.run(bucket, Buffer.from(`sent to ${bucket}`))
  const found = (unlisted: number[], released: number[] = []) =>
    [...inDoubt(db, { unlisted, released })].map(({ key, bucket }) => `${key} of ${bucket}`).toSorted()
  expect(found([2])).toEqual(['key 1 of 1', 'key 2 of 2', 'key 3 of 2', 'sent to 2 of 2'])
  expect(found([])).toEqual(['key 1 of 1', 'key 3 of 2'])
  expect(found([2], [2])).toEqual(['key 1 of 1'])
})
