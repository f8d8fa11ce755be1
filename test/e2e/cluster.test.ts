import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { ClusterOfPeers } from '../peers/clusters.ts'
import { identityCid, Kubo } from '../peers/kubo.ts'
import { startGitHub } from '../sandbox/github.ts'
import { startPinningService } from '../sandbox/pinning-service.ts'
import { reportOf } from './act.ts'
import { files, folders } from './content.ts'
import { Runner } from './runner.ts'

const token = Buffer.from('AKIA0:secret-of-photos:photos').toString('base64')

/**
 * What a user of the mirror has past one box: IPFS Cluster of three peers, each over a Kubo node of its own, that keeps
 * two copies; and a pinning service whose own Kubo node serves what it has.
 */
async function stage() {
  await using things = new AsyncDisposableStack()
  const [cluster, provider, github] = await Promise.all([
    // A peer that did not hear something is told it again after so long: by default up to a minute, or two.
    ClusterOfPeers.start({ peers: 3, replication: 2, pinTimeout: '20s', rebroadcastInterval: '5s' }),
    Kubo.start(),
    startGitHub({ token: 'ghs_ofTheRun' }),
  ])
  for (const thing of [cluster, provider, github]) things.use(thing)
  const service = things.use(
    await startPinningService({
      buckets: { photos: token },
      settle: () => ({ status: 'pinned', after: { requests: 1 } }),
      delegates: () => provider.addresses,
    }),
  )
  const runner = things.use(await Runner.create(github))
  const kept = things.move()
  const bucket = service.bucket('photos')
  return {
    cluster,
    github,
    runner,
    service,
    inputs: {
      endpoint: service.url,
      buckets: `photos=${token}`,
      'node-url': cluster.restUrl,
      'node-kind': 'cluster',
      delegates: provider.addresses.join('\n'),
    },
    /** Has the service pin files and folders, in blocks of 1 KiB; returns what is at the top level. */
    publish: async (content: Parameters<Kubo['add']>[0]): Promise<string[]> => {
      const added = await provider.add(content, { blockSize: 1024 })
      const roots = [...new Set(Object.keys(content).map((path) => path.split('/')[0] ?? ''))]
      const cids = roots.map((root) => added.get(root) ?? '')
      for (const cid of cids) bucket.add({ cid, name: `name of ${cid}` })
      return cids
    },
    /** How many of the cluster's Kubo nodes pin each CID, asked at the nodes themselves. */
    copies: async (): Promise<ReadonlyMap<string, number>> => {
      const counts = new Map<string, number>()
      for (const { kubo } of cluster.peers)
        for (const cid of (await kubo.pins()).keys()) counts.set(cid, (counts.get(cid) ?? 0) + 1)
      return counts
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

describe.skipIf(!havePeers())('a mirror of IPFS Cluster, under act', () => {
  test('every CID of a backup is on two nodes, and an update names those that hold it', async () => {
    await using set = await stage()
    const { cluster, runner, service, inputs } = set
    const cids = await set.publish({
      ...files('small', 260, 100),
      ...files('large', 30, 5_000),
      ...folders('folder', 10),
    })
    expect(new Set(cids).size).toBe(300)

    const first = await runner.run({ event: 'schedule', inputs })

    expect(reportOf(first)).toMatchObject({
      conclusion: 'ok',
      errors: [],
      node: { kind: 'cluster', version: '1.1.6', pins: 0 },
      backup: { missing: 300, failed: [], pending: [] },
    })
    expect(first.summary).toContain('### The cluster: 3 peers, 0 in trouble')
    const copies = await set.copies()
    for (const cid of cids) expect(copies.get(cid), cid).toBe(2)
    // Offline, so it is true only where every block is on the nodes themselves.
    for (const { kubo } of cluster.peers) expect(await kubo.run('pin', 'verify', '--quiet')).toBe('')

    const second = await runner.run({ event: 'schedule', inputs })
    expect(reportOf(second)).toMatchObject({
      conclusion: 'ok',
      node: { pins: 300, replication: { pinned: 300, copies: [{ wanted: 2, cids: 300 }] } },
      backup: { missing: 0 },
    })

    const own = Array.from({ length: 20 }, (_, index) => identityCid(`only in the cluster ${index}`))
    for (const cid of own) await fetch(`${cluster.restUrl}/pins/${cid}?name=own`, { method: 'POST' })
    const twice = async () => {
      const copies = await set.copies()
      return own.filter((cid) => copies.get(cid) === 2).length
    }
    await expect.poll(twice).toBe(own.length)
    const held = await Promise.all(cluster.peers.map(({ kubo }) => kubo.pins()))
    const update = await runner.run({
      event: 'schedule',
      inputs: { ...inputs, direction: 'update', 'settle-timeout': '5s' },
    })
    expect(reportOf(update)).toMatchObject({
      conclusion: 'ok',
      update: { missing: 20, failed: [], pending: [] },
    })
    const posts = service.requests.filter(({ method }) => method === 'POST')
    const sent = posts.map(({ body }) => JSON.parse(body) as { cid: string; origins: string[] })
    expect(sent.map(({ cid }) => cid).toSorted()).toEqual(own.toSorted())
    for (const { cid, origins } of sent) {
      const holders = cluster.peers.filter((_, index) => held[index]?.has(cid))
      expect(origins.map((address) => address.split('/p2p/')[1]).toSorted()).toEqual(
        holders.map(({ kubo }) => kubo.peerId).toSorted(),
      )
    }
  })

  test('a peer that is killed in the middle is named, blames no CID, and its return finishes the work', async () => {
    await using set = await stage()
    const { cluster, github, runner, inputs } = set
    const cids = await set.publish({ ...files('small', 280, 100), ...files('large', 20, 5_000) })
    // The mirror asks the first. Of the others one has many: the cluster takes two, by their free space.
    const others = cluster.peers.map((peer, index) => ({ peer, name: `peer-${index + 1}` })).slice(1)
    let victim = others[0]

    const running = await runner.start({
      event: 'schedule',
      inputs: { ...inputs, concurrency: '4', 'stall-timeout': '20s' },
    })
    await running.until(async () => {
      const sizes = await Promise.all(others.map(async ({ peer }) => (await peer.kubo.pins()).size))
      victim = others[sizes.findIndex((size) => size > 20)]
      return victim !== undefined
    })
    if (victim === undefined) throw new Error('no other peer has anything')
    await victim.peer.kill()
    const broken = await running.outcome

    const report = reportOf(broken)
    expect(report).toMatchObject({ conclusion: 'error', backup: { missing: 300, failed: [] } })
    expect(report.errors).toMatchObject([
      { where: 'node', message: expect.stringContaining(`${victim.name} (`) },
    ])
    expect(report.backup?.pending.length).toBeGreaterThan(0)
    expect(broken.summary).toContain('### The cluster: 3 peers, 1 in trouble')
    expect(github.issues).toMatchObject([{ state: 'open' }])
    expect(github.issues[0]?.body).toContain(victim.peer.peerId)

    await victim.peer.restart()
    await cluster.untilSeen(3)
    const back = await runner.run({ event: 'schedule', inputs })

    expect(reportOf(back)).toMatchObject({
      conclusion: 'ok',
      errors: [],
      backup: { failed: [], pending: [] },
    })
    const copies = await set.copies()
    for (const cid of cids) expect(copies.get(cid), cid).toBe(2)
    expect(github.issues).toMatchObject([{ state: 'closed' }])
    // Two runs, of which one waits in vain, and a peer that comes back.
  }, 600_000)
})
