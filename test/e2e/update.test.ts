import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { listingOf, reportOf } from './act.ts'
import { type Files, files, folders } from './content.ts'
import { Stage } from './stage.ts'

/** The service knows no peer of the node's but by the origins: the action is told no delegates. */
function inputsOf({ cluster, node }: Stage): Record<string, string> {
  return {
    direction: 'update',
    endpoint: cluster.pinningServiceUrl,
    buckets: `photos=${cluster.token}`,
    'node-url': node.apiUrl,
    // The node's own addresses are those of this machine, which `auto` never gives away.
    origins: node.addresses.join('\n'),
  }
}

/** Adds files and folders to the node, which pins what is at the top level, every second one under a name. */
async function pinOnNode({ node }: Stage, content: Files, cidVersion: 0 | 1): Promise<Map<string, string>> {
  const added = await node.add(content, { blockSize: 1024, cidVersion, rawLeaves: cidVersion === 1 })
  const tops = [...new Set(Object.keys(content).map((path) => path.split('/')[0] ?? ''))]
  const named = new Map<string, string>()
  for (const [index, top] of tops.entries()) {
    const cid = added.get(top) ?? ''
    const name = index % 2 === 0 ? `name of ${top}` : ''
    await node.rpc('pin/add', { arg: cid, ...(name !== '' && { name }) })
    named.set(cid, name)
  }
  return named
}

describe.skipIf(!havePeers())('update from Kubo to IPFS Cluster, under act', () => {
  test('has the service fetch all that it lacks from the node, and then sends nothing', async () => {
    await using stage = await Stage.set()
    const { cluster, runner } = stage
    const wanted = new Map([
      ...(await pinOnNode(stage, { ...files('v1', 70, 2_500), ...folders('folder1', 30) }, 1)),
      ...(await pinOnNode(stage, { ...files('v0', 70, 2_500), ...folders('folder0', 30) }, 0)),
    ])
    expect(wanted.size).toBe(200)
    const inputs = inputsOf(stage)

    const first = await runner.run({ event: 'schedule', inputs })

    expect(first).toMatchObject({ succeeded: true, annotations: [] })
    expect(first.outputs).toMatchObject({ conclusion: 'ok', missing: '200', pinned: '200', pending: '0' })
    expect(reportOf(first).update).toMatchObject({ missing: 200, failed: [], pending: [], unsent: [] })
    const requests = await cluster.requests()
    expect(requests.size).toBe(200)
    for (const [cid, name] of wanted)
      expect(requests.get(cid)).toEqual({ status: 'pinned', name: name === '' ? undefined : name })
    // Offline, so it is true only where every block is on the service's node itself.
    expect(await cluster.kubo.run('pin', 'verify', '--quiet')).toBe('')
    const pinnedThere = await cluster.kubo.pins()
    expect([...wanted.keys()].filter((cid) => !pinnedThere.has(cid))).toEqual([])

    const second = await runner.run({ event: 'schedule', inputs })

    expect(second.outputs).toMatchObject({ conclusion: 'ok', missing: '0', pinned: '0' })
    expect(listingOf(second)).toMatchObject({ mode: 'incremental', complete: true, added: 0 })
    expect(await cluster.requests()).toEqual(requests)
  })

  test('asks again for what failed at the service, which keeps its pin', async () => {
    await using stage = await Stage.set('2s')
    const { cluster, runner } = stage
    const wanted = await pinOnNode(stage, files('late', 3, 2_500), 1)
    // Nobody whom the service knows has them.
    for (const cid of wanted.keys()) await cluster.request('POST', '/pins', { cid, name: 'asked for before' })
    await expect
      .poll(async () => [...(await cluster.requests()).values()].map(({ status }) => status), {
        timeout: 120_000,
        interval: 500,
      })
      .toEqual(['failed', 'failed', 'failed'])
    const inputs = inputsOf(stage)

    const ran = await runner.run({ event: 'schedule', inputs })

    expect(ran.outputs).toMatchObject({ conclusion: 'ok', missing: '3', pinned: '3', failed: '0' })
    const pinnedThere = await cluster.kubo.pins()
    for (const cid of wanted.keys()) {
      expect((await cluster.requests()).get(cid)).toEqual({ status: 'pinned', name: 'asked for before' })
      expect(pinnedThere.has(cid)).toBe(true)
    }
  })
})
