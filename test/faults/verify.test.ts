import './hurried.ts'
import { describe, expect, test } from 'vitest'
import { parseCid } from '../../src/domain/cid.ts'
import { dayOf } from '../../src/domain/verifying.ts'
import { Cids } from '../sandbox/identity.ts'
import { readBy } from '../sandbox/kubo/dags.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Box } from './box.ts'
import { type FaultName, faults, harm, heal } from './faults.ts'

/** One that refuses connections is not listed either. */
const names = (Object.keys(faults) as FaultName[]).filter((fault) => fault !== 'refused connections')
/** What the node may answer, without being at fault for it: late, or that this is not allowed. */
const harmless: readonly FaultName[] = ['an answer in drips', '401', '403']
/** What does not end by itself is over when the time for it is. */
const endless: readonly FaultName[] = ['an answer that never ends', 'a gigantic answer']

const inputs = { 'stall-timeout': '4s', attempts: '1', 'verify-time': '3m' }
const isRead = ({ path }: { path: string }) => path.endsWith('/dag/export')
const isOf =
  (cid: string) =>
  ({ path, query }: { path: string; query: URLSearchParams }) =>
    isRead({ path }) && readBy(query) === cid

/** The node pins three CIDs that the bucket has. */
async function start() {
  const box = await Box.start({ delegates: () => [] })
  const cids = new Cids(1).take(3)
  for (const cid of cids) {
    box.node.setContent(cid, { blocks: 3, bytesPerBlock: 1000 })
    box.photos.add({ cid, name: 'kept' })
    box.node.pin(cid, { name: 'kept' })
  }
  return { box, cids, first: cids[0] ?? '', pins: [...box.node.pins.keys()] }
}

/** No pin was touched, and the next run finds all of them whole. */
async function expectAllWhole(box: Box, pins: readonly string[]): Promise<void> {
  expect([...box.node.pins.keys()]).toEqual(pins)
  expect([...box.node.pins.keys()].map((cid) => box.node.pins.get(cid)?.name)).toEqual(pins.map(() => 'kept'))
  expect(box.node.requests.some(({ path }) => path.endsWith('/pin/add'))).toBe(false)
  await heal(box.node)
  const report = await box.run({ inputs, isManual: true })
  expect(report).toMatchObject({ conclusion: 'ok', errors: [], warnings: [] })
  expect(report.verify?.buckets).toMatchObject([{ cids: 3, recent: 3, broken: 0 }])
}

describe('whenever the node is asked to read', () => {
  test.each(names)('%s: nothing is called whole, and nothing broken', async (fault) => {
    const { box, pins } = await start()
    await using _ = box
    await harm(box.node, fault, { isHit: isRead })
    const limits = endless.includes(fault) ? { 'verify-time': '8s' } : {}
    const report = await box.run({ inputs: { ...inputs, ...limits } })
    const whole = fault === 'an answer in drips' ? 3 : 0
    expect(report.verify).toMatchObject({ checked: whole, whole, failed: [] })
    if (endless.includes(fault) || harmless.includes(fault))
      expect(report).toMatchObject({ conclusion: 'ok', errors: [] })
    else expect(report).toMatchObject({ conclusion: 'error', errors: [{ where: 'verify' }] })
    expect(box.count('failure')).toBe(0)
    await expectAllWhole(box, pins)
  })
})

describe('the first time that a CID is read', () => {
  test.each(names)('%s: it alone is not read, or is read all the same', async (fault) => {
    const { box, first, pins } = await start()
    await using _ = box
    await harm(box.node, fault, { isHit: isOf(first), most: 1 })
    const limits = endless.includes(fault) ? { 'verify-time': '8s' } : {}
    const report = await box.run({ inputs: { ...inputs, ...limits } })
    expect(report).toMatchObject({ conclusion: 'ok', errors: [], verify: { missing: 0, corrupt: 0 } })
    // Also silence is held against it only once the node reads another: here others are read meanwhile.
    if (!['401', '403'].includes(fault))
      expect(report.verify?.whole).toBe(fault === 'an answer in drips' ? 3 : 2)
    await expectAllWhole(box, pins)
  })
})

const isFetch = ({ path, query }: { path: string; query: URLSearchParams }) =>
  path.endsWith('/refs') && query.get('offline') !== 'true'

describe('whenever missing blocks are fetched', () => {
  test.each(names)('%s: what lacks them is told, its pin stays, and a later run mends it', async (fault) => {
    const { box, first, pins } = await start()
    await using _ = box
    box.node.loseBlocks(first)
    await harm(box.node, fault, { isHit: isFetch })
    const report = await box.run({ inputs })
    expect(report.errors).toEqual([])
    if (fault === 'an answer in drips')
      expect(report).toMatchObject({ conclusion: 'ok', verify: { mended: 1, failed: [] } })
    else
      expect(report).toMatchObject({
        conclusion: 'failed-pins',
        verify: { whole: 2, mended: 0, missing: 1, failed: [{ cid: first, class: 'missing-block' }] },
      })
    await expectAllWhole(box, pins)
    expect(box.count('failure')).toBe(0)
  })

  test('nobody has them: the same', async () => {
    const { box, first, pins } = await start()
    await using _ = box
    box.node.setContent(first, { blocks: 3, bytesPerBlock: 1000, ...nowhere })
    box.node.loseBlocks(first)
    expect(await box.run({ inputs })).toMatchObject({ conclusion: 'failed-pins', verify: { missing: 1 } })
    box.node.setContent(first, { blocks: 3, bytesPerBlock: 1000 })
    await expectAllWhole(box, pins)
  })
})

const isLinks = ({ path, query }: { path: string; query: URLSearchParams }) =>
  path.endsWith('/refs') && query.get('offline') === 'true'

describe('whenever it is asked what is below the first block of a long one', () => {
  test.each(names)('%s: nothing is broken, and all of it is read in the end', async (fault) => {
    const { box, first, pins } = await start()
    await using _ = box
    await box.run({ inputs })
    box.node.setContent(first, { blocks: 1, bytesPerBlock: 1000, links: pins.slice(1) })
    // A run before had no time for all of it.
    box.inSnapshot((db) => {
      const key = Buffer.from(parseCid(first)?.key ?? '', 'latin1')
      db.exec('UPDATE verified SET day = 0')
      db.prepare('INSERT INTO reading (cid, day, since, bytes) VALUES (?, 0, ?, 0)').run(
        key,
        dayOf(Date.now()),
      )
      db.prepare('INSERT INTO reading_part (cid, part, is_long) VALUES (?, ?, 1)').run(key, key)
    })
    await harm(box.node, fault, { isHit: isLinks })
    const report = await box.run({ inputs: { ...inputs, 'verify-time': '20s' } })
    expect(report.verify).toMatchObject({ missing: 0, corrupt: 0, failed: [] })
    expect(report.errors.every(({ where }) => where === 'verify')).toBe(true)
    await expectAllWhole(box, pins)
    for (const table of ['reading', 'reading_part', 'failure']) expect(box.count(table)).toBe(0)
  })
})
