import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isPrivateAddress } from '../domain/hosts.ts'
import { until } from '../until.ts'

/**
 * Whether a service is on this machine or a private network, where its peers may be, too. A service whose name is not
 * found is not.
 */
export async function isOnPrivateNetwork(endpoint: URL, signal: AbortSignal): Promise<boolean> {
  // Plain http goes nowhere else.
  if (endpoint.protocol === 'http:') return true
  const host = endpoint.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return isPrivateAddress(host)
  try {
    const addresses = await until(signal, () => lookup(host, { all: true }))
    return addresses.length > 0 && addresses.every(({ address }) => isPrivateAddress(address))
  } catch {
    return false
  }
}
