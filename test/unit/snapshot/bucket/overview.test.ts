import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { atOnce } from '../../../../src/domain/long-work.ts'
import { statuses } from '../../../../src/domain/pin.ts'
import { Overview } from '../../../../src/snapshot/bucket/overview.ts'
import { Timeline } from '../../../../src/snapshot/bucket/timeline.ts'
import { migrate } from '../../../../src/snapshot/migrations.ts'

/** Bucket 1 with so many requests, and bucket 2 with one that is none of its own. */
function overviewOf(
  count: number,
  row: (n: number) => { status?: number; cid?: Buffer | null; delegates?: number; vanished?: true },
) {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const insert = db.prepare(
    `INSERT INTO request (bucket, created, requestid, status, cid, cid_text, delegates, vanished_in)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  db.exec('BEGIN')
  for (let n = 0; n < count; n++) {
    const { status = 2, cid = Buffer.from('key'), delegates = null, vanished } = row(n)
    insert.run(1, n, `request-${n}`, status, cid, `text ${n}`, delegates, vanished ? 1 : null)
  }
  insert.run(2, 1, 'of-another', 0, null, 'text', 9, null)
  db.exec('COMMIT')
  return new Overview(db, 1, new Timeline(db, 1))
}

test('requests are counted by status over all stretches, without tombstones and other buckets', () => {
  const figures = atOnce(
    overviewOf(10_000, (n) => ({ status: n % 4, ...(n % 10 === 0 && { vanished: true }) })).figures(),
  )
  const left = (status: number) =>
    Array.from({ length: 10_000 }, (_, n) => n).filter((n) => n % 4 === status && n % 10 !== 0).length
  expect(figures.byStatus).toEqual(Object.fromEntries(statuses.map((status, index) => [status, left(index)])))
  expect(figures).toMatchObject({ invalid: [], invalidCount: 0, delegateLists: new Set() })
})

test('of those whose CID does not parse the oldest 1,000 are told, and all are counted', () => {
  const figures = atOnce(
    overviewOf(9_000, (n) =>
      n % 3 === 0 ? { cid: null, ...(n === 3 && { vanished: true }) } : {},
    ).figures(),
  )
  expect(figures.invalidCount).toBe(2_999)
  expect(figures.invalid).toHaveLength(1_000)
  expect(figures.invalid.slice(0, 2)).toEqual([
    { requestid: 'request-0', cid: 'text 0' },
    { requestid: 'request-6', cid: 'text 6' },
  ])
  expect(figures.invalid.at(-1)).toEqual({ requestid: 'request-3000', cid: 'text 3000' })
})

test('each whose CID does not parse is told once, whatever else they differ in', () => {
  const figures = atOnce(
    overviewOf(60, (n) => ({ cid: null, status: n % 4, ...(n % 3 > 0 && { delegates: n % 3 }) })).figures(),
  )
  expect(figures.invalidCount).toBe(60)
  expect(figures.invalid.map(({ requestid }) => requestid)).toEqual(
    Array.from({ length: 60 }, (_, n) => `request-${n}`),
  )
})

test('the lists of delegates are those that some request carries that is there', () => {
  const figures = atOnce(
    overviewOf(5_000, (n) => ({
      ...(n % 2 === 0 && { delegates: n < 4_000 ? 1 : 2 }),
      ...(n === 4_999 && { delegates: 3, vanished: true }),
    })).figures(),
  )
  expect(figures.delegateLists).toEqual(new Set([1, 2]))
})
