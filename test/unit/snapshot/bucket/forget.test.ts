import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { atOnce } from '../../../../src/domain/long-work.ts'
import { forgetBuckets } from '../../../../src/snapshot/bucket/forget.ts'
import { inDoubt } from '../../../../src/snapshot/bucket/listed.ts'
import { stateOf } from '../../../../src/snapshot/bucket/state.ts'
import { migrate } from '../../../../src/snapshot/migrations.ts'

test('a bucket is forgotten with all that it had, piece by piece, and no other', () => {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const addRequest = db.prepare(
    `INSERT INTO request (bucket, created, requestid, status, cid, cid_text, vanished_in) VALUES (?, 1, ?, 2, ?, 'text', ?)`,
  )
  for (const id of [1, 2]) {
    db.prepare('INSERT INTO bucket (id, name, listed) VALUES (?, ?, 1)').run(id, `${id}`)
    db.prepare('INSERT INTO dropped (bucket, run, here) VALUES (?, 1, 1)').run(id)
    db.prepare('INSERT INTO named (bucket, is_missed) VALUES (?, 1)').run(id)
    db.prepare('INSERT INTO unread (bucket) VALUES (?)').run(id)
    const cid = (name: string) => Buffer.from(`${name} ${id}`)
    for (const table of ['sent', 'gone'])
      db.prepare(`INSERT INTO ${table} (bucket, cid, here) VALUES (?, ?, 1)`).run(id, cid(table))
    for (let n = 0; n < 12_000; n++) addRequest.run(id, `id ${n}`, cid(`key ${n}`), n === 0 ? 1 : null)
  }
  const rowsOf = (id: number) =>
    ['request', 'sent', 'gone', 'named', 'unread'].map(
      (table) => db.prepare(`SELECT count(*) AS n FROM ${table} WHERE bucket = ?`).get(id)?.['n'],
    )

  const work = forgetBuckets(db, [2])
  expect(work.next().done).toBe(false)
  atOnce(work)
  expect(rowsOf(2)).toEqual([0, 0, 0, 0, 0])
  expect(rowsOf(1)).toEqual([12_000, 1, 1, 1, 1])
  expect(stateOf(db, '1')).toMatchObject({ listed: true, drops: [{ run: 1 }] })
  // Its number stays, and its next listing begins anew.
  expect(stateOf(db, '2')).toMatchObject({ listed: false, drops: [], begun: false })
  expect([...inDoubt(db, { unlisted: [2], released: [] })]).toEqual([{ key: 'key 0 1', bucket: 1 }])
})
