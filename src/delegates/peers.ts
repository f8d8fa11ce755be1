import { peerIdOf } from '../domain/delegate.ts'
import { mostCounted } from '../domain/kept-peers.ts'
import { mergeAddresses, type PeerAddresses } from '../domain/peering.ts'

/** A delegate, and how the node stands with it as far as it was looked. */
export interface DelegatePeer extends PeerAddresses {
  readonly isKnown: boolean
  /** The user named it. */
  readonly isTold: boolean
  /** Those that may be dialled, and, once the node was asked, that it can read. */
  addrs: readonly string[]
  isPeered: boolean
  isConnected: boolean
  /** Whether it was connected at any time in this run. */
  hasAnswered: boolean
  /** The node can read no address of it. */
  isRefused: boolean
  isDialling: boolean
  /** Dials that failed in a row. */
  failures: number
  /** ms since the epoch */
  nextDial: number
  /** Why it could not be peered with or dialled, the last time. */
  reason: string | null
  /** Being peered with. */
  peering: Promise<void> | undefined
}

export interface KnownPeer extends PeerAddresses {
  readonly isTold: boolean
}

/** A service says what it likes: none of it may grow without bound. The specification allows 20 delegates a request. */
const most = { perRequest: 20, addresses: 20, peers: 1000, memo: 10_000 }
const longestAddress = 1000

/** The delegates of a run: so many peers, and of each so many addresses. */
export class DelegatePeers {
  readonly #self: string
  readonly #mayDial: (address: string) => boolean
  readonly #peers = new Map<string, DelegatePeer>()
  readonly #tooMany = new Set<string>()
  readonly #notPublic = new Set<string>()
  /** The peer of an address; `undefined` where it names none or may not be dialled. */
  readonly #memo = new Map<string, string | undefined>()

  /**
   * @param self the node's own peer ID: it is no peer of itself
   * @param mayDial whether an address on a service's word may be dialled; what the user named always may
   */
  constructor(self: string, known: readonly KnownPeer[], mayDial: (address: string) => boolean) {
    this.#self = self
    this.#mayDial = mayDial
    for (const { peerId, addrs, isTold } of known) {
      const allowed = isTold ? addrs : addrs.filter((address) => this.#isAllowed(address))
      const bounded = allowed.slice(0, most.addresses)
      // Without any the node would look for it itself, and that nobody asked for.
      if (bounded.length > 0) this.#add(peerId, bounded, { isKnown: true, isTold })
    }
  }

  get all(): readonly DelegatePeer[] {
    return [...this.#peers.values()]
  }

  get known(): readonly DelegatePeer[] {
    return this.all.filter(({ isKnown }) => isKnown)
  }

  /** How many peers were too many, and how many addresses may not be dialled; counted up to a bound of their own. */
  get leftOut(): { readonly peers: number; readonly notPublic: number } {
    return { peers: this.#tooMany.size, notPublic: this.#notPublic.size }
  }

  /** The peers that a request names, each once. */
  named(addresses: readonly string[]): ReadonlySet<DelegatePeer> {
    const peers = new Set<DelegatePeer>()
    for (const address of addresses.slice(0, most.perRequest)) {
      const peerId = this.#peerIdOf(address)
      if (peerId === undefined) continue
      const peer = this.#peers.get(peerId) ?? this.#add(peerId, [], { isKnown: false, isTold: false })
      if (peer === undefined) continue
      peers.add(peer)
      if (!peer.isConnected && peer.addrs.length < most.addresses) addAddress(peer, address)
    }
    return peers
  }

  #peerIdOf(address: string): string | undefined {
    if (this.#memo.has(address)) return this.#memo.get(address)
    const named = address.length <= longestAddress ? peerIdOf(address) : undefined
    const peerId = named !== undefined && this.#isAllowed(address) ? named : undefined
    if (this.#memo.size >= most.memo) this.#memo.clear()
    this.#memo.set(address, peerId)
    return peerId
  }

  #isAllowed(address: string): boolean {
    const isAllowed = address.length <= longestAddress && this.#mayDial(address)
    if (!isAllowed && this.#notPublic.size < mostCounted) this.#notPublic.add(address)
    return isAllowed
  }

  #add(
    peerId: string,
    addrs: readonly string[],
    how: { readonly isKnown: boolean; readonly isTold: boolean },
  ): DelegatePeer | undefined {
    if (peerId === this.#self) return undefined
    if (this.#peers.size >= most.peers && !how.isTold) {
      if (this.#tooMany.size < mostCounted) this.#tooMany.add(peerId)
      return undefined
    }
    const peer: DelegatePeer = {
      peerId,
      addrs,
      ...how,
      isPeered: false,
      isConnected: false,
      hasAnswered: false,
      isRefused: false,
      isDialling: false,
      failures: 0,
      nextDial: 0,
      reason: null,
      peering: undefined,
    }
    this.#peers.set(peerId, peer)
    return peer
  }
}

/** With an address that is new it is worth trying at once, whatever became of the others. */
function addAddress(peer: DelegatePeer, address: string): void {
  const addrs = mergeAddresses(peer.peerId, peer.addrs, [address])
  if (addrs.length === peer.addrs.length) return
  Object.assign(peer, { addrs, isPeered: false, isRefused: false, nextDial: 0 })
}
