import { publicOrigins } from './origins.ts'

/** What a node has found out about itself: whether others on the Internet can dial it. */
export interface Reachability {
  readonly status: 'public' | 'private' | 'unknown'
  /** The kind of network address translation in front of it that forwarding a port does not open. */
  readonly nat: 'cgnat' | 'double-nat' | null
  /** Multiaddrs, without `/p2p/ID`, that others have dialled, or have tried to in vain. */
  readonly reachable: readonly string[]
  readonly unreachable: readonly string[]
}

/** Why a service on the Internet cannot dial a node, as far as the node knows. */
export type Obstacle =
  | { readonly kind: 'no-public-address'; readonly nat: Reachability['nat'] }
  | { readonly kind: 'not-reachable'; readonly nat: Reachability['nat'] }

/**
 * What keeps the service from fetching from the node; `null` where nothing is known to. Addresses that the user names
 * as origins are trusted: the node may not know of them.
 * @param reachability `undefined` where the node cannot tell: then its addresses are all there is to go by
 */
export function obstacleTo(
  origins: 'auto' | 'none' | readonly string[],
  addresses: readonly string[],
  reachability: Reachability | undefined,
): Obstacle | null {
  if (origins !== 'auto' && origins !== 'none') return null
  const { status = 'unknown', nat = null, reachable = [], unreachable = [] } = reachability ?? {}
  if (reachable.length > 0) return null
  const known = publicOrigins(addresses)
  // Without origins it finds the node by itself: what it is told by the node says nothing of that.
  if (origins === 'auto' && known.length === 0) return { kind: 'no-public-address', nat }
  const inVain = new Set(unreachable)
  const isAllInVain = known.length > 0 && known.every((address) => inVain.has(withoutPeer(address)))
  return status === 'private' || isAllInVain ? { kind: 'not-reachable', nat } : null
}

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]*$/, '')
}
