import pMap from 'p-map'
import { dialable, eachOnce, mergeAddresses, mergePeering, type PeerAddresses } from '../domain/peering.ts'
import { NodeError, PeerError } from '../errors.ts'
import type { PeeringNode } from '../node/node.ts'
import type { DelegateState } from './delegates.ts'

export interface PeeringResult {
  /** The delegates but for the node itself, should it be one, in the order given; a reason where not connected. */
  readonly peered: readonly DelegateState[]
  /** How many delegates were one too many, and left alone. */
  readonly leftOut: number
  /** What became of the node's config; `null` for `connect`, which does not touch it. */
  readonly config: PeeringWritten | null
}

interface PeeringWritten {
  readonly isWritten: boolean
  /** Peers that it did not have. */
  readonly added: number
  /** Peers that it had, with fewer addresses. */
  readonly extended: number
}

/** A service says what it likes: none of it may grow without bound. */
const most = { peers: 500, addressesOfPeer: 8, atOnce: 8, writes: 3 }
const longestAddress = 1000
/** ms; Kubo gives a dial up after 15 s and then says why. */
const longestLook = 16_000

/**
 * Tells the node to stay connected to the service's peers, for as long as its daemon runs (`connect`) and from its
 * next start on as well (`save`), and looks who of them is connected. Kubo's own first dial comes 7.5 to 12.5 s after
 * it was told (measured), so those who are not connected are dialled at once.
 *
 * Best effort: a peer that fails is told with its reason and keeps none from the others. Throws a `NodeError`, or the
 * signal's reason; once it has come to dialling, an abort only ends that.
 *
 * @param delegates known ones first: those beyond the bounds are left out
 * @param longest for how long to dial, ms
 */
export async function peerWith(
  node: PeeringNode,
  delegates: readonly PeerAddresses[],
  mode: 'connect' | 'save',
  signal: AbortSignal,
  longest = longestLook,
): Promise<PeeringResult> {
  const self = (await node.identify(signal)).peerId
  const others = eachOnce(delegates).filter(({ peerId }) => peerId !== self)
  const peers = others.slice(0, most.peers).map(({ peerId, addrs }) => ({
    peerId,
    addrs: addrs.filter(({ length }) => length <= longestAddress).slice(0, most.addressesOfPeer),
  }))
  const taken = await addAll(node, peers, signal)
  // What Kubo does not take of one peer would make it refuse the whole list in its config.
  const config = mode === 'save' ? await save(node, taken.filter(isTaken), signal) : null
  return { peered: await look(node, taken, signal, longest), leftOut: others.length - peers.length, config }
}

/** A peer with those of its addresses that the node took. */
interface Taken extends PeerAddresses {
  /** Why it took none; `null` where it stays connected to the peer. */
  readonly refusal: string | null
}

const isTaken = ({ refusal }: Taken) => refusal === null

async function addAll(
  node: PeeringNode,
  peers: readonly PeerAddresses[],
  signal: AbortSignal,
): Promise<readonly Taken[]> {
  const peered = await node.peeredPeers(signal)
  const there = new Map(peered.map(({ peerId, addrs }) => [peerId, addrs]))
  return pMap(peers, (peer) => add(node, peer, there.get(peer.peerId), signal), { concurrency: most.atOnce })
}

/** @param there the addresses that the node has of it, which it would forget for others */
async function add(
  node: PeeringNode,
  { peerId, addrs }: PeerAddresses,
  there: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Taken> {
  const all = mergeAddresses(peerId, there ?? [], addrs)
  const refusal = all.length === there?.length ? null : await refusalOf(node, peerId, all, signal)
  if (refusal === null) return { peerId, addrs, refusal }
  // For one address that Kubo can't read it refuses them all.
  let kept = there ?? []
  const taken = []
  for (const address of addrs) {
    const more = mergeAddresses(peerId, kept, [address])
    if (more.length > kept.length && (await refusalOf(node, peerId, more, signal)) !== null) continue
    kept = more
    taken.push(address)
  }
  return { peerId, addrs: taken, refusal: kept.length > 0 ? null : refusal }
}

/** Why the node does not take it, in its words; `null` where it does. */
async function refusalOf(
  node: PeeringNode,
  peerId: string,
  addrs: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  try {
    await node.peer(peerId, addrs, signal)
    return null
  } catch (error) {
    if (error instanceof PeerError) return error.message
    throw error
  }
}

/**
 * Writes what the config lacks, and reads it again to see that it is there: another mirror on this box, or a person,
 * may write at the same time.
 */
async function save(
  node: PeeringNode,
  peers: readonly PeerAddresses[],
  signal: AbortSignal,
): Promise<PeeringWritten> {
  const first = mergePeering(await node.readPeering(signal), peers)
  for (let merged = first, writes = 0; merged.isChanged; writes++) {
    if (writes === most.writes)
      throw new NodeError(
        'bad-answer',
        `the node does not keep what is written to Peering.Peers of its config (written ${writes} times). Check whether another program writes it too.`,
      )
    await node.writePeering(merged.entries, signal)
    merged = mergePeering(await node.readPeering(signal), peers)
  }
  return { isWritten: first.isChanged, added: first.added, extended: first.extended }
}

/** Who is connected, once those who were not have been dialled. */
async function look(
  node: PeeringNode,
  peers: readonly Taken[],
  signal: AbortSignal,
  longest: number,
): Promise<readonly DelegateState[]> {
  const before = await node.connectedPeers(signal)
  const absent = peers.filter(({ peerId }) => !before.has(peerId))
  const failures = await dialAll(node, absent.filter(isTaken), signal, longest)
  const now = signal.aborted ? undefined : await node.connectedPeers(signal)
  return peers.map(({ peerId, refusal }) => {
    const isReached = before.has(peerId) || failures.get(peerId) === null
    const connected = now?.has(peerId) ?? isReached
    const reason = refusal ?? failures.get(peerId) ?? 'it was connected, and gone at the next look'
    return { peerId, connected, reason: connected ? null : reason, answered: connected || isReached }
  })
}

/** Dials each once. @returns why it failed, by peer; `null` where it did not */
async function dialAll(
  node: PeeringNode,
  peers: readonly PeerAddresses[],
  signal: AbortSignal,
  longest: number,
): Promise<ReadonlyMap<string, string | null>> {
  const ended = new AbortController()
  const enough = AbortSignal.any([signal, ended.signal, AbortSignal.timeout(longest)])
  const dial = async ({ peerId, addrs }: PeerAddresses): Promise<[string, string | null]> => {
    try {
      await node.connect(dialable(peerId, addrs), enough)
      return [peerId, null]
    } catch (error) {
      if (error instanceof PeerError) return [peerId, error.message]
      if (enough.aborted) return [peerId, 'its dial had not ended when this run stopped looking']
      throw error
    }
  }
  try {
    return new Map(await pMap(peers, dial, { concurrency: most.atOnce }))
  } finally {
    ended.abort()
  }
}
