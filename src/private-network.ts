import { BlockList, isIP } from 'node:net'

/** Loopback, private, shared (RFC 6598, as VPNs use it) and link-local addresses. */
const privateAddresses = new BlockList()
privateAddresses.addSubnet('127.0.0.0', 8)
privateAddresses.addSubnet('10.0.0.0', 8)
privateAddresses.addSubnet('172.16.0.0', 12)
privateAddresses.addSubnet('192.168.0.0', 16)
privateAddresses.addSubnet('100.64.0.0', 10)
privateAddresses.addSubnet('169.254.0.0', 16)
privateAddresses.addAddress('::1', 'ipv6')
privateAddresses.addSubnet('fc00::', 7, 'ipv6')
privateAddresses.addSubnet('fe80::', 10, 'ipv6')

/** Whether an IP address, v4 or v6, belongs to this machine or a private network; `false` for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address)
  return version !== 0 && privateAddresses.check(address, version === 6 ? 'ipv6' : 'ipv4')
}
