import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { identityCid, rawTwin } from '../peers/kubo.ts'
import { listingOf, reportOf } from './act.ts'
import { files, folders } from './content.ts'
import { Stage } from './stage.ts'

describe.skipIf(!havePeers())('backup from IPFS Cluster to Kubo, under act', () => {
  test('pins all that is missing, then only what is new', async () => {
    await using stage = await Stage.set()
    const { cluster, node, runner, inputs } = stage
    const missing = await stage.publish({
      ...files('small', 240, 100),
      ...files('large', 40, 5_000),
      ...folders('folder', 20),
    })
    const both = identityCid('both have it')
    await cluster.pin([both])
    const own = ['only here 1', 'only here 2', 'only here 3'].map(identityCid)
    for (const cid of [both, ...own]) await node.rpc('pin/add', { arg: cid })
    const pinsBefore = (await node.pins()).size

    const first = await runner.run({ event: 'schedule', inputs })

    expect(first).toMatchObject({ succeeded: true, post: 'success', annotations: [] })
    expect(first.outputs).toMatchObject({
      conclusion: 'ok',
      listed: '301',
      'node-pins': String(pinsBefore),
      missing: '300',
      pinned: '300',
      pending: '0',
      failed: '0',
      'cache-key': '',
    })
    const report = reportOf(first)
    expect(report).toMatchObject({
      version: 1,
      direction: 'backup',
      conclusion: 'ok',
      errors: [],
      backup: { missing: 300, ignored: 0, failed: [], pending: [] },
      buckets: [{ name: 'photos', cids: 301, listing: { mode: 'cold', complete: true } }],
    })
    expect(report.backup?.pinned.map(({ cid }) => cid).toSorted()).toEqual(missing.toSorted())
    const pins = await node.pins()
    expect(pins.size).toBe(pinsBefore + 300)
    for (const cid of missing) expect(pins.get(cid)).toBe(`name of ${cid}`)
    // Offline, so it is true only where every block is on the node itself.
    expect(await node.run('pin', 'verify', '--quiet')).toBe('')

    // All but the one that both have, and Kubo's own empty directory, which is nobody's content.
    expect(report.node?.onlyHere).toBe(pinsBefore - 2)
    expect(report.node?.onlyHereExamples).toEqual(expect.arrayContaining(own))
    for (const cid of own) expect(first.summary).toContain(cid)
    for (const text of [first.log, first.summary, JSON.stringify(report)])
      expect(text).not.toContain(cluster.token)

    const listings = await cluster.listings()
    const second = await runner.run({ event: 'schedule', inputs })

    expect((await cluster.listings()) - listings).toBeLessThanOrEqual(4)
    expect(second).toMatchObject({ succeeded: true, outputs: { conclusion: 'ok', missing: '0' } })
    expect(second.outputs['cache-key']).toMatch(/^ipfs-pin-mirror/)
    expect(listingOf(second)).toMatchObject({ mode: 'incremental', complete: true, added: 0, removed: 0 })
    expect(listingOf(second).httpRequests).toBeLessThanOrEqual(4)

    const added = await stage.publish(files('new', 2, 5_000))
    const third = await runner.run({ event: 'schedule', inputs })

    expect(listingOf(third)).toMatchObject({ mode: 'incremental', complete: true, added: 2 })
    expect(reportOf(third).backup).toMatchObject({ missing: 2, failed: [], pending: [] })
    expect([...(await node.pins()).keys()]).toEqual(expect.arrayContaining(added))
  })

  test('says which CID nobody has, and keeps an issue until it can be had', async () => {
    await using stage = await Stage.set()
    const { node, runner, github } = stage
    const [dead = '', ...alive] = await stage.publish(files('file', 5, 5_000))
    await stage.lose(dead)
    const inputs = { ...stage.inputs, 'stall-timeout': '3s', attempts: '2' }

    const first = await runner.run({ event: 'schedule', inputs })

    expect(first).toMatchObject({ succeeded: true, outputs: { conclusion: 'failed-pins', failed: '1' } })
    const [failed, ...others] = reportOf(first).backup?.failed ?? []
    expect(others).toEqual([])
    expect(failed).toMatchObject({ cid: dead, name: `name of ${dead}`, bucket: 'photos' })
    expect(failed?.reason).toMatch(/\w/)
    expect(first.summary).toContain(dead)
    expect(first.summary).toContain(failed?.reason)
    expect(github.issues).toMatchObject([{ state: 'open', number: Number(first.outputs['issue-number']) }])
    expect(github.issues[0]?.body).toContain(dead)
    const pins = await node.pins()
    expect(pins.has(dead)).toBe(false)
    for (const cid of alive) expect(pins.has(cid)).toBe(true)

    const resting = await runner.run({ event: 'schedule', inputs })

    expect(reportOf(resting).backup).toMatchObject({ missing: 1, pinned: [], failed: [failed] })
    expect(github.issues).toMatchObject([{ state: 'open' }])

    await stage.findFriendWith(dead)
    const manual = await runner.run({ event: 'workflow_dispatch', inputs })

    expect(reportOf(manual)).toMatchObject({
      conclusion: 'ok',
      backup: { missing: 1, pinned: [{ cid: dead }], failed: [] },
    })
    expect((await node.pins()).has(dead)).toBe(true)
    expect(github.issues).toMatchObject([{ state: 'closed' }])
  })

  test('takes v0 and v1 for one pin, and a raw twin for another', async () => {
    await using stage = await Stage.set()
    const { node, runner } = stage
    const [v0 = ''] = await stage.publish(files('file', 1, 5_000), 0)
    const [folder = ''] = await stage.publish(folders('folder', 1))
    await node.connect(stage.cluster.kubo)
    const v1 = await node.run('cid', 'base32', v0)
    await node.rpc('pin/add', { arg: v1 })
    await node.rpc('pin/add', { arg: rawTwin(folder) })
    const pinsBefore = await node.pins()

    const outcome = await runner.run({ event: 'schedule', inputs: stage.inputs })

    expect([v0, v1]).toEqual([expect.stringMatching(/^Qm/), expect.stringMatching(/^bafybei/)])
    expect(pinsBefore.has(v1)).toBe(true)
    expect(reportOf(outcome).backup).toMatchObject({ missing: 1, pinned: [{ cid: folder }], failed: [] })
    expect(await node.pins()).toEqual(new Map([...pinsBefore, [folder, `name of ${folder}`]]))
  })
})
