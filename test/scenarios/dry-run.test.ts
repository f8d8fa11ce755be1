import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { commands, Mirror } from './mirror.ts'

test('a dry run lists, plans and reports, and changes nothing but the listing it keeps', async () => {
  await using mirror = await Mirror.start()
  const [present = '', missing = '', other = ''] = new Cids(1).take(3)
  const photos = mirror.service.bucket('photos')
  for (const cid of [present, missing]) photos.add({ cid, name: 'mine' })
  photos.add({ cid: other, status: 'failed', reason: 'Exceeded Max Attempts (11)' })
  mirror.node.pin(present)
  const inputs = { 'dry-run': 'true', 'heartbeat-url': mirror.heartbeat.url }

  const dry = await mirror.run({ inputs })
  expect(dry.report).toMatchObject({
    dryRun: true,
    conclusion: 'ok',
    backup: {
      missing: 1,
      pinned: [],
      failed: [],
      pending: [{ cid: missing, name: 'mine', bucket: 'photos' }],
    },
    delegates: { peered: [] },
  })
  expect(commands(dry).toSorted()).toEqual(['diag/sys', 'id', 'pin/ls', 'repo/stat', 'version'])
  expect(dry.asked.github).toEqual([])
  expect(dry.asked.heartbeat).toEqual([])
  expect(dry.asked.service.every(({ method }) => method === 'GET')).toBe(true)
  expect(dry.summary).toContain('## 🔎 Dry run: would pin 1 CID on the node')
  expect(mirror.node.pins.has(missing)).toBe(false)

  const wet = await mirror.run({ inputs: { 'heartbeat-url': mirror.heartbeat.url } })
  expect(wet.report.buckets[0]?.listing).toMatchObject({ mode: 'incremental', added: 0 })
  expect(wet.report.backup).toMatchObject({ missing: 1, pinned: [{ cid: missing }] })
})

test('a dry run shows what rests, and leaves the ledger as it is', async () => {
  await using mirror = await Mirror.start()
  const [dead = ''] = new Cids(2).take(1)
  mirror.service.bucket('photos').add({ cid: dead })
  mirror.node.setContent(dead, nowhere)
  const first = await mirror.run()
  const ledger = () => mirror.inSnapshot((db) => db.prepare('SELECT * FROM failure').all())
  const before = ledger()
  expect(before).toHaveLength(1)

  const inputs = { 'dry-run': 'true', ignore: dead }
  const resting = await mirror.run({ inputs: { 'dry-run': 'true' } })
  expect(resting.report).toMatchObject({
    conclusion: 'ok',
    backup: { resting: 1, failed: first.report.backup?.failed, pending: [] },
  })
  const byHand = await mirror.run({ inputs: { 'dry-run': 'true' }, event: 'workflow_dispatch' })
  expect(byHand.report.backup).toMatchObject({ missing: 1, failed: [], pending: [{ cid: dead }] })
  const ignoring = await mirror.run({ inputs })
  expect(ignoring.report.backup).toMatchObject({ missing: 0, ignored: 1 })
  expect(ledger()).toEqual(before)
})
