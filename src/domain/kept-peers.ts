import { peerIdOf } from './delegate.ts'
import { longestAddress, mostDelegates } from './delegate-bounds.ts'

const mostKept = { ...mostDelegates, unparsed: 100, parsedInVain: 10_000 }

interface KeptAddress {
  readonly address: string
  /** `null` where it does not parse. */
  readonly peerId: string | null
  /** ms */
  readonly lastSeen: number
}

/** What became of an address that was seen. */
interface Seen {
  /** `undefined`: it is left out. `null`: it does not parse. */
  readonly peerId?: string | null
  /** The addresses that made way for it. */
  readonly replaces?: readonly string[]
  /** Whether it was not seen in this run before. */
  readonly isNews?: boolean
}

/** When each address of a peer was last seen. */
interface Kept {
  readonly addresses: Map<string, number>
  /** All of them were seen in this run, so that none makes way. */
  isFresh: boolean
}

/**
 * Which of the addresses seen are kept: so many peers, and of each so many addresses. One that is one too many takes the
 * place of what was not seen for longest, if it was not seen in this run; else it is left out and counted.
 */
export interface KeptPeers {
  readonly leftOut: number
  see(address: string): Seen
}

/** @param now of this run, ms: what was last seen then was seen in this run */
export function peersIn(kept: readonly KeptAddress[], now: number): KeptPeers {
  const peers = new Map<string | null, Kept>()
  const peerOf = new Map<string, string | null>()
  const leftOut = new Set<string>()
  let parsedInVain = 0
  let arePeersFresh = false
  for (const { address, peerId, lastSeen } of kept) put(address, peerId, lastSeen)

  return {
    get leftOut() {
      return leftOut.size
    },
    see(address) {
      const known = peerOf.get(address)
      if (known !== undefined) {
        const isNews = peers.get(known)?.addresses.get(address) !== now
        put(address, known, now)
        return { peerId: known, isNews }
      }
      if (address.length > longestAddress || parsedInVain >= mostKept.parsedInVain || isHopeless(address))
        return leaveOut(address)
      const peerId = peerIdOf(address) ?? null
      const replaces = makeRoom(peerId)
      if (replaces === undefined) {
        parsedInVain++
        return leaveOut(address)
      }
      put(address, peerId, now)
      return { peerId, replaces, isNews: true }
    },
  }

  function put(address: string, peerId: string | null, lastSeen: number): void {
    const peer = peers.get(peerId) ?? { addresses: new Map(), isFresh: false }
    peers.set(peerId, peer)
    peerOf.set(address, peerId)
    peer.addresses.set(address, lastSeen)
  }

  function leaveOut(address: string): Seen {
    if (leftOut.size < mostKept.counted) leftOut.add(address.slice(0, longestAddress))
    return {}
  }

  /** Seen by its last word, before any time is spent on parsing it: that takes a tenth of a millisecond. */
  function isHopeless(address: string): boolean {
    const peer = peers.get(address.slice(address.lastIndexOf('/') + 1))
    return peer === undefined ? arePeersFresh : peer.isFresh
  }

  /** The addresses that make way for one of this peer; `undefined` where none does. */
  function makeRoom(peerId: string | null): readonly string[] | undefined {
    const peer = peers.get(peerId)
    if (peer === undefined) {
      if (peerId === null || peers.size < mostKept.peers) return []
      const oldest = stalest([...peers].map(([id, { addresses }]) => [id, newest(addresses)] as const))
      arePeersFresh = oldest === undefined
      return oldest === undefined ? undefined : removePeer(oldest)
    }
    const most = peerId === null ? mostKept.unparsed : mostKept.addressesOfPeer
    if (peer.addresses.size < most) return []
    const oldest = stalest(peer.addresses)
    peer.isFresh = oldest === undefined
    if (oldest === undefined) return undefined
    peer.addresses.delete(oldest)
    peerOf.delete(oldest)
    return [oldest]
  }

  function removePeer(peerId: string | null): readonly string[] {
    const addresses = [...(peers.get(peerId)?.addresses.keys() ?? [])]
    peers.delete(peerId)
    for (const address of addresses) peerOf.delete(address)
    return addresses
  }

  /** What was not seen for longest; `undefined` where all was seen in this run. */
  function stalest<T>(seen: Iterable<readonly [T, number]>): T | undefined {
    let oldest: { readonly it: T; readonly at: number } | undefined
    for (const [it, at] of seen) if (at < (oldest?.at ?? now)) oldest = { it, at }
    return oldest?.it
  }
}

function newest(addresses: ReadonlyMap<string, number>): number {
  let last = 0
  for (const at of addresses.values()) last = Math.max(last, at)
  return last
}
