import { peerIdOf } from '../domain/delegate.ts'
import { longestAddress, mostDelegates as most } from '../domain/delegate-bounds.ts'
import { mergeAddresses, type PeerAddresses } from '../domain/peering.ts'

/** A delegate, and how the node stands with it, as of the last look. */
export interface DelegatePeer extends PeerAddresses {
  /** To be connected to all the time. */
  readonly isWanted: boolean
  /** The user named it. */
  readonly isTold: boolean
  /** The addresses that may be dialled; once the node was asked, only those that it can read. */
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
  /** By `performance.now()`. */
  nextDial: number
  /** Why it could not be peered with or dialled, the last time. */
  reason: string | null
  /** Being peered with. */
  peering: Promise<void> | undefined
}

export interface WantedPeer extends PeerAddresses {
  readonly isTold: boolean
}

/** What is known of an address. */
interface Named {
  /** `undefined` where it names no peer or may not be dialled. */
  readonly peerId: string | undefined
  /** Whether it was added to its peer, or left out for good. */
  isMerged: boolean
}

/** The delegates of a run. There is room for a number of peers, and for a number of addresses of each. */
export class DelegatePeers {
  readonly #self: string
  readonly #mayDial: (address: string) => boolean
  readonly #peers = new Map<string, DelegatePeer>()
  readonly #tooMany = new Set<string>()
  readonly #notPublic = new Set<string>()
  readonly #memo = new Map<string, Named>()

  /**
   * @param self the node's own peer ID: it is no peer of itself
   * @param mayDial whether an address that only the service names may be dialled; what the user named always may
   */
  constructor(self: string, wanted: readonly WantedPeer[], mayDial: (address: string) => boolean) {
    this.#self = self
    this.#mayDial = mayDial
    for (const { peerId, addrs, isTold } of wanted) {
      const allowed = isTold ? addrs : addrs.filter((address) => this.#isAllowed(address))
      const bounded = allowed.slice(0, most.addressesOfPeer)
      // Without any address the node would search for the peer itself, which nobody asked for.
      if (bounded.length > 0) this.#add(peerId, bounded, { isWanted: true, isTold })
    }
  }

  get all(): readonly DelegatePeer[] {
    return [...this.#peers.values()]
  }

  get wanted(): readonly DelegatePeer[] {
    return this.all.filter(({ isWanted }) => isWanted)
  }

  /** For how many peers there was no room, and how many addresses may not be dialled; counted up to a bound. */
  get leftOut(): { readonly peers: number; readonly notPublic: number } {
    return { peers: this.#tooMany.size, notPublic: this.#notPublic.size }
  }

  /** The peers that a request names, each once. */
  named(addresses: readonly string[]): ReadonlySet<DelegatePeer> {
    const peers = new Set<DelegatePeer>()
    for (const address of addresses.slice(0, most.perRequest)) {
      const named = this.#named(address)
      if (named?.peerId === undefined) continue
      const { peerId } = named
      const peer = this.#peers.get(peerId) ?? this.#add(peerId, [], { isWanted: false, isTold: false })
      if (peer === undefined) continue
      peers.add(peer)
      if (peer.isConnected || named.isMerged || peer.addrs.length >= most.addressesOfPeer) continue
      addAddress(peer, address)
      named.isMerged = true
    }
    return peers
  }

  /** Remembered, since to parse an address takes a tenth of a millisecond. */
  #named(address: string): Named | undefined {
    if (address.length > longestAddress) return undefined
    const known = this.#memo.get(address)
    if (known !== undefined) return known
    const peerId = peerIdOf(address)
    const isAllowed = peerId !== undefined && this.#isAllowed(address)
    const named = { peerId: isAllowed ? peerId : undefined, isMerged: false }
    if (this.#memo.size >= most.memo) this.#memo.clear()
    this.#memo.set(address, named)
    return named
  }

  #isAllowed(address: string): boolean {
    // It names no host: the node would have to search for the peer itself.
    if (/^\/(p2p|ipfs)\//.test(address)) return false
    const isAllowed = address.length <= longestAddress && this.#mayDial(address)
    if (!isAllowed && this.#notPublic.size < most.counted)
      this.#notPublic.add(address.slice(0, longestAddress))
    return isAllowed
  }

  #add(
    peerId: string,
    addrs: readonly string[],
    how: { readonly isWanted: boolean; readonly isTold: boolean },
  ): DelegatePeer | undefined {
    if (peerId === this.#self) return undefined
    if (this.#peers.size >= most.peers && !how.isTold) {
      if (this.#tooMany.size < most.counted) this.#tooMany.add(peerId)
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

/** A new address is worth trying at once, whatever became of the others. */
function addAddress(peer: DelegatePeer, address: string): void {
  const addrs = mergeAddresses(peer.peerId, peer.addrs, [address])
  if (addrs.length === peer.addrs.length) return
  Object.assign(peer, { addrs, isPeered: false, isRefused: false, nextDial: 0 })
}
