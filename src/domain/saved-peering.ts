import { peerIdOf } from './delegate.ts'
import { mergeAddresses, type PeerAddresses, type PeeringConfig, samePeerAddresses } from './peering.ts'

/** An entry of the node's config as this mirror wrote it. */
export interface SavedPeer extends PeerAddresses {
  /** When the service last showed it, ms. */
  readonly lastSeen: number
}

/** A peer that the service shows now, or that is known. */
export interface SeenPeer extends SavedPeer {
  readonly isKnown: boolean
}

export interface SavePlan {
  readonly entries: readonly unknown[]
  /** Those of the entries that are this mirror's. */
  readonly mine: readonly SavedPeer[]
  /** Those of the present entries that are this mirror's. */
  readonly mineNow: readonly SavedPeer[]
  /** Peers that had no entry. */
  readonly added: number
  /** Peers of this mirror whose entry has other addresses now. */
  readonly extended: number
  /** Peers of this mirror that made way for others. */
  readonly removed: number
  /** Peers seen for which there was no room. */
  readonly leftOut: number
  /** Where not, there is nothing to write. */
  readonly isChanged: boolean
}

/**
 * The config is written in a request's address, of which Kubo takes 1 MiB (measured: 431 beyond it), and it has no other
 * way to take a value. `length` is of all entries as they are sent.
 */
const mostSaved = { peers: 100, addressesOfPeer: 8, length: 500_000 }

/** Where more peers are seen than there is room for, those of this time don't take it from each other in turns. In ms. */
const lately = 30 * 24 * 3_600_000

/**
 * The node's config with the peers that were seen in it. Entries that this mirror did not make stay as they are and where
 * they are, whoever they name: those of others, of people, malformed ones, and its own that somebody has changed since.
 * Of its own there are so many at most: the known ones, those that were seen lately, of which those that have an entry
 * come first, and then those that were seen before, the last seen first: an old request may name who is long gone. New ones
 * follow at the end, sorted by ID, so that two runs give the same.
 *
 * @param mine what this mirror wrote, or set out to write, as it remembers it: a peer may be there in several forms
 * @param seen in requests that there are now; by addresses that may be saved
 */
export function planSaved(
  current: PeeringConfig,
  mine: readonly SavedPeer[],
  seen: readonly SeenPeer[],
  now: number,
): SavePlan {
  const entries = current ?? []
  const written = Map.groupBy(mine, ({ peerId }) => peerId)
  const ids = entries.map(idOf)
  const isRepeated = (id: string) => ids.filter((other) => other === id).length > 1
  const ownPeer = (entry: unknown, place: number) => {
    const id = ids[place]
    if (id === undefined || isRepeated(id)) return undefined
    return written.get(id)?.find((one) => isAsWritten(entry, one))
  }
  const ownPeers = entries.map(ownPeer)
  const mineNow = ownPeers.filter((peer) => peer !== undefined)
  const owners = ownPeers.map((peer) => peer?.peerId)
  const own = new Set(mineNow.map(({ peerId }) => peerId))
  const foreign = new Set<string | undefined>(
    ids.filter((id, place) => id !== undefined && owners[place] === undefined),
  )

  const fresh = seen.filter(({ peerId }) => !foreign.has(peerId))
  const isFresh = new Set(fresh.map(({ peerId }) => peerId))
  const stale = mineNow.filter(({ peerId }) => !isFresh.has(peerId))
  const rank = ({ peerId, isKnown, lastSeen }: SeenPeer) =>
    isKnown ? 0 : (now - lastSeen < lately ? 1 : 3) + (own.has(peerId) ? 0 : 1)
  const byLastSeen = (a: SavedPeer, b: SavedPeer) => b.lastSeen - a.lastSeen
  const wanted = [
    ...fresh.toSorted((a, b) => rank(a) - rank(b) || byLastSeen(a, b)),
    ...stale.toSorted(byLastSeen),
  ]
  const lengthOfOthers = lengthOf(entries.filter((_, place) => owners[place] === undefined))
  const kept = fitting(wanted, mostSaved.length - lengthOfOthers)

  const staying = entries.flatMap((entry, place) => {
    const id = owners[place]
    if (id === undefined) return [entry]
    const peer = kept.get(id)
    return peer === undefined ? [] : [isAsWritten(entry, peer) ? entry : entryOf(peer)]
  })
  const added = [...kept.values()]
    .filter(({ peerId }) => !own.has(peerId))
    .sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
  const extended = staying.filter((entry) => !entries.includes(entry)).length
  const removed = entries.length - staying.length
  return {
    entries: [...staying, ...added.map(entryOf)],
    mine: [...kept.values()],
    mineNow,
    added: added.length,
    extended,
    removed,
    leftOut: fresh.filter(({ peerId }) => !kept.has(peerId)).length,
    isChanged: added.length + extended + removed > 0,
  }
}

/** As many of them as there is room for, by ID. */
function fitting(wanted: readonly SavedPeer[], room: number): ReadonlyMap<string, SavedPeer> {
  let left = room
  const kept = new Map<string, SavedPeer>()
  for (const { peerId, addrs, lastSeen } of wanted) {
    if (kept.size === mostSaved.peers) break
    const some = mergeAddresses(peerId, [], addrs.slice(0, mostSaved.addressesOfPeer))
    const peer = { peerId, addrs: some, lastSeen }
    const length = lengthOf([entryOf(peer)])
    if (length > left) continue
    left -= length
    kept.set(peerId, peer)
  }
  return kept
}

/** Of the entries in a request's address. */
const lengthOf = (entries: readonly unknown[]) => encodeURIComponent(JSON.stringify(entries)).length

const entryOf = ({ peerId, addrs }: PeerAddresses) => ({ ID: peerId, Addrs: addrs })

/** The config may write the ID as a CID. */
function idOf(entry: unknown): string | undefined {
  const { ID } = (entry ?? {}) as { readonly ID?: unknown }
  return typeof ID === 'string' ? peerIdOf(`/p2p/${ID}`) : undefined
}

/** Whether nobody has changed an entry since this mirror wrote it. */
function isAsWritten(entry: unknown, { peerId, addrs }: PeerAddresses): boolean {
  const { ID, Addrs, ...others } = entry as { readonly ID?: unknown; readonly Addrs?: unknown }
  if (ID !== peerId || !Array.isArray(Addrs) || Object.keys(others).length > 0) return false
  return Addrs.every((one) => typeof one === 'string') && samePeerAddresses(peerId, Addrs, addrs)
}
