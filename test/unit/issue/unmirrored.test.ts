import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { AccountCheck } from '../../../src/config/types.ts'
import { unmirroredNow } from '../../../src/issue/unmirrored.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Snapshot } from '../../../src/snapshot/snapshot.ts'

const accountCheck: AccountCheck = {
  endpoint: new URL('https://s3.filebase.com'),
  accounts: [],
  mirrored: ['photos'],
  ignored: ['scans'],
}

test('what is known stands until every account has told its buckets', () => {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  using snapshot = new Snapshot(db)
  const now = (found: { unmirrored: string[]; complete: boolean } | null, check = accountCheck) =>
    unmirroredNow(check, found, snapshot)

  expect(now({ unmirrored: ['a', 'b'], complete: true })).toEqual(['a', 'b'])
  expect(now({ unmirrored: ['0'], complete: false })).toEqual(['0', 'a', 'b'])
  expect(now(null)).toEqual(['0', 'a', 'b'])
  expect(now(null, { ...accountCheck, ignored: ['a'] })).toEqual(['0', 'b'])
  expect(now({ unmirrored: [], complete: true })).toEqual([])
  expect(now(null)).toEqual([])
})

test('nobody asks, nothing is told', () => {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  using snapshot = new Snapshot(db)
  unmirroredNow(accountCheck, { unmirrored: ['a'], complete: true }, snapshot)
  expect(unmirroredNow(undefined, null, snapshot)).toEqual([])
})
