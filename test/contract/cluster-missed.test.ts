import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { Cids } from '../sandbox/identity.ts'
import { ClusterRest, holdersOf, statuses } from './cluster-rest.ts'
import { type ClusterUnderTest, realCluster, sandboxCluster } from './clusters.ts'

const cids = new Cids(3)

const peers = [
  { peer: 'the sandbox', start: sandboxCluster, isThere: true },
  {
    peer: 'IPFS Cluster',
    // So that who has missed something stays so.
    start: () => realCluster({ rebroadcastInterval: '1h' }),
    isThere: havePeers('kubo', 'cluster'),
  },
]

for (const { peer, start, isThere } of peers) {
  describe.skipIf(!isThere)(`a cluster of ${peer} that does not say again what it said`, () => {
    let cluster: ClusterUnderTest
    beforeAll(async () => {
      cluster = await start()
    })
    afterAll(async () => {
      await cluster[Symbol.asyncDispose]()
    })

    test('shows a peer that missed what the others were told, and what it hears next leads it to that', async () => {
      const rest = new ClusterRest(cluster.restUrl)
      const [, , third = ''] = cluster.names.keys()
      await cluster.crashPeer(third)
      const all: string[] = []
      while (all.length < 2) {
        const cid = cids.next('identity')
        await rest.giveTo(third, cid)
        if (holdersOf(await rest.statusOf(cid)).includes(third)) all.push(cid)
      }
      const [missed = '', told = ''] = all
      await cluster.returnPeer(third)
      expect((await rest.statusOf(missed)).peer_map[third]).toMatchObject({ status: 'unpinned', error: '' })
      // To be told to go on is of no use to it.
      await rest.ask(`pins/${missed}/recover`, 'POST')
      expect((await rest.statusOf(missed)).peer_map[third]).toMatchObject({ status: 'unpinned' })
      // It hears nothing until the others have taken it into their midst again, some seconds after its return.
      const afterBeingTold = async () => {
        await rest.ask(`pins/${told}`, 'POST')
        return statuses(await rest.statusOf(missed))
      }
      await expect.poll(afterBeingTold, { interval: 1_000 }).toEqual(['pinned', 'pinned', 'remote'])
    })
  })
}
