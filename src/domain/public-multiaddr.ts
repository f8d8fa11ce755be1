import { type Component, multiaddr } from '@multiformats/multiaddr'
import { isPublicAddress, isPublicName } from './hosts.ts'

/**
 * Whether every host that a multiaddr names, also on its way through a relay, may be one of the Internet's; one that
 * names none, such as a peer ID alone, names no other. A public name may still lead to a private address: the node
 * resolves it by itself, at a time of its own, so that no look before it would hold. `Swarm.AddrFilters` of Kubo does.
 */
export function isPublicMultiaddr(address: string): boolean {
  try {
    return multiaddr(address).getComponents().every(isPublicPart)
  } catch {
    return false
  }
}

/** A network card's, of this machine or process, a whole network, and networks of their own. */
const elsewhere = new Set(['ip6zone', 'unix', 'memory', 'ipcidr', 'onion', 'onion3', 'garlic32', 'garlic64'])

/** Whether a part names no host, or a public one. */
export function isPublicPart({ name, value = '' }: Component): boolean {
  if (elsewhere.has(name)) return false
  if (name === 'ip4' || name === 'ip6') return isPublicAddress(value)
  return !(name.startsWith('dns') || name === 'sni') || isPublicName(value)
}
