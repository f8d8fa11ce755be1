import { type WatchedPeer, watchPeers } from '../domain/peer-watch.ts'
import type { Problem } from '../domain/problem.ts'
import { NodeError } from '../errors.ts'
import type { NodePeer } from '../node/node.ts'
import { listAsFact } from '../snapshot/facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { logLine } from '../text/escape.ts'
import type { Work } from '../work.ts'
import { isByPerson } from './list-service.ts'

/** The peers that a node is made of, as the run leaves them; `null` for a node that is one alone. */
export async function peersAtEnd(
  { node, config, snapshot, log, time }: Work,
  atStart: readonly NodePeer[] | null,
): Promise<{ readonly watched: readonly WatchedPeer[]; readonly problems: readonly Problem[] } | null> {
  if (atStart === null || node.pinning.how !== 'in-bulk') return null
  let peers = atStart
  try {
    if (!time.wasCancelled) peers = await node.pinning.peers(time.cancelled)
  } catch (error) {
    // That it is not there any more has shown in what was asked of it before.
    if (!(error instanceof NodeError) && !time.wasCancelled) throw error
    log.info(logLine(`How its peers stand at the end is not known: ${(error as Error).message}`))
  }
  // One that dies while the run lasts is missed, also in the first.
  const before = new Map<string, WatchedPeer>(
    atStart.map(({ peerId, name }) => [peerId, { peerId, name, trouble: null, since: null }]),
  )
  for (const peer of peersBefore(snapshot)) before.set(peer.peerId, peer)
  const watched = watchPeers(Date.now(), peers, [...before.values()], isByPerson(config))
  return { watched, problems: troubleOfPeers(watched) }
}

function peersBefore({ facts }: Snapshot): readonly WatchedPeer[] {
  const kept = facts.get('nodePeers')
  return kept === undefined ? [] : (JSON.parse(kept) as WatchedPeer[])
}

/** Keeps for the next run how the peers stand; what changed is worth a copy in the cache. */
export function keepPeers(snapshot: Snapshot, peers: readonly WatchedPeer[]): void {
  const text = listAsFact(peers)
  if (snapshot.facts.get('nodePeers') === text) return
  snapshot.facts.set('nodePeers', text)
  snapshot.markChanged()
}

function troubleOfPeers(peers: readonly WatchedPeer[]): Problem[] {
  return peers.flatMap(({ peerId, name, trouble, since }) => {
    if (trouble === null || since === null) return []
    const message = `the peer ${name === '' ? peerId : `${name} (${peerId})`} of the cluster has trouble, first seen on ${new Date(since).toISOString()}: ${trouble}. What is to be on it has a copy less until it is back. If it was taken out for good, a run by hand (\`workflow_dispatch\`) with \`full-listing: true\` forgets it`
    return [{ isError: false, where: `peer ${name || peerId}`, message }]
  })
}
