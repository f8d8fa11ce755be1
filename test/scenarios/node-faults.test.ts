import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { added, Mirror, until } from './mirror.ts'

/** A mirror whose node lacks so many CIDs. */
async function withMissing(count: number) {
  const mirror = await Mirror.start()
  const cids = new Cids(1).take(count)
  mirror.service.bucket('photos').addAll(
    // Newest first, as they are tried.
    cids.map((cid, index) => ({ cid, created: new Date(Date.UTC(2024, 0, 1) - index * 1000) })),
  )
  const failures = () => mirror.inSnapshot((db) => db.prepare('SELECT * FROM failure').all())
  return { mirror, cids, failures }
}

test('a node that is not there: where it was looked for and what to check; the listing is kept', async () => {
  const { mirror, cids, failures } = await withMissing(3)
  await using _ = mirror
  await mirror.node.stop()
  const ran = await mirror.run()
  expect(ran.exitCode).toBe(1)
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    node: null,
    backup: { missing: 0 },
    buckets: [{ cids: 3 }],
  })
  const [error] = ran.report.errors
  expect(error?.where).toBe('node')
  expect(error?.message).toContain(`${mirror.node.url} does not answer (connect ECONNREFUSED`)
  expect(error?.message).toContain('Check that its daemon runs, that node-url')
  expect(failures()).toEqual([])

  await mirror.node.listen()
  const next = await mirror.run()
  expect(next.report.buckets[0]?.listing.mode).toBe('incremental')
  expect(added(next).toSorted()).toEqual(cids.toSorted())
})

test('a node that wants an authorization', async () => {
  await using mirror = await Mirror.start({ node: { authorization: 'Bearer secret-of-the-node' } })
  mirror.service.bucket('photos').add({ cid: new Cids(2).next() })
  const refused = await mirror.run()
  expect(refused.report.errors).toMatchObject([
    { where: 'node', message: expect.stringMatching(/refuses .*status 403.*Check node-authorization/) },
  ])
  expect(added(refused)).toEqual([])
  const right = await mirror.run({ inputs: { 'node-authorization': 'bearer:secret-of-the-node' } })
  expect(right.report).toMatchObject({ conclusion: 'ok', backup: { missing: 1 } })
})

test('a list of pins that ends in an error, or in the middle, is not believed', async () => {
  const { mirror, cids } = await withMissing(4)
  await using _ = mirror
  for (const cid of cids) mirror.node.pin(cid)
  for (const [broken, said] of [
    [
      { afterLines: 2, with: { error: 'pinner: datastore is closed' } },
      /fails pin\/ls: pinner: datastore is closed/,
    ],
    [{ afterLines: 2, with: 'cut' }, /does not answer/],
    [
      { afterLines: 0, with: { error: 'pinner: datastore is closed' } },
      /fails pin\/ls: pinner: datastore is closed/,
    ],
  ] as const) {
    mirror.node.breakStream = ({ path, query }) =>
      path.endsWith('/pin/ls') && !query.has('arg') ? broken : undefined
    const ran = await mirror.run()
    expect(ran.report).toMatchObject({ conclusion: 'error', node: null, errors: [{ where: 'node' }] })
    expect(ran.report.errors[0]?.message).toMatch(said)
    expect(added(ran)).toEqual([])
  }
})

test.each([
  [
    'before the answer',
    (mirror: Mirror, cid: string) => {
      mirror.node.intercept = ({ path, query }) => {
        if (path.endsWith('/pin/add') && query.get('arg') === cid) mirror.node.isFull = true
        return undefined
      }
    },
  ],
  [
    'at the end of the answer',
    (mirror: Mirror, cid: string) => {
      mirror.node.setContent(cid, { blocks: 20, msPerBlock: 300 })
      mirror.node.intercept = ({ path, query }) => {
        const isAdded = path.endsWith('/pin/add') && query.get('arg') === cid
        if (isAdded) setTimeout(() => Object.assign(mirror.node, { isFull: true }), 1_500)
        return undefined
      }
    },
  ],
])('a disk that is full, said %s, ends the run and is held against no CID', async (_, fill) => {
  const { mirror, cids, failures } = await withMissing(12)
  await using __ = mirror
  const dead = cids[0] ?? ''
  mirror.node.setContent(dead, nowhere)
  fill(mirror, cids[8] ?? '')
  const ran = await mirror.run({ inputs: { concurrency: '2', attempts: '3' } })
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    errors: [{ where: 'node' }],
    backup: { missing: 12, failed: [] },
  })
  expect(ran.report.errors[0]?.message).toContain('cannot store more')
  const { pinned = [], pending = [] } = ran.report.backup ?? {}
  expect(pinned.length).toBeGreaterThanOrEqual(6)
  expect(pending.length).toBeGreaterThanOrEqual(2)
  for (const { cid } of pinned) expect(mirror.node.pins.has(cid)).toBe(true)
  expect(failures()).toEqual([])
})

test('a node that dies in the middle: what was pinned stays reported, the rest is pending', async () => {
  const { mirror, cids, failures } = await withMissing(20)
  await using _ = mirror
  for (const cid of cids.slice(0, 10)) mirror.node.setContent(cid, { msPerBlock: 50 })
  for (const cid of cids.slice(10)) mirror.node.setContent(cid, { msPerBlock: 60_000 })
  const running = mirror.start({ inputs: { 'stall-timeout': '2s' } })
  await until(() => mirror.node.pins.size === 10)
  await mirror.node.stop()
  const ran = await running.ended
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    errors: [{ where: 'node' }],
    backup: { missing: 20, failed: [] },
  })
  expect(ran.report.errors[0]?.message).toContain('does not answer')
  expect(ran.report.backup?.pinned.map(({ cid }) => cid).toSorted()).toEqual(cids.slice(0, 10).toSorted())
  expect(ran.report.backup?.pending).toHaveLength(10)
  expect(failures()).toEqual([])
})

test('a node that is restarted in the middle is waited for', async () => {
  const { mirror, cids } = await withMissing(6)
  await using _ = mirror
  for (const cid of cids) mirror.node.setContent(cid, { msPerBlock: 300 })
  const running = mirror.start({ inputs: { 'stall-timeout': '10s', attempts: '3' } })
  await until(() => mirror.node.requests.some(({ path }) => path.endsWith('/pin/add')))
  await mirror.node.stop()
  await sleep(300)
  await mirror.node.listen()
  const ran = await running.ended
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    errors: [],
    backup: { missing: 6, failed: [], pending: [] },
  })
})

test('a pin whose answer ends without saying so is not taken for pinned', async () => {
  const { mirror, cids } = await withMissing(2)
  await using _ = mirror
  const [one] = cids
  mirror.node.intercept = ({ path, query }) =>
    path.endsWith('/pin/add') && query.get('arg') === one
      ? { status: 200, body: '{"Progress":1}\n' }
      : undefined
  const ran = await mirror.run()
  expect(ran.report.backup).toMatchObject({ pinned: [{ cid: cids[1] }], failed: [{ cid: one }] })
  expect(ran.report.backup?.failed[0]?.reason).toContain('without saying that it is pinned')
})

test('a node that had thousands of pins and lists none is not believed before a person confirms it', async () => {
  const { mirror, cids } = await withMissing(5)
  await using _ = mirror
  for (const cid of new Cids(9).take(1200)) mirror.node.pin(cid)
  await mirror.run()
  mirror.node.pins.clear()
  const empty = await mirror.run()
  expect(added(empty)).toEqual([])
  expect(empty.report.warnings).toMatchObject([
    { where: 'node', message: expect.stringContaining('had 1205 before') },
  ])
  expect(added(await mirror.run())).toEqual([])
  const byHand = await mirror.run({ inputs: { 'full-listing': 'true' }, event: 'workflow_dispatch' })
  expect(added(byHand).toSorted()).toEqual(cids.toSorted())
})

test('a node whose repository was lost after the first run is not believed', async () => {
  const { mirror } = await withMissing(10)
  await using _ = mirror
  // With those that the run pins, a thousand.
  for (const cid of new Cids(9).take(990)) mirror.node.pin(cid)
  const own = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'
  mirror.node.pin(own)
  expect(added(await mirror.run())).toHaveLength(10)
  mirror.node.pins.clear()
  mirror.node.pin(own)
  const lost = await mirror.run()
  expect(added(lost)).toEqual([])
  expect(lost.report).toMatchObject({
    node: { pins: 1, believed: false },
    warnings: [
      {
        where: 'node',
        message: expect.stringContaining('no pins but the one of every new repository, and had 1000 before'),
      },
    ],
  })
})

test('an empty node is confirmed by no dry run, and by no run that was killed', async () => {
  const { mirror, cids } = await withMissing(5)
  await using _ = mirror
  for (const cid of new Cids(9).take(1200)) mirror.node.pin(cid)
  await mirror.run()
  mirror.node.pins.clear()
  await mirror.run({ inputs: { 'dry-run': 'true' } })

  // It has something to tell, so that it asks GitHub, which lets it wait until it is killed.
  mirror.service
    .bucket('photos')
    .add({ cid: new Cids(10).next(), status: 'failed', created: Date.now() + 1000 })
  mirror.github.intercept = () => 'hang'
  const running = mirror.start()
  await until(() => mirror.github.requests.some(({ status }) => status === undefined))
  running.kill('SIGKILL')
  await running.ended
  mirror.github.intercept = undefined

  const empty = await mirror.run()
  expect(added(empty)).toEqual([])
  expect(empty.log).toContain(
    'The node lists no pins, and had many: nothing is pinned until that is confirmed',
  )
  expect(mirror.github.issues[0]?.body).toContain('the node lists no pins')
  expect(added(await mirror.run())).toEqual([])
  mirror.letPass(24 * 60 + 1)
  expect(added(await mirror.run()).toSorted()).toEqual(cids.toSorted())
})
