import type { CidKey } from './cid.ts'
import type { ReasonClass } from './reasons/classes.ts'
import { type PeerFailure, type PeerPin, type ReplicatedPin, standingOf, wantedPeers } from './replication.ts'

/** What keeps a peer from its part, for all CIDs that are to be on it. */
export interface PeerTrouble {
  readonly peerId: string
  readonly words: string
}

/** A peer that tried in vain. */
export interface PeerRefusal extends PeerTrouble {
  readonly failure: PeerFailure
  /** What its words say; `null` unless it refused. */
  readonly class: ReasonClass | null
}

/**
 * How far a cluster is with a CID. `moving`: a peer is at work on it, or it is queued there; `lost`: peers that are to
 * have it do nothing about it, and need to be told; `unheard`: peers that are to have it have not heard of it; `failed`:
 * peers tried in vain; `hindered`: all that is left is to be done by peers that can do nothing for any CID now.
 */
export type BulkProgress =
  | { readonly how: 'pinned' }
  | { readonly how: 'moving'; readonly isQueued: boolean; readonly at: readonly string[] }
  | { readonly how: 'lost' | 'unheard'; readonly at: readonly string[] }
  | { readonly how: 'failed'; readonly refusals: readonly PeerRefusal[] }
  | { readonly how: 'hindered'; readonly by: readonly PeerTrouble[] }

/** @param troubleOf what is known to be wrong with a peer as a whole, in words */
export function progressOf(pin: ReplicatedPin, troubleOf: (peerId: string) => string | null): BulkProgress {
  if (standingOf(pin) === 'pinned') return { how: 'pinned' }
  const left = wantedPeers(pin).filter(({ standing }) => standing !== 'pinned')
  const by: PeerTrouble[] = []
  const well: PeerPin[] = []
  for (const peer of left) {
    const words = troubleAt(peer, troubleOf)
    if (words === null) well.push(peer)
    else by.push({ peerId: peer.peerId, words })
  }
  const idsOf = (peers: readonly PeerPin[]) => peers.map(({ peerId }) => peerId)
  const working = well.filter(({ standing }) => standing === 'pinning')
  const queued = well.filter(({ standing }) => standing === 'queued')
  if (working.length > 0) return { how: 'moving', isQueued: false, at: idsOf(working) }
  if (queued.length > 0) return { how: 'moving', isQueued: true, at: idsOf(queued) }
  const refusals = well.flatMap(({ peerId, words, failure, class: reasonClass }) =>
    failure === null || failure === 'no-kubo' ? [] : [{ peerId, words, failure, class: reasonClass }],
  )
  if (refusals.length > 0) return { how: 'failed', refusals }
  // A peer that failed as its Kubo was away does not try again by itself when it is back (measured).
  const lost = well.filter(({ standing, failure }) => standing === 'lost' || failure === 'no-kubo')
  if (lost.length > 0) return { how: 'lost', at: idsOf(lost) }
  const unheard = well.filter(({ standing }) => standing === 'unheard')
  return unheard.length > 0 ? { how: 'unheard', at: idsOf(unheard) } : { how: 'hindered', by }
}

/** A cluster tells its peers again what it has after two of its `rebroadcast_interval`s at most, of up to 78 s each. In ms. */
const rebroadcast = 180_000

/**
 * For how long nothing at all may change, in ms, before it is no use to wait for the queues of peers: what is queued waits
 * for what is before it, and what was not heard of for the next time that it is told.
 */
export function queuePatience(options: {
  readonly stallTimeout: number
  readonly isAnyUnheard: boolean
}): number {
  return Math.max(3 * options.stallTimeout, options.isAnyUnheard ? rebroadcast : 0)
}

function troubleAt(
  { peerId, standing, words, failure }: PeerPin,
  troubleOf: (peerId: string) => string | null,
): string | null {
  const trouble = troubleOf(peerId)
  if (trouble !== null) return trouble
  if (standing === 'silent') return words || 'it does not answer'
  // It is said of one CID, and concerns all.
  return failure === 'full' ? words : null
}

/**
 * Whose fault it is that peers refuse CIDs: who else succeeds there decides. A peer that pinned others well refuses a CID
 * for its own sake, and so does one that refuses a single one; one that refuses all alike is at fault itself.
 */
export class PeerRefusals {
  readonly #pinned = new Set<string>()
  readonly #refused = new Map<string, Set<CidKey>>()

  wentWell(peerId: string): void {
    this.#pinned.add(peerId)
  }

  refuses(peerId: string, key: CidKey): void {
    this.#refused.set(peerId, (this.#refused.get(peerId) ?? new Set()).add(key))
  }

  /** When no try is left. */
  isPeersFault(peerId: string): boolean {
    return !this.#pinned.has(peerId) && (this.#refused.get(peerId)?.size ?? 0) > 1
  }
}
