import { multiaddr } from '@multiformats/multiaddr'
import type { SandboxPeer } from './peer.ts'

/** What the cluster was given. */
export interface GivenPin {
  readonly cid: string
  readonly name: string
  /** Empty for all peers. */
  readonly allocations: readonly string[]
  readonly origins: readonly string[]
  readonly created: Date
}

/** Reads what `POST /pins/{cid}` asks for, but for who is to have it; or says why it can't be read. */
export function readGiven(cid: string, query: URLSearchParams): Omit<GivenPin, 'allocations'> | string {
  const origins = (query.get('origins') ?? '').split(',').filter(Boolean)
  for (const origin of origins) {
    try {
      const names = multiaddr(origin).getComponents()
      if (!names.some(({ name }) => name === 'p2p'))
        return 'multiaddress does not contain peer ID: protocol not found in multiaddr'
    } catch {
      return `error decoding multiaddress: failed to parse multiaddr "${origin}"`
    }
  }
  return { cid, name: query.get('name') ?? '', origins, created: new Date() }
}

const known = new Set([
  ...['cluster_error', 'pin_error', 'unpin_error', 'error', 'pinned', 'pinning', 'unpinning', 'unpinned'],
  ...['remote', 'pin_queued', 'unpin_queued', 'queued', 'sharded', 'unexpectedly_unpinned'],
])

/** The words of a filter that are known, the others dropped without a word; `null` for no filter. */
export function wordsOf(filter: string): ReadonlySet<string> | null | 'invalid' {
  if (filter === '') return null
  const words = filter.split(',').filter((word) => known.has(word))
  return words.length === 0 ? 'invalid' : new Set(words)
}

const remote = { status: 'remote', error: '', attempts: 0 } as const

/** Whose answers need the peer's Kubo: the others are of what it is at work on. */
const ofKubo = new Set(['pinned', 'unexpectedly_unpinned'])

/** How a pin stands with each peer, as `GET /pins` shows it; `undefined` where a filter leaves nothing of it. */
export function statusOf(
  pin: GivenPin,
  members: readonly SandboxPeer[],
  words: ReadonlySet<string> | null,
): object | undefined {
  const isKuboAsked = words === null || words.values().some((word) => ofKubo.has(word))
  const shown: Record<string, object> = {}
  const silent: Record<string, object> = {}
  for (const peer of members) {
    const silence = silenceOf(peer, isKuboAsked)
    if (silence !== undefined) {
      silent[peer.peerId] = entryOf(peer, 'cluster_error', silence)
      continue
    }
    const isHis = pin.allocations.length === 0 || pin.allocations.includes(peer.peerId)
    if (isHis && !peer.knows(pin.cid)) continue
    const { status, error, attempts } = isHis ? peer.at(pin.cid) : remote
    if (words === null || words.has(status)) shown[peer.peerId] = entryOf(peer, status, error, attempts)
  }
  // Who does not answer is told of only where another one tells of the CID.
  if (Object.keys(shown).length === 0) return undefined
  return rowOf(pin, { ...shown, ...silent })
}

/** The same of one pin that is asked for by its CID: then its own peers are asked, and nobody else. */
export function singleStatusOf(pin: GivenPin, peers: readonly SandboxPeer[]): object {
  const entryAt = (peer: SandboxPeer): object | undefined => {
    const isHis = pin.allocations.length === 0 || pin.allocations.includes(peer.peerId)
    if (!isHis) return peer.state === 'forgotten' ? undefined : entryOf(peer, 'remote', '')
    const { status, error, attempts } = peer.at(pin.cid)
    if (peer.state !== 'up') return entryOf(peer, 'cluster_error', 'failed to dial: all dials failed')
    if (!peer.knows(pin.cid)) return entryOf(peer, 'unpinned', '')
    const isKuboAsked = status === 'pinned' || status === 'unexpectedly_unpinned'
    return isKuboAsked && peer.kuboError !== undefined
      ? entryOf(peer, 'cluster_error', peer.kuboError)
      : entryOf(peer, status, error, attempts)
  }
  return rowOf(
    pin,
    Object.fromEntries(
      peers.flatMap((peer) => {
        const entry = entryAt(peer)
        return entry === undefined ? [] : [[peer.peerId, entry]]
      }),
    ),
  )
}

function silenceOf({ state, kuboError }: SandboxPeer, isKuboAsked: boolean): string | undefined {
  if (state !== 'up') return 'failed to dial: all dials failed'
  return kuboError !== undefined && isKuboAsked ? `could not get pinset from IPFS: ${kuboError}` : undefined
}

/** A CID that the cluster was never given. */
export function unpinnedStatus(cid: string, members: readonly SandboxPeer[]): object {
  const peers = Object.fromEntries(members.map((peer) => [peer.peerId, entryOf(peer, 'unpinned', '')]))
  return rowOf({ cid, name: '', allocations: [], origins: [], created: new Date() }, peers)
}

function rowOf({ cid, name, allocations, origins, created }: GivenPin, peer_map: object): object {
  return { cid, name, allocations, origins, created: created.toISOString(), metadata: null, peer_map }
}

function entryOf(peer: SandboxPeer, status: string, error: string, attempts = 0): object {
  return {
    peername: peer.name,
    ipfs_peer_id: peer.kuboId,
    ipfs_peer_addresses: peer.addresses,
    status,
    timestamp: new Date().toISOString(),
    error,
    attempt_count: attempts,
    priority_pin: false,
  }
}
