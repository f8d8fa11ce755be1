import { peerIdOf } from '../domain/delegate.ts'
import type { Inputs } from './inputs.ts'
import type { Config, KnownDelegate } from './types.ts'

/** Filebase's peers of today. They were others in 2023: one that is not among these is reported as unknown. */
const filebaseDelegates: readonly KnownDelegate[] = [
  '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B',
  '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM',
  '12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R',
].map((peerId, index) => ({
  peerId,
  addrs: [`/dns4/ipfs-pin-${index}.vin1.filebase.io/tcp/4001/p2p/${peerId}`],
}))

/** `delegates`, by peer; where none are given, Filebase's at Filebase. Addresses keep their `/p2p/ID`. */
export function readDelegates(inputs: Inputs, endpoint: URL): readonly KnownDelegate[] | undefined {
  const given = readPeerAddresses(inputs, 'delegates')
  if (given.length === 0) return endpoint.host === 'api.filebase.io' ? filebaseDelegates : undefined
  const byPeer = Map.groupBy(given, ({ peerId }) => peerId)
  return [...byPeer].map(([peerId, peers]) => ({ peerId, addrs: peers.map(({ address }) => address) }))
}

/** `origins`: `auto`, `none` or addresses. */
export function readOrigins(inputs: Inputs): Config['origins'] {
  const text = inputs.text('origins') || 'auto'
  if (text === 'auto' || text === 'none') return text
  // Taken for a list without any, it would be the same as none.
  if (inputs.lines('origins').length === 0)
    inputs.problem('origins', 'holds comments alone: expected auto, none, or multiaddrs, one a line.')
  const addresses = readPeerAddresses(inputs, 'origins').map(({ address }) => address)
  // The limit is the Pinning Service API's.
  if (addresses.length > 20)
    inputs.problem('origins', `must be at most 20 multiaddrs; there are ${addresses.length}.`)
  return addresses
}

/** Distinct multiaddrs, one a line. Without a peer ID at its end nobody can dial one. */
function readPeerAddresses(inputs: Inputs, name: string): { address: string; peerId: string }[] {
  const peers = new Map<string, string>()
  for (const { number, text } of inputs.lines(name)) {
    const peerId = peerIdOf(text)
    if (peerId !== undefined) peers.set(text, peerId)
    else
      inputs.problem(
        name,
        `line ${number} must be a multiaddr that ends in /p2p/ and a peer ID, not ${inputs.quote(text)}.`,
      )
  }
  return [...peers].map(([address, peerId]) => ({ address, peerId }))
}
