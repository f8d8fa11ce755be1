import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { SnapshotBusyError, SnapshotUnusableError } from '../../../src/errors.ts'
import { asSnapshotError } from '../../../src/snapshot/sqlite-errors.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('it throws nothing')
}

test('a disk that is full at any statement is the snapshot’s fault, and said as such', () => {
  using db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE t (x); PRAGMA max_page_count = 4')
  const full = thrownBy(() => db.prepare('INSERT INTO t VALUES (zeroblob(100000))').run())
  const error = asSnapshotError(full, '/a/b/snapshot.sqlite')
  expect(error).toBeInstanceOf(SnapshotUnusableError)
  expect(error).toMatchObject({ message: expect.stringContaining('/a/b/snapshot.sqlite'), cause: full })
})

test('what else went wrong stays what it is', () => {
  using db = new DatabaseSync(':memory:')
  const defect = thrownBy(() => db.exec('no SQL'))
  const busy = new SnapshotBusyError('/a', new Error('held'))
  for (const error of [defect, busy, new Error('full'), undefined])
    expect(asSnapshotError(error, '/a')).toBe(error)
})
