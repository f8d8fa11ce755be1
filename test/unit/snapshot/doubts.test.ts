import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { Doubts } from '../../../src/snapshot/doubts.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Cids } from '../../sandbox/identity.ts'

const at = { here: 1, service: null }
const keys = new Cids(1).take(1500).map((text) => parseCid(text)?.key as CidKey)
const [one] = keys as [CidKey]

/** Of two buckets, with so many CIDs sent to each, the same ones. */
function doubtsOf(count: number): { doubts: Doubts; db: DatabaseSync } {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const doubts = new Doubts(db, () => {})
  for (const bucket of [1, 2]) {
    db.prepare('INSERT INTO bucket (id, name) VALUES (?, ?)').run(bucket, `${bucket}`)
    for (const key of keys.slice(0, count)) doubts.send({ bucket, key, at, failedCreated: null })
  }
  return { doubts, db }
}

test('all that was sent is read, though it is more than is read at a time', () => {
  const { doubts } = doubtsOf(1500)
  const placesOf = (notes: Iterable<{ bucket: number; key: CidKey }>) =>
    Array.from(notes, ({ bucket, key }) => `${bucket} ${key}`).toSorted()
  const sent = [1, 2].flatMap((bucket) => keys.map((key) => ({ bucket, key })))
  expect(placesOf(doubts.sent())).toEqual(placesOf(sent))
})

test('what was read may be settled before the rest is', () => {
  const { doubts } = doubtsOf(1500)
  const isOfOne = ({ bucket }: { bucket: number }) => bucket === 1
  atOnce(doubts.settleAll(doubts.sent().filter(isOfOne)))
  const left = [...doubts.sent()]
  expect(left).toHaveLength(1500)
  expect(left.filter(isOfOne)).toEqual([])
})

test('what was sent of one CID is known of each bucket, with how often', () => {
  const { doubts } = doubtsOf(2)
  doubts.send({ bucket: 2, key: one, at, failedCreated: 5 })
  doubts.answer({ bucket: 2, key: one }, 'id')
  expect(doubts.sentOf(one)).toMatchObject([
    { bucket: 1, requestid: null, failedCreated: null, tries: 1 },
    { bucket: 2, requestid: 'id', failedCreated: 5, tries: 2 },
  ])
  expect([1, 2].map((bucket) => doubts.triesOf({ bucket, key: one }))).toEqual([1, 2])
  expect(doubts.sentOf(keys[9] as CidKey)).toEqual([])
})

test('what is gone is read whole, of one CID, and no more once it is believed', () => {
  const { doubts, db } = doubtsOf(0)
  const insert = db.prepare('INSERT INTO gone (bucket, cid, here) VALUES (?, ?, 1)')
  for (const key of keys) insert.run(1, Buffer.from(key, 'latin1'))
  insert.run(2, Buffer.from(one, 'latin1'))
  expect(new Set(Array.from(doubts.gone(), ({ key }) => key))).toEqual(new Set(keys))
  expect(doubts.goneOf(one).map(({ bucket }) => bucket)).toEqual([1, 2])
  doubts.believe({ bucket: 1, key: one })
  expect(doubts.goneOf(one).map(({ bucket }) => bucket)).toEqual([2])
})
