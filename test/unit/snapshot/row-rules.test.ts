import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { atOnce } from '../../../src/domain/long-work.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { findStrangeRow } from '../../../src/snapshot/row-rules.ts'

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
