/** How one of the peers that a node is made of stands. */
export interface WatchedPeer {
  readonly peerId: string
  readonly name: string
  /** `null` where all is well with it. */
  readonly trouble: string | null
  /** Since when a run has seen trouble, ms since the epoch; `null` where all is well. */
  readonly since: number | null
}

/** Said of a peer that others name no more: it is down, or was taken out. */
const unseen = 'the other peers do not see it'

/**
 * How the peers stand now, by what earlier runs saw. A peer that is down is named by the others for a minute or so, and
 * then no more, as one that was taken out: so who is missing has trouble until a person says that it is meant.
 * @param isConfirmed a person says that who is missing is gone for good
 */
export function watchPeers(
  now: number,
  peers: readonly Pick<WatchedPeer, 'peerId' | 'name' | 'trouble'>[],
  before: readonly WatchedPeer[],
  isConfirmed: boolean,
): readonly WatchedPeer[] {
  const known = new Map(before.map((peer) => [peer.peerId, peer]))
  const there = peers.map(({ peerId, name, trouble }) => {
    const earlier = known.get(peerId)
    known.delete(peerId)
    // One that does not answer does not say its name either.
    return {
      peerId,
      name: name || (earlier?.name ?? ''),
      trouble,
      since: trouble === null ? null : (earlier?.since ?? now),
    }
  })
  const missing = isConfirmed
    ? []
    : [...known.values()].map((peer) => ({ ...peer, trouble: unseen, since: peer.since ?? now }))
  return [...there, ...missing].toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
}

const orderOf = ({ name, peerId }: WatchedPeer) => `${name} ${peerId}`
