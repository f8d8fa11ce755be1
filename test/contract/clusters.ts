import { peerVersion } from '../peers/build.ts'
import { ClusterOfPeers } from '../peers/clusters.ts'
import { dead, startCluster } from '../sandbox/cluster.ts'
import { Cids } from '../sandbox/identity.ts'

/** A cluster of three peers that keeps two copies, each over a Kubo of its own. Content of its own it pins at once. */
export interface ClusterUnderTest extends AsyncDisposable {
  readonly restUrl: string
  readonly version: string
  /** Its IPFS proxy, which looks like a Kubo RPC; the sandbox has none. */
  readonly proxyUrl: string | undefined
  /** `peer-1` and so on, by cluster peer ID. */
  readonly names: ReadonlyMap<string, string>
  /** What nobody has. */
  readonly nobodys: string
  /** Takes a pin from the Kubo of one peer that has it, behind the peer's back. */
  takeAway(cid: string, peerId: string): Promise<void>
  /** Ends the Kubo of a peer, and brings it back. */
  loseKubo(peerId: string): Promise<void>
  regainKubo(peerId: string): Promise<void>
  /** Ends a peer as a crash does; the others see it no more once this resolves. */
  killPeer(peerId: string): Promise<void>
  /** The same, and for a while the others do not know it. */
  crashPeer(peerId: string): Promise<void>
  /** Starts it again; the others see it once this resolves. */
  returnPeer(peerId: string): Promise<void>
}

const nobodys = new Cids(99).next('raw')

export async function sandboxCluster(): Promise<ClusterUnderTest> {
  const cluster = await startCluster()
  cluster.setFate(nobodys, dead)
  const peerOf = (wanted: string) => {
    const peer = cluster.peers.find(({ peerId }) => peerId === wanted)
    if (peer === undefined) throw new Error(`${wanted} is no peer`)
    return peer
  }
  return {
    restUrl: cluster.url,
    version: '1.1.6',
    proxyUrl: undefined,
    names: new Map(cluster.peers.map(({ peerId, name }) => [peerId, name])),
    nobodys,
    takeAway: async (cid, peerId) => peerOf(peerId).lose(cid),
    loseKubo: async (peerId) => {
      const refused = 'dial tcp 127.0.0.1:5001: connect: connection refused'
      peerOf(peerId).kuboError = `Post "http://127.0.0.1:5001/api/v0/id": ${refused}`
    },
    regainKubo: async (peerId) => {
      peerOf(peerId).kuboError = undefined
    },
    killPeer: async (peerId) => {
      peerOf(peerId).state = 'forgotten'
    },
    crashPeer: async (peerId) => {
      peerOf(peerId).state = 'gone'
    },
    returnPeer: async (peerId) => {
      peerOf(peerId).state = 'up'
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

/**
 * What a peer is told may be lost on the way: without another interval, it is told again after seconds. Within the pin's
 * time a busy machine pins what is there; what fails once stays in error.
 */
export async function realCluster({ rebroadcastInterval = '2s' } = {}): Promise<ClusterUnderTest> {
  const cluster = await ClusterOfPeers.start({
    peers: 3,
    replication: 2,
    pinTimeout: '10s',
    rebroadcastInterval,
  })
  const peerOf = (wanted: string) => {
    const peer = cluster.peers.find(({ peerId }) => peerId === wanted)
    if (peer === undefined) throw new Error(`${wanted} is no peer`)
    return peer
  }
  return {
    restUrl: cluster.restUrl,
    version: peerVersion('cluster'),
    proxyUrl: cluster.peers[0]?.proxyUrl,
    names: new Map(cluster.peers.map(({ peerId }, index) => [peerId, `peer-${index + 1}`])),
    nobodys,
    takeAway: async (cid, peerId) => void (await peerOf(peerId).kubo.rpc('pin/rm', { arg: cid })),
    loseKubo: (peerId) => peerOf(peerId).kubo.stop(),
    regainKubo: (peerId) => peerOf(peerId).kubo.restart(),
    killPeer: async (peerId) => {
      await peerOf(peerId).kill()
      await cluster.untilSeen(2)
    },
    crashPeer: (peerId) => peerOf(peerId).kill(),
    returnPeer: async (peerId) => {
      await peerOf(peerId).restart()
      await cluster.untilSeen(3)
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}
