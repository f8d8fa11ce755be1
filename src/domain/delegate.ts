import { multiaddr } from '@multiformats/multiaddr'
import { base58btc } from 'multiformats/bases/base58'
import { decode as decodeMultihash } from 'multiformats/hashes/digest'
import { longestPeerId } from './delegate-bounds.ts'
import { earliest, latest } from './instants.ts'

/**
 * The peer ID that a delegate's multiaddr ends in, in base58 as nodes show it, however the address writes it;
 * `undefined` where it does not parse or names no peer, or one by more than any ID takes.
 */
export function peerIdOf(address: string): string | undefined {
  try {
    // Parsing text takes any word for a peer ID: only the way through bytes decodes it, and a peer ID is a multihash.
    const last = multiaddr(multiaddr(address).bytes).getComponents().at(-1)
    if (last?.name !== 'p2p' || last.value === undefined || last.value.length > longestPeerId)
      return undefined
    decodeMultihash(base58btc.baseDecode(last.value))
    return last.value
  } catch {
    return undefined
  }
}

/** A delegate's address as the service has shown it; instants in ms. */
export interface SeenDelegate {
  readonly address: string
  /** `null` where the address does not parse. */
  readonly peerId: string | null
  readonly firstSeen: number
  /** When an answer last showed it: one that only old requests carry, which are not read again, may still be in use. */
  readonly lastSeen: number
  readonly exampleCid: string
  /** Whose requests carry it. */
  readonly buckets: readonly string[]
}

/** A peer of the service with all the addresses it was seen under. */
export interface SeenPeer {
  readonly peerId: string
  readonly addrs: readonly string[]
  readonly firstSeen: number
  readonly lastSeen: number
  readonly exampleCid: string
  readonly buckets: readonly string[]
}

/** The peers among the addresses seen, in the order in which they were first seen. */
export function peersOf(seen: readonly SeenDelegate[]): SeenPeer[] {
  const byPeer = Map.groupBy(
    seen.filter(({ peerId }) => peerId !== null),
    ({ peerId }) => peerId as string,
  )
  return [...byPeer]
    .map(([peerId, addresses]) => ({
      peerId,
      addrs: addresses.map(({ address }) => address).sort(),
      firstSeen: earliest(addresses.map(({ firstSeen }) => firstSeen)),
      lastSeen: latest(addresses.map(({ lastSeen }) => lastSeen)),
      exampleCid: (addresses[0] as SeenDelegate).exampleCid,
      buckets: [...new Set(addresses.flatMap(({ buckets }) => buckets))].sort(),
    }))
    .sort((a, b) => a.firstSeen - b.firstSeen || a.peerId.localeCompare(b.peerId))
}
