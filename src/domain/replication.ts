import type { ReasonClass } from './reasons/classes.ts'

/**
 * How one peer of a cluster stands with a CID. `unheard`: it is to have it, and was not told yet; `failed`: it tried in
 * vain; `lost`: it is to have it, has it no more, and does nothing about it; `silent`: it does not say.
 */
export type PeerStanding = 'pinned' | 'pinning' | 'queued' | 'unheard' | 'failed' | 'lost' | 'silent'

/** Why a peer failed: nothing moved for as long as it waits, it has no room, its own Kubo is away, or it does not want to. */
export type PeerFailure = 'no-progress' | 'full' | 'no-kubo' | 'refused'

export interface PeerPin {
  readonly peerId: string
  readonly standing: PeerStanding
  /** The peer's words; empty where it says none. */
  readonly words: string
  /** `null` unless it failed. */
  readonly failure: PeerFailure | null
  /** What its words say; `null` unless it refused. */
  readonly class: ReasonClass | null
  /** How often it tried. */
  readonly tries: number
  /** Of its own Kubo, ending in `/p2p/ID`. */
  readonly addresses: readonly string[]
}

/** A CID that a cluster was given, and the peers that say something of it. */
export interface ReplicatedPin {
  /** As the cluster writes it. */
  readonly cid: string
  readonly name: string | null
  /** The peers that are to have it; `null` for all that there are. */
  readonly allocations: readonly string[] | null
  readonly peers: readonly PeerPin[]
}

/**
 * How a CID stands in a cluster: `pinned` by as many peers as are to have it, `pinning` where one is still to come or at
 * work, `failed` or `lost` at one, or `partly`, where one that is to have it does not say.
 */
export type Standing = 'pinned' | 'pinning' | 'failed' | 'lost' | 'partly'

/** The peers that are to have a CID, with what each says; one that says nothing is `silent`. */
export function wantedPeers({ allocations, peers }: ReplicatedPin): readonly PeerPin[] {
  if (allocations === null) return peers
  return allocations.map((peerId) => peers.find((peer) => peer.peerId === peerId) ?? silent(peerId))
}

export function standingOf(pin: ReplicatedPin): Standing {
  const wanted = wantedPeers(pin)
  const isAny = (standing: PeerStanding) => wanted.some((peer) => peer.standing === standing)
  if (wanted.length > 0 && wanted.every(({ standing }) => standing === 'pinned')) return 'pinned'
  if (isAny('failed')) return 'failed'
  if (isAny('lost')) return 'lost'
  return isAny('pinning') || isAny('queued') || isAny('unheard') ? 'pinning' : 'partly'
}

function silent(peerId: string): PeerPin {
  return { peerId, standing: 'silent', words: '', failure: null, class: null, tries: 0, addresses: [] }
}

/** How the CIDs of a cluster stand, and how many peers are to have them: counts. */
export class Census {
  readonly standings: Record<Standing, number> = { pinned: 0, pinning: 0, failed: 0, lost: 0, partly: 0 }
  /** By the number of copies that are wanted. */
  readonly copies = new Map<number, number>()
  size = 0

  add({ standing, copies }: { readonly standing: Standing; readonly copies: number }): void {
    this.size++
    this.standings[standing]++
    this.copies.set(copies, (this.copies.get(copies) ?? 0) + 1)
  }
}
