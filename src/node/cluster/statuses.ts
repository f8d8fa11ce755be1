import type { z } from 'zod'
import { pinName } from '../../domain/pin.ts'
import { classOfWords } from '../../domain/reasons/boxo.ts'
import type { PeerFailure, PeerPin, PeerStanding, ReplicatedPin } from '../../domain/replication.ts'
import { saysFull } from '../system-words.ts'
import type { pinStatus } from './answers.ts'

/** What is under way or in error; every version knows these words, and one it does not know it would leave out unsaid. */
export const unsettledFilter = 'pin_queued,pinning,pin_error'

/**
 * `sharded` says that the content is in pieces, each with a pin of its
 * own. What is being unpinned was pinned: somebody takes it away, and nobody else may interfere.
 */
const standings: ReadonlyMap<string, PeerStanding | 'elsewhere'> = new Map([
  ['pinned', 'pinned'],
  ['sharded', 'pinned'],
  ['unpinning', 'pinned'],
  ['unpin_queued', 'pinned'],
  ['unpin_error', 'pinned'],
  ['pinning', 'pinning'],
  ['pin_queued', 'queued'],
  ['pin_error', 'failed'],
  ['unexpectedly_unpinned', 'lost'],
  ['cluster_error', 'silent'],
  ['remote', 'elsewhere'],
  // Of a peer that is to have it: it missed what the others were told (measured).
  ['unpinned', 'unheard'],
])

type Status = z.output<typeof pinStatus>

/** Whether the cluster was given this CID at all. */
export function isGiven({ peer_map }: Status): boolean {
  return Object.values(peer_map).some(({ status }) => status !== 'unpinned')
}

export function replicatedPin({ cid, name, allocations, peer_map }: Status): ReplicatedPin {
  const peers: PeerPin[] = []
  // Without any it is to be on all peers.
  const isForAll = !allocations?.length
  const isHis = (peerId: string) => isForAll || allocations.includes(peerId)
  for (const [peerId, { status, error, attempt_count, ipfs_peer_addresses }] of Object.entries(peer_map)) {
    // A word that is new says nothing.
    const standing = standings.get(status) ?? 'silent'
    if (standing === 'elsewhere' || (status === 'unpinned' && !isHis(peerId))) continue
    const failure = standing === 'failed' ? failureOf(error) : null
    const words = standing === 'pinned' ? '' : error
    peers.push({
      peerId,
      standing,
      words,
      failure,
      class: failure === 'refused' ? classOfWords(words) : null,
      tries: attempt_count,
      addresses: ipfs_peer_addresses ?? [],
    })
  }
  return { cid, name: pinName(name, cid), allocations: isForAll ? null : allocations, peers }
}

/**
 * What a peer's words about a failed pin mean. It has no other sign of it than the text (measured): its own patience with
 * its Kubo ends in Go's words for that, and a Kubo that is away in those of the system.
 */
function failureOf(words: string): PeerFailure {
  if (/\bcontext (?:canceled|deadline exceeded)$/.test(words)) return 'no-progress'
  if (saysFull(words)) return 'full'
  return /\b(?:connection refused|no such host|connection reset by peer|EOF)$/.test(words)
    ? 'no-kubo'
    : 'refused'
}
