import { describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { identityCid } from '../peers/kubo.ts'
import { reportOf } from './act.ts'
import { files, folders } from './content.ts'
import { Stage } from './stage.ts'

describe.skipIf(!havePeers())('inspect, under act', () => {
  test('shows what a real IPFS Cluster and a real Kubo know of some CIDs', async () => {
    await using stage = await Stage.set()
    const { cluster, node, runner, inputs } = stage
    const [file = '', folder = ''] = await stage.publish({
      ...files('file', 1, 2_500),
      ...folders('folder', 1),
    })
    const nowhere = identityCid('nobody has asked for it')
    await node.connect(cluster.kubo)
    await node.rpc('pin/add', { arg: file, name: 'on the node' })
    const before = { requests: await cluster.requests(), pins: await node.pins() }

    const ran = await runner.run({
      event: 'workflow_dispatch',
      inputs: { ...inputs, inspect: [file, folder, nowhere].join(' ') },
    })

    expect(ran).toMatchObject({ succeeded: true, annotations: [], outputs: { conclusion: 'ok' } })
    const delegates = [{ peerId: cluster.kubo.peerId, known: true, connected: true }]
    expect(reportOf(ran).inspect).toMatchObject([
      {
        cid: file,
        valid: true,
        node: { pinned: { type: 'recursive', name: 'on the node' }, size: { isWhole: true } },
        service: [{ bucket: 'photos', requestid: file, status: 'pinned', name: `name of ${file}` }],
        delegates,
      },
      {
        cid: folder,
        node: { pinned: { type: 'none' } },
        service: [{ bucket: 'photos', status: 'pinned' }],
        delegates,
      },
      { cid: nowhere, valid: true, node: { pinned: { type: 'none' } }, service: [] },
    ])
    for (const cid of [file, folder, nowhere]) expect(ran.summary).toContain(cid)
    expect(ran.summary).toContain('No bucket has a request for it.')
    expect({ requests: await cluster.requests(), pins: await node.pins() }).toEqual(before)
  })
})
