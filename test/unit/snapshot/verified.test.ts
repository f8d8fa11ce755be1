import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import { type CidKey, parseCid } from '../../../src/domain/cid.ts'
import { compare } from '../../../src/domain/compare.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import { NodePins } from '../../../src/domain/node-pins.ts'
import { Verifiable } from '../../../src/domain/verifiable.ts'
import { Facts } from '../../../src/snapshot/facts.ts'
import { migrate } from '../../../src/snapshot/migrations.ts'
import { Readings } from '../../../src/snapshot/readings.ts'
import { Verified } from '../../../src/snapshot/verified.ts'
import { Cids } from '../../sandbox/identity.ts'
import { listedRequest } from '../domain/listed-request.ts'

const today = 20_000
const texts = new Cids(5).take(2_500)
const keys = texts.map((text) => parseCid(text)?.key as CidKey)
const [one, two, three] = keys as [CidKey, CidKey, CidKey]

let db: DatabaseSync
let verified: Verified
let changes = 0
beforeEach(() => {
  db = new DatabaseSync(':memory:')
  migrate(db)
  changes = 0
  verified = new Verified(db, new Facts(db), () => {
    changes++
  })
})

/** The pins of both sides, by the numbers of their buckets. */
function follow(buckets: Readonly<Record<number, readonly string[]>>): void {
  const pins = new NodePins()
  const all = Object.values(buckets)
  for (const text of all.flat()) pins.add(parseCid(text)?.key as CidKey, { isV0: false, name: null })
  const requests = all.map((cids) => cids.map((text) => listedRequest(text, { status: 'pinned' })))
  const comparison = atOnce(compare(pins, requests))
  atOnce(
    verified.follow(
      new Verifiable(comparison, {
        buckets: Object.keys(buckets).map(Number),
        pinned: { has: () => false },
        ignore: new Map(),
      }),
    ),
  )
}

const rows = () => db.prepare('SELECT day, bucket, bytes FROM verified ORDER BY day, cid').all()
const due = () => [...verified.due(today)].map(({ key }) => key)
const pin = (key: CidKey) =>
  [...verified.due(Number.MAX_SAFE_INTEGER / 2), ...verified.broken()].find((row) => row.key === key) ??
  expect.fail('no row')

describe('which pins are verified, and when', () => {
  test('each has one row, as long as it is pinned on both sides', () => {
    follow({ 1: texts })
    expect(due().toSorted()).toEqual(keys.toSorted())
    verified.noteWhole(pin(one), today - 20, 111)
    verified.noteWhole(pin(two), today - 21, 222)
    verified.noteBroken(pin(three))
    const before = changes
    follow({ 1: texts })
    expect(changes).toBe(before)

    // One is gone, one is in another bucket, one is new.
    const added = new Cids(6).next()
    follow({ 1: [...texts.slice(2, 10), added], 4: texts.slice(0, 1) })
    expect(rows()).toEqual([
      { day: -1, bucket: 1, bytes: 0 },
      ...Array(8).fill({ day: 0, bucket: 1, bytes: 0 }),
      { day: today - 20, bucket: 4, bytes: 111 },
    ])
  })

  test('what was found whole longest ago is due first; what was so within a week, or is broken, is not', () => {
    follow({ 1: texts.slice(0, 6) })
    for (const [index, ago] of [30, 7, 6, 0, -3].entries())
      verified.noteWhole(pin(keys[index] as CidKey), today - ago, 10)
    // The last of these is of a clock that was ahead.
    expect(due()).toEqual([keys[5], keys[0], keys[1], keys[4]])
    verified.noteBroken(pin(keys[0] as CidKey))
    expect(due()).toEqual([keys[5], keys[1], keys[4]])
    expect([...verified.broken()].map(({ key }) => key)).toEqual([keys[0]])
  })

  test('what is noted while it is read does not come again', () => {
    follow({ 1: texts })
    const seen: CidKey[] = []
    for (const row of verified.due(today)) {
      seen.push(row.key)
      if (seen.length % 3 === 0) verified.noteBroken(row)
      else verified.noteWhole(row, today, 1)
    }
    expect(seen.toSorted()).toEqual(keys.toSorted())
    expect(verified.hasDue(today)).toBe(true)
    for (const row of [...verified.broken()]) verified.noteWhole(row, today, 1)
    expect(verified.hasDue(today)).toBe(false)
  })

  test('how far each bucket is verified', () => {
    follow({ 1: texts.slice(0, 5), 2: texts.slice(5, 6) })
    verified.noteWhole(pin(keys[0] as CidKey), today - 29, 10)
    verified.noteWhole(pin(keys[1] as CidKey), today - 30, 100)
    verified.noteWhole(pin(keys[2] as CidKey), today, 1000)
    verified.noteWhole(pin(keys[3] as CidKey), today, 10_000)
    verified.noteBroken({ key: keys[3] as CidKey, day: today, bucket: 1 })
    const { 1: photos, 2: video } = Object.fromEntries(verified.coverage(today))
    expect(photos).toEqual({
      cids: 5,
      // Also of what is broken since.
      bytes: 11_110,
      recent: 2,
      recentBytes: 1010,
      never: 1,
      broken: 1,
      oldest: today - 30,
    })
    expect(video).toMatchObject({ cids: 1, never: 1, recent: 0, recentBytes: 0, oldest: null })
  })
})

describe('a pin that is read over several runs', () => {
  test('goes on with its parts, and is over once all of them were found whole', () => {
    follow({ 1: texts.slice(0, 3) })
    const readings = new Readings(db, () => {})
    readings.begin(pin(one), today - 3)
    readings.begin(pin(two), today - 4)
    expect(readings.all()).toMatchObject([
      { key: two, day: 0, bucket: 1, since: today - 4 },
      { key: one, day: 0, bucket: 1, since: today - 3 },
    ])
    expect(readings.partsOf(pin(one))).toEqual([{ part: one, isLong: true }])
    readings.divide(pin(one), one, [keys[7], keys[8], keys[7]] as CidKey[])
    expect(readings.partsOf(pin(one))).toHaveLength(2)
    readings.makeLong(pin(one), keys[8] as CidKey)
    expect(readings.partsOf(pin(one))).toContainEqual({ part: keys[8], isLong: true })
    expect(readings.notePart(pin(one), keys[7] as CidKey, 5)).toBeUndefined()
    expect(readings.notePart(pin(one), keys[8] as CidKey, 6)).toBe(11)
    readings.end(pin(one))
    expect(readings.all().map(({ key }) => key)).toEqual([two])
  })

  test('of which a killed run left no part is read anew', () => {
    follow({ 1: texts.slice(0, 3) })
    const readings = new Readings(db, () => {})
    readings.begin(pin(one), today)
    // It is killed before it says that all of it is whole.
    expect(readings.notePart(pin(one), one, 5)).toBe(5)
    readings.clear()
    expect(readings.all()).toEqual([])
    expect(due()).toContain(one)
  })

  test('is forgotten with its pin', () => {
    follow({ 1: texts.slice(0, 3) })
    const readings = new Readings(db, () => {})
    readings.begin(pin(one), today)
    readings.begin(pin(two), today)
    follow({ 1: texts.slice(1, 3) })
    readings.clear()
    expect(readings.all().map(({ key }) => key)).toEqual([two])
    expect(db.prepare('SELECT count(*) AS n FROM reading_part').get()).toEqual({ n: 1 })
  })
})
