import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { atOnce } from '../../../src/domain/long-work.ts'
import { dateOf } from '../../../src/domain/verifying.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { findStrangeRow } from '../../../src/snapshot/row-rules.ts'
import { Snapshot } from '../../../src/snapshot/snapshot.ts'

test.each([
  [1, undefined],
  // The next bucket would have a number whose mark is that of no bucket, and what it had would not be held.
  [2 ** 32 - 3, 'bucket'],
])('a bucket of the number %i is strange: %s', (id, strange) => {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  db.prepare('INSERT INTO bucket (id, name) VALUES (?, ?)').run(id, 'main')
  expect(atOnce(findStrangeRow(db))).toBe(strange)
})

describe('of what was verified', () => {
  const plant = (rows: readonly (readonly [day: number, bytes: number])[]) => {
    const db = new DatabaseSync(':memory:')
    migrate(db)
    db.exec("INSERT INTO bucket (id, name) VALUES (1, 'main')")
    for (const [index, [day, bytes]] of rows.entries())
      db.prepare('INSERT INTO verified (day, cid, bucket, bytes) VALUES (?, ?, 1, ?)').run(
        day,
        Buffer.from(`cid${index}`),
        bytes,
      )
    return db
  }

  test.each([
    ['a day that is no date', 1e9, 1],
    ['more bytes than can be added up', 1, Number.MAX_SAFE_INTEGER],
  ])('%s is strange', (_, day, bytes) => {
    expect(atOnce(findStrangeRow(plant([[day, bytes]])))).toBe('verified')
  })

  test('the most that is not can be told', () => {
    const [day, bytes] = [11_574_074, 2 ** 50]
    const db = plant(Array.from({ length: 20 }, () => [day, bytes] as const))
    expect(atOnce(findStrangeRow(db))).toBeUndefined()
    const coverage = new Snapshot(db).verified.coverage(20_000).get(1)
    expect(coverage).toMatchObject({ cids: 20, bytes: 20 * bytes })
    expect(dateOf(coverage?.oldest ?? 0)).toBe('+033658-09')
  })
})
