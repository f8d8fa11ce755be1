import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { Doubts } from '../../../src/snapshot/doubts.ts'
import { durably } from '../../../src/snapshot/durably.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'

const [normal, full] = [1, 2]
const isSynchronous = (db: DatabaseSync) => db.prepare('PRAGMA synchronous').get()?.['synchronous']

test('what is written durably is on the disk before anything else is done, and the rest is as before', () => {
  using db = new DatabaseSync(':memory:')
  db.exec('PRAGMA synchronous = NORMAL')
  const fail = () => {
    expect(isSynchronous(db)).toBe(full)
    throw new Error('the work')
  }
  expect(() => durably(db, fail)).toThrow('the work')
  expect(isSynchronous(db)).toBe(normal)
})

test('what is sent is noted durably', () => {
  using db = new DatabaseSync(':memory:')
  db.exec('PRAGMA synchronous = NORMAL')
  migrate(db)
  const seen: unknown[] = []
  db.function('see', () => {
    seen.push(isSynchronous(db))
    return null
  })
  db.exec('CREATE TEMP TRIGGER watch AFTER INSERT ON main.sent BEGIN SELECT see(); END')
  const note = { bucket: 1, key: 'a' as never, at: { here: 1, service: null }, failedCreated: null }
  new Doubts(db, () => undefined).send(note)
  expect(seen).toEqual([full])
})
