import { cidV1 } from '../domain/cid.ts'
import { day } from '../domain/moment.ts'
import type { WatchedPeer } from '../domain/peer-watch.ts'
import type { Census } from '../domain/replication.ts'
import type { Node, NodeIdentity } from '../node/node.ts'
import type { NodeReport } from '../report/report.ts'
import type { BothSides } from '../sides/list-both-sides.ts'
import type { Trust } from '../sides/trust.ts'
import type { Standing } from '../update/with-accepted.ts'

/** Of the node's pins that no bucket has, the report names so many. */
const mostExamples = 20

/** What the report says of the node. */
export function nodeReport(
  kind: Node['kind'],
  { version, peerId, peers }: NodeIdentity,
  { pins, census }: Pick<BothSides, 'pins' | 'census'>,
  standing: Pick<Standing, 'onlyOnNode' | 'countOnlyOnNode'>,
  { isProved, nodeEmptySince }: Pick<Trust, 'isProved' | 'nodeEmptySince'>,
): NodeReport {
  return {
    kind,
    version,
    peerId,
    pins: pins.size,
    believed: nodeEmptySince === null,
    believedFrom: nodeEmptySince === null ? null : new Date(nodeEmptySince + day).toISOString(),
    onlyHere: standing.countOnlyOnNode,
    onlyHereProved: isProved,
    onlyHereExamples: Iterator.from(standing.onlyOnNode()).take(mostExamples).map(cidV1).toArray(),
    peers: peers && peersReport(peers.map((peer) => ({ ...peer, since: null }))),
    replication: peers && replicationReport(census),
  }
}

/** What the report says of the node, with its peers as they stand now. */
export function withPeers(node: NodeReport | null, peers: readonly WatchedPeer[]): NodeReport | null {
  return node && { ...node, peers: peersReport(peers) }
}

function peersReport(peers: readonly WatchedPeer[]): NonNullable<NodeReport['peers']> {
  return peers.map(({ peerId, name, trouble, since }) => ({
    peerId,
    name,
    trouble,
    since: since === null ? null : new Date(since).toISOString(),
  }))
}

function replicationReport({ standings, copies }: Census): NonNullable<NodeReport['replication']> {
  const byCopies = [...copies].map(([wanted, cids]) => ({ wanted, cids }))
  return { ...standings, copies: byCopies.toSorted((a, b) => a.wanted - b.wanted) }
}
