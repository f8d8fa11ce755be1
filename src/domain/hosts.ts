import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/*
 * Which hosts are reached over the Internet, and which are this machine's or a private network's: by the special-purpose
 * registries of IANA, which the library knows. What is neither (documentation, multicast, reserved) is for nobody.
 */

/** Of IPv6 only this much is given out for use on the Internet. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** Loopback, private, shared (as VPNs use it) and link-local addresses. */
const privateRanges = new Set(['loopback', 'private', 'carrierGradeNat', 'linkLocal', 'uniqueLocal'])

/** Whether an IP address is one of the Internet's. An IPv4 address in the form of IPv6 is not: nobody writes it so. */
export function isPublicAddress(address: string): boolean {
  // The library also reads ways of writing that no standard knows.
  if (isIP(address) === 0) return false
  const parsed = ipaddr.parse(address)
  const isGivenOut = parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast)
  return isGivenOut && parsed.range() === 'unicast'
}

/** Whether an IP address, v4 or v6, belongs to this machine or a private network; `false` for what is no address. */
export function isPrivateAddress(address: string): boolean {
  return isIP(address) !== 0 && privateRanges.has(ipaddr.process(address).range())
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
  // Other signs, such as a full stop of other scripts or NUL, may make another name of it where it is looked up.
  const areSound = labels.every((label) => /^[a-z\d_-]+$/.test(label))
  // A name that is an address is no name.
  return labels.length > 1 && areSound && /[a-z]/.test(top) && !insideOnly.has(top)
}

/** What a service is called: by its provider's name where that is known, else by its host. */
export function serviceName({ host }: URL): string {
  return /(?:^|\.)filebase\.(?:io|com)$/.test(host) ? 'Filebase' : host
}
