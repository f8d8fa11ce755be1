import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { transaction } from '../../../src/snapshot/transaction.ts'

function table(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE number (n INTEGER UNIQUE)')
  return db
}

const numbers = (db: DatabaseSync) => db.prepare('SELECT n FROM number').all()

describe('a transaction', () => {
  test('writes all of it, and gives what the work gave', () => {
    using db = table()

    expect(transaction(db, () => db.prepare('INSERT INTO number VALUES (1), (2)').run().changes)).toBe(2)

    expect(db.isTransaction).toBe(false)
    expect(numbers(db)).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('writes nothing where the work throws', () => {
    using db = table()

    const work = () => {
      db.exec('INSERT INTO number VALUES (1)')
      throw new Error('the work')
    }
    expect(() => transaction(db, work)).toThrow('the work')

    expect(db.isTransaction).toBe(false)
    expect(numbers(db)).toEqual([])
  })

  test('says what went wrong where SQLite has rolled back by itself, as on a full disk', () => {
    using db = table()

    const work = () => db.exec('INSERT INTO number VALUES (1); INSERT OR ROLLBACK INTO number VALUES (1)')
    expect(() => transaction(db, work)).toThrow('UNIQUE constraint failed')

    expect(numbers(db)).toEqual([])
  })
})
