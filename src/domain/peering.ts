import { multiaddr } from '@multiformats/multiaddr'
import { peerIdOf } from './delegate.ts'

/** A peer to stay connected to, by its ID in base58; its multiaddrs may or may not end in `/p2p/ID`. */
export interface PeerAddresses {
  readonly peerId: string
  readonly addrs: readonly string[]
}

/** `Peering.Peers` of a Kubo node's config, `{ID, Addrs}` each; people edit it by hand. `null`: unset. */
export type PeeringConfig = readonly unknown[] | null

export interface MergedPeering {
  readonly entries: readonly unknown[]
  /** Peers that had no entry. */
  readonly added: number
  /** Peers whose entry got more addresses. */
  readonly extended: number
  /** Where not, there is nothing to write. */
  readonly isChanged: boolean
}

/**
 * The node's config with these peers in it. What others wrote stays as it is and where it is: entries of other peers,
 * malformed ones, unknown fields, the order of addresses. New peers follow, sorted by ID, so that two runs give the
 * same. Of several entries of one peer the last is merged into: at its start Kubo keeps that one's addresses only
 * (measured).
 */
export function mergePeering(current: PeeringConfig, peers: readonly PeerAddresses[]): MergedPeering {
  const entries = [...(current ?? [])]
  const places = new Map<string, number>()
  for (const [place, entry] of entries.entries()) {
    const peerId = isPeerEntry(entry) ? readPeerId(entry.ID) : undefined
    if (peerId !== undefined) places.set(peerId, place)
  }
  let added = 0
  let extended = 0
  for (const { peerId, addrs } of eachOnce(peers).sort((a, b) => (a.peerId < b.peerId ? -1 : 1))) {
    const place = places.get(peerId)
    if (place === undefined) {
      entries.push({ ID: peerId, Addrs: mergeAddresses(peerId, [], addrs) })
      added++
      continue
    }
    const entry = entries[place] as PeerEntry
    const there = entry.Addrs ?? []
    const all = mergeAddresses(peerId, there, addrs)
    if (all.length === there.length) continue
    entries[place] = { ...entry, Addrs: all }
    extended++
  }
  return { entries, added, extended, isChanged: added + extended > 0 }
}

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
  const known = new Set(there.map((address) => withoutPeer(address, peerId)))
  const found = new Set(more.map((address) => withoutPeer(address, peerId)))
  // The ID alone names no place.
  const fresh = [...found].filter((address) => address !== '' && !known.has(address))
  const haveIds = there.length > 0 && there.every((address) => peerIdOf(address) === peerId)
  return [...there, ...(haveIds && fresh.length > 0 ? dialable(peerId, fresh) : fresh)]
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

interface PeerEntry {
  readonly ID: string
  /** Kubo takes `null` and none at all for a peer that is to be found by its ID (measured). */
  readonly Addrs?: readonly string[] | null
}

function isPeerEntry(entry: unknown): entry is PeerEntry {
  if (typeof entry !== 'object' || entry === null) return false
  const { ID, Addrs = null } = entry as { ID?: unknown; Addrs?: unknown }
  const hasAddresses = Array.isArray(Addrs) && Addrs.every((address) => typeof address === 'string')
  return typeof ID === 'string' && (Addrs === null || hasAddresses)
}

/** The config may write it as a CID. */
const readPeerId = (text: string) => peerIdOf(`/p2p/${text}`)
