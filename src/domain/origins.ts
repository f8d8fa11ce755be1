import { multiaddr } from '@multiformats/multiaddr'
import { peerIdOf } from './delegate.ts'
import { isPublicPart } from './public-multiaddr.ts'

/** The Pinning Service API's limit of origins a request. */
const most = 20

/** What a service's node can dial, the surest first: few servers speak what browsers do. */
const transports = [['tcp', 'quic-v1'], ['ws', 'wss'], ['webtransport'], ['webrtc-direct']]

/**
 * Of a node's own multiaddrs those at which a service on the Internet can dial it, the most useful first, at most 20.
 * Addresses of this machine, of private networks, and those through a relay are none of them.
 */
export function publicOrigins(addresses: readonly string[]): readonly string[] {
  const ranked = [...new Set(addresses)].flatMap((address) => {
    const rank = rankOf(address)
    return rank === undefined ? [] : [{ address, rank }]
  })
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ address }) => address)
}

/** How useful an address is, the lower the more; `undefined` where it is no public one. */
function rankOf(address: string): number | undefined {
  if (peerIdOf(address) === undefined) return undefined
  const parts = multiaddr(address).getComponents()
  const [host, port] = parts
  const isDialled = ['ip4', 'ip6', 'dns', 'dns4', 'dns6', 'dnsaddr'].includes(host?.name ?? '')
  const isPublic = parts.every((part) => {
    if (part.name === 'p2p-circuit') return false
    if (part.name === 'tcp' || part.name === 'udp') return part.value !== '0'
    return isPublicPart(part)
  })
  const isOpen = host?.name === 'dnsaddr' || ['tcp', 'udp'].includes(port?.name ?? '')
  if (!isDialled || !isPublic || !isOpen) return undefined
  const names = parts.map(({ name }) => name)
  const transport = transports.findLastIndex((ones) => ones.some((one) => names.includes(one)))
  // A transport that nobody knows here comes last.
  const byTransport =
    transport === -1 && host?.name !== 'dnsaddr' ? transports.length : Math.max(0, transport)
  // A box may have twenty addresses of IPv6 on one transport alone: these must not crowd out all others.
  const isIPv6 = host?.name === 'ip6' || host?.name === 'dns6'
  return isIPv6 || byTransport >= 2 ? byTransport + 2 : byTransport
}
