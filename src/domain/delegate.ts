import { multiaddr } from '@multiformats/multiaddr'
import { base58btc } from 'multiformats/bases/base58'
import { decode as decodeMultihash } from 'multiformats/hashes/digest'

/**
 * The peer ID that a delegate's multiaddr ends in, in base58 as nodes show it, however the address writes it;
 * `undefined` where it does not parse or names no peer.
 */
export function peerIdOf(address: string): string | undefined {
  try {
    // Parsing text takes any word for a peer ID: only the way through bytes decodes it, and a peer ID is a multihash.
    const last = multiaddr(multiaddr(address).bytes).getComponents().at(-1)
    if (last?.name !== 'p2p' || last.value === undefined) return undefined
    decodeMultihash(base58btc.baseDecode(last.value))
    return last.value
  } catch {
    return undefined
  }
}
