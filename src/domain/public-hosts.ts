import { BlockList, isIPv4, isIPv6 } from 'node:net'

/*
 * Which hosts the Internet can reach: by the special-purpose registries of IANA (RFC 6890 and its updates).
 */

const special = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, and all above it.
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, bits)

/** Of IPv6 only this much is given out for use on the Internet; mapped and translated addresses lie outside. */
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')
for (const [network, bits] of [
  // Teredo and others of the IETF's own; documentation; 6to4, which holds an IPv4 address of any kind.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(network, bits, 'ipv6')

/** Whether an IP address is one of the Internet's. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address)
  return isIPv6(address) && globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

/** Names that the Internet's own servers do not know (RFC 2606, 6761, 6762, 8375, and what home routers give). */
const insideOnly = new Set([
  'alt',
  'arpa',
  'corp',
  'example',
  'home',
  'internal',
  'intranet',
  'invalid',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'onion',
  'private',
  'test',
])

/** Whether a host name may lead somewhere on the Internet. */
export function isPublicName(name: string): boolean {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.')
  const top = labels.at(-1) ?? ''
  // A name that is an address is no name.
  return labels.length > 1 && !labels.includes('') && /[a-z]/.test(top) && !insideOnly.has(top)
}
