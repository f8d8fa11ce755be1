import { transaction } from '../../../src/snapshot/transaction.ts'
import { openUnderTest } from './open-under-test.ts'

/**
 * A run in a process of its own: opens the snapshot, says `open` or the error's name, and writes without end, a
 * hundred rows a transaction. Each transaction is told, when it is in the file.
 */
const [path = '', mirror = ''] = process.argv.slice(2)
try {
  using snapshot = openUnderTest(path, mirror, (warning) => console.log(`warning ${warning}`))
  const { db } = snapshot
  console.log('open')
  db.exec("INSERT OR IGNORE INTO bucket (id, name) VALUES (1, 'main')")
  const add = db.prepare(
    'INSERT INTO request (bucket, created, requestid, status, cid_text) VALUES (1, ?, ?, 2, ?)',
  )
  const { n } = db.prepare('SELECT count(*) AS n FROM request').get() as { n: number }
  for (let page = n / 100; ; page++) {
    transaction(db, () => {
      for (let row = 0; row < 100; row++) add.run(page * 100 + row, `${page}-${row}`, 'a text of some length')
    })
    console.log(`page ${page}`)
  }
} catch (error) {
  console.log((error as Error).name)
}
