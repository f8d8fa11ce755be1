import { multiaddr } from '@multiformats/multiaddr'
import { peerIdOf } from './delegate.ts'

/** A peer to stay connected to, by its ID in base58; its multiaddrs may or may not end in `/p2p/ID`. */
export interface PeerAddresses {
  readonly peerId: string
  readonly addrs: readonly string[]
}

/** `Peering.Peers` of a Kubo node's config, `{ID, Addrs}` each; people edit it by hand. `null`: unset. */
export type PeeringConfig = readonly unknown[] | null

/**
 * The addresses that are there, as they are, and after them those that are new. Two are the same whether or not they
 * end in the peer's ID. Kubo takes both ways of writing them; its documentation leaves the ID out, and so does this
 * where those that are there don't all have it.
 */
export function mergeAddresses(
  peerId: string,
  there: readonly string[],
  more: readonly string[],
): readonly string[] {
  // Of most nothing is new, and to parse an address takes a tenth of a millisecond.
  const asTheyAre = new Set(there)
  if (more.every((address) => asTheyAre.has(address))) return there
  const known = new Set(there.map((address) => withoutPeer(address, peerId)))
  const found = new Set(more.map((address) => withoutPeer(address, peerId)))
  // The ID alone names no place.
  const fresh = [...found].filter((address) => address !== '' && !known.has(address))
  const haveIds = there.length > 0 && there.every((address) => peerIdOf(address) === peerId)
  return [...there, ...(haveIds && fresh.length > 0 ? dialable(peerId, fresh) : fresh)]
}

/** Whether each of one list is in the other, in whatever way it is written. */
export function hasOnly(peerId: string, some: readonly string[], all: readonly string[]): boolean {
  return mergeAddresses(peerId, all, some).length === all.length
}

export function samePeerAddresses(
  peerId: string,
  some: readonly string[],
  others: readonly string[],
): boolean {
  return hasOnly(peerId, some, others) && hasOnly(peerId, others, some)
}

/** The addresses with `/p2p/ID` at their end, as commands want them; without any, the ID for the node to find. */
export function dialable(peerId: string, addrs: readonly string[]): readonly string[] {
  return (addrs.length === 0 ? [''] : addrs).map((address) => `${withoutPeer(address, peerId)}/p2p/${peerId}`)
}

/** Each peer once, with all its addresses, in the order of their coming. */
export function eachOnce(peers: readonly PeerAddresses[]): PeerAddresses[] {
  const byPeer = Map.groupBy(peers, ({ peerId }) => peerId)
  return [...byPeer].map(([peerId, same]) => ({
    peerId,
    addrs: mergeAddresses(
      peerId,
      [],
      same.flatMap(({ addrs }) => addrs),
    ),
  }))
}

/** An address without the `/p2p/ID` at its end, in the form that all ways of writing it share; empty for the ID alone. */
function withoutPeer(address: string, peerId: string): string {
  try {
    // Through bytes, as in `peerIdOf`: the text alone may write one peer ID in several ways.
    const components = multiaddr(multiaddr(address).bytes).getComponents()
    const last = components.at(-1)
    const isPeer = last?.name === 'p2p' && last.value === peerId
    const left = String(multiaddr(isPeer ? components.slice(0, -1) : components))
    return left === '/' ? '' : left
  } catch {
    // Kubo knows kinds of addresses that this program does not.
    const end = `/p2p/${peerId}`
    return address.endsWith(end) ? address.slice(0, -end.length) : address
  }
}
