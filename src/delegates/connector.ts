import PQueue from 'p-queue'
import type { PeerAddresses } from '../domain/peering.ts'
import { messageOf, NodeError } from '../errors.ts'
import type { PeeringNode } from '../node/node.ts'
import { aborted } from '../until.ts'
import { type Dialled, Dials } from './dials.ts'
import { PeerNews } from './news.ts'
import type { NodePeering } from './node-peering.ts'
import { PeeringFault } from './peering-fault.ts'
import { type DelegatePeer, DelegatePeers, type WantedPeer } from './peers.ts'

/** How the node stands with a delegate, as of the last look. */
export interface DelegateState {
  readonly peerId: string
  readonly connected: boolean
  /** Why it is not connected; `null` where it is. */
  readonly reason: string | null
  /** Whether it was connected at any time in this run. */
  readonly answered: boolean
}

/** Who connects to them. */
export type Dialler = Pick<PeeringNode, 'connect' | 'connectedPeers'>

export interface DelegateOptions {
  /** The node's own peer ID. */
  readonly self: string
  /** How the node is told whom to ask and stay connected to; `undefined` where nodes of its kind can't be told. */
  readonly peering: NodePeering | undefined
  /** Whom to connect to at once and all the time; the most important first. */
  readonly wanted: readonly WantedPeer[]
  /** Whether an address that only the service names may be dialled. */
  readonly mayDial: (address: string) => boolean
  /**
   * Called at the end with what went wrong: in the node's peering, where no later look went well; and in taking away
   * what was added. Anything but a `NodeError` is a defect.
   */
  readonly onFault: (where: 'peering' | 'end', error: unknown) => void
  /** Called after each dial. */
  readonly onDialled?: (dialled: Dialled) => void
  /** Aborted when the run is cancelled: its end must be short then. */
  readonly cancel: AbortSignal
}

const watchEvery = 30_000
/** How long a pin waits for its delegates, ms. Kubo answers at once, as it does not dial before it answers. */
const longestWait = 5_000
/** How long the first dials are waited for, ms. */
export const longestStart = 10_000
/** How long the end may take, ms. The runner kills a cancelled process soon, and the report must still be written. */
export const longestEnd = { asPlanned: 10_000, cancelled: 1_500 }
const atOnce = 8

const nothing = Promise.resolve()

/**
 * Keeps the node peered with and connected to the peers that serve the data: with the wanted delegates all the time,
 * and with those of a single request from before its CID is pinned. A peer is first peered with, then dialled: when
 * Kubo connects to a peer that it is peered with, it also asks it for the blocks that it waits for already
 * (measured). Nothing that goes wrong here fails a pin.
 */
export class DelegateConnector implements AsyncDisposable {
  readonly #node: Dialler
  readonly #options: DelegateOptions
  readonly #peers: DelegatePeers
  readonly #additions = new PQueue({ concurrency: atOnce })
  readonly #dials: Dials
  /** Aborted at the end: nothing new is begun, and no dial goes on. */
  readonly #stop = new AbortController()
  /** Aborted when the end must be over. */
  readonly #over = new AbortController()
  readonly #fault = new PeeringFault()
  /** Lists whose peers are all peered with, or cannot be: a million pins share a few lists. */
  readonly #seenTo = new WeakSet<readonly string[]>()
  readonly #news = new PeerNews()
  #watch: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #ending: Promise<void> | undefined

  constructor(node: Dialler, options: DelegateOptions) {
    this.#node = node
    this.#options = options
    this.#peers = new DelegatePeers(options.self, options.wanted, options.mayDial)
    this.#dials = new Dials(node, this.#stop.signal, (peer) => this.#sees(peer, true), options.onDialled)
  }

  /** The wanted ones, as of the last look. */
  get wanted(): readonly DelegateState[] {
    return this.#peers.wanted.map(({ peerId, isConnected, hasAnswered, reason }) => ({
      peerId,
      connected: isConnected,
      reason: isConnected ? null : (reason ?? 'its dial had not ended when this run stopped looking'),
      answered: hasAnswered,
    }))
  }

  /** The wanted ones that the node is peered with, with the addresses that it can read. */
  get peered(): readonly PeerAddresses[] {
    return this.#peers.wanted.filter(({ isPeered }) => isPeered)
  }

  /** For how many peers there was no room, and how many addresses are not public. */
  get leftOut(): { readonly peers: number; readonly notPublic: number } {
    return this.#peers.leftOut
  }

  /**
   * Takes away what a killed run left behind. Then peers with the wanted delegates, dials them, and from then on
   * looks again and again whether they are still there.
   * @param signal ends the wait, as `longest` does
   * @param longest how long to wait for the first dials, ms; the dials themselves go on
   */
  async start(signal: AbortSignal, longest = longestStart): Promise<void> {
    this.#watch = setInterval(() => void this.#look(), watchEvery).unref()
    const enough = AbortSignal.any([signal, this.#stop.signal, AbortSignal.timeout(longest)])
    await Promise.race([this.#begin(), aborted(enough)])
  }

  /**
   * Peers with a pin's own delegates before it is added. Resolves when they are in the node's peering, or when
   * waiting longer is of no use. Never rejects.
   */
  peerFor(addresses: readonly string[], signal: AbortSignal): Promise<void> {
    if (addresses.length === 0 || this.#seenTo.has(addresses) || this.#stop.signal.aborted) return nothing
    const waits: Promise<void>[] = []
    for (const peer of this.#peers.named(addresses)) {
      if (peer.peering === undefined && !peer.isPeered && !peer.isRefused) void this.#connect(peer)
      if (peer.peering !== undefined) waits.push(peer.peering)
    }
    // From then on the regular looks care for them.
    const isSeenTo = () => void this.#seenTo.add(addresses)
    if (waits.length === 0) return nothing.then(isSeenTo)
    const enough = AbortSignal.any([signal, this.#stop.signal, AbortSignal.timeout(longestWait)])
    return Promise.race([Promise.all(waits).then(isSeenTo), aborted(enough)])
  }

  /**
   * Calls back when the node has become connected and peered with new delegates, with the time when the last of them
   * came, by `performance.now()`. Pins that have waited since before that, without a block, are then worth starting
   * anew.
   */
  onNewPeer(listener: (came: number) => void): Disposable {
    return this.#news.listen(listener)
  }

  /** Looks at once, for example after a restart of the daemon, which has forgotten whom it was peered with. */
  lookAgain(): void {
    if (!this.#stop.signal.aborted) void this.#look()
  }

  /**
   * Ends all dials and looks, and takes away what was added. What cannot be taken away in time stays written down,
   * and the next run takes it away.
   */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    const { cancel, peering, onFault } = this.#options
    this.#stop.abort()
    clearInterval(this.#watch)
    this.#news.stop()
    const end = () => this.#over.abort()
    const timers = [setTimeout(end, longestEnd.asPlanned)]
    const hurry = () => void timers.push(setTimeout(end, longestEnd.cancelled))
    if (cancel.aborted) hurry()
    else cancel.addEventListener('abort', hurry)
    try {
      // What the node is being told right now must count as added.
      await Promise.race([this.#additions.onIdle(), aborted(this.#over.signal)])
      await peering?.takeAway(this.#over.signal)
    } catch (error) {
      const isLate = error === this.#over.signal.reason
      onFault('end', isLate ? new NodeError('unreachable', 'the node did not answer in time.', error) : error)
    } finally {
      cancel.removeEventListener('abort', hurry)
      for (const timer of timers) clearTimeout(timer)
      end()
    }
    if (this.#fault.last !== undefined) onFault('peering', this.#fault.last.error)
  }

  async #begin(): Promise<void> {
    await this.#addition(async (peering) => peering.takeAway(this.#over.signal))
    await this.#look()
    await this.#dials.onIdle()
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Looks whom the node is peered with and connected to, and peers and dials the others. Never rejects. */
  async #lookOnce(): Promise<void> {
    const fault = this.#fault.last
    const peered = await this.#peered()
    for (const peer of this.#peers.all)
      if (peer.peering === undefined) peer.isPeered &&= peered?.has(peer.peerId) ?? true
    // All are peered with before the first is dialled, so that no pin waits for dials.
    await Promise.all(this.#peers.all.filter(({ isPeered }) => !isPeered).map((peer) => this.#peerWith(peer)))
    if (this.#stop.signal.aborted) return
    this.#fault.forget(fault)
    try {
      const connected = await this.#node.connectedPeers(this.#stop.signal)
      for (const peer of this.#peers.all) this.#sees(peer, connected.has(peer.peerId))
    } catch (error) {
      // A node that is down fails its pins, and is told there. Here it is only the reason why nobody is connected.
      for (const peer of this.#peers.all) peer.reason ??= messageOf(error)
      return
    }
    for (const peer of this.#peers.all) void this.#dials.dial(peer)
  }

  /** `undefined` where the node does not say. */
  async #peered(): Promise<ReadonlyMap<string, unknown> | undefined> {
    try {
      return await this.#options.peering?.look(this.#stop.signal)
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fault.note(error)
      return undefined
    }
  }

  async #connect(peer: DelegatePeer): Promise<void> {
    await this.#peerWith(peer)
    await this.#dials.dial(peer)
  }

  /** Never rejects. */
  #peerWith(peer: DelegatePeer): Promise<void> {
    peer.peering ??= this.#addition(async (peering) => {
      for (let asked: readonly string[] | undefined; asked !== peer.addrs && !peer.isRefused; ) {
        asked = peer.addrs
        const { isPeered, addrs, refusal } = await peering.add(peer, peer.isTold, this.#over.signal)
        // A request may have named another address meanwhile.
        if (asked !== peer.addrs) continue
        asked = addrs
        Object.assign(peer, { addrs, isPeered, isRefused: refusal !== null })
        peer.reason = refusal ?? peer.reason
      }
    }).finally(() => {
      peer.peering = undefined
      if (this.#options.peering === undefined) peer.isPeered = true
      this.#tellNews(peer, false)
    })
    return peer.peering
  }

  /** Changes the node's peering when it is its turn. Does nothing where there is no peering, or at the end. */
  async #addition(work: (peering: NodePeering) => Promise<void>): Promise<void> {
    const { peering } = this.#options
    if (peering === undefined) return
    await this.#additions.add(async () => {
      if (this.#stop.signal.aborted) return
      try {
        await work(peering)
      } catch (error) {
        // What was cut short by the end is told there.
        if (!this.#over.signal.aborted) this.#fault.note(error)
      }
    })
  }

  #sees(peer: DelegatePeer, isConnected: boolean): void {
    const wasConnected = peer.isConnected
    peer.isConnected = isConnected
    peer.hasAnswered ||= isConnected
    this.#tellNews(peer, wasConnected)
  }

  #tellNews(peer: DelegatePeer, wasSo: boolean): void {
    if (wasSo || !peer.isConnected || !peer.isPeered || this.#stop.signal.aborted) return
    this.#news.tell()
  }
}
