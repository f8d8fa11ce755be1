import type { KnownDelegate } from '../config/types.ts'
import { peerIdOf } from '../domain/delegate.ts'
import { longestAddress } from '../domain/delegate-bounds.ts'

/** A cluster's peer has its Kubo dial no more than so many. */
const most = 10

/** What a node that connects by itself is given with a CID to fetch it from: see `PinningInBulk`. */
export type OriginsOf = (delegates: readonly string[]) => readonly string[]

/**
 * The addresses of a request's own delegates, and after them those of the known ones, that may be dialled.
 * @param isTold whether the user named the known ones: they may then be anywhere
 * @param mayDial whether an address on a service's word may be dialled
 */
export function handedOrigins(
  known: readonly KnownDelegate[],
  isTold: boolean,
  mayDial: (address: string) => boolean,
): OriginsOf {
  const isGood = (address: string) =>
    address.length <= longestAddress &&
    // It names no host: the node would look for the peer itself.
    !/^\/(p2p|ipfs)\//.test(address) &&
    peerIdOf(address) !== undefined
  const ofKnown = known
    .flatMap(({ peerId, addrs }) => addrs.map((address) => withPeer(address, peerId)))
    .filter((address) => isGood(address) && (isTold || mayDial(address)))
  // A million pins share a few lists.
  const memo = new WeakMap<readonly string[], readonly string[]>()
  return (delegates) => {
    const there = memo.get(delegates)
    if (there !== undefined) return there
    const own = delegates.slice(0, 2 * most).filter((address) => isGood(address) && mayDial(address))
    const origins = [...new Set([...own, ...ofKnown])].slice(0, most)
    memo.set(delegates, origins)
    return origins
  }
}

function withPeer(address: string, peerId: string): string {
  return peerIdOf(address) === undefined ? `${address}/p2p/${peerId}` : address
}
