import PQueue from 'p-queue'
import { dialable, type PeerAddresses } from '../domain/peering.ts'
import { messageOf, NodeError } from '../errors.ts'
import type { PeeringNode } from '../node/node.ts'
import { aborted } from '../snapshot-file/until.ts'
import type { NodePeering } from './node-peering.ts'
import { PeeringFault } from './peering-fault.ts'
import { type DelegatePeer, DelegatePeers, type WantedPeer } from './peers.ts'

/** How the node stands with a delegate, as far as it was looked. */
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
  /** Whom to connect to at once and all the time, those first that matter most. */
  readonly wanted: readonly WantedPeer[]
  /** Whether an address on a service's word may be dialled. */
  readonly mayDial: (address: string) => boolean
  /**
   * Told at the end of what the node was at fault with: in its peering, where no later look went well, and in taking away
   * what was added. Anything but a `NodeError` is a defect.
   */
  readonly onFault: (where: 'peering' | 'end', error: unknown) => void
  /** Aborted when the run is cancelled: its end must be short then. */
  readonly cancel: AbortSignal
}

const watchEvery = 30_000
const firstPause = 30_000
const longestPause = 10 * 60_000
/** For how long a pin waits for its delegates, ms. Kubo answers at once, for it does not dial before it answers. */
const longestWait = 5_000
/** Peers that come together are told of together, ms: all pins that wait start anew for them. */
const newsAfter = 250
/** For how long the end may take, ms: the runner kills a cancelled process, and the report is still to be written. */
const longestEnd = { asPlanned: 10_000, cancelled: 1_500 }
const most = { atOnce: 8, waitingDials: 100 }

const nothing = Promise.resolve()

/**
 * Keeps the node peered with and connected to the peers that serve the data: the wanted delegates all the time, and those
 * of single requests from before their CIDs are pinned. First peered, then dialled: whom Kubo comes to be connected to
 * while it is peered with it, it asks also for what it waits for already (measured). Best effort: none of it fails a pin.
 */
export class DelegateConnector implements AsyncDisposable {
  readonly #node: Dialler
  readonly #options: DelegateOptions
  readonly #peers: DelegatePeers
  readonly #additions = new PQueue({ concurrency: most.atOnce })
  readonly #dials = new PQueue({ concurrency: most.atOnce })
  /** Aborted at the end: nothing new is begun, and no dial goes on. */
  readonly #stop = new AbortController()
  /** Aborted when the end must be over. */
  readonly #over = new AbortController()
  readonly #fault = new PeeringFault()
  /** Lists whose peers are all seen to: a million pins share a few. */
  readonly #seenTo = new WeakSet<readonly string[]>()
  readonly #listeners = new Set<(came: number) => void>()
  #news: NodeJS.Timeout | undefined
  #came = 0
  #watch: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #ending: Promise<void> | undefined

  constructor(node: Dialler, options: DelegateOptions) {
    this.#node = node
    this.#options = options
    this.#peers = new DelegatePeers(options.self, options.wanted, options.mayDial)
  }

  /** Those that were wanted, as of the last look. */
  get wanted(): readonly DelegateState[] {
    return this.#peers.wanted.map(({ peerId, isConnected, hasAnswered, reason }) => ({
      peerId,
      connected: isConnected,
      reason: isConnected ? null : (reason ?? 'its dial had not ended when this run stopped looking'),
      answered: hasAnswered,
    }))
  }

  /** Those of them that the node is peered with, by the addresses that it can read. */
  get peered(): readonly PeerAddresses[] {
    return this.#peers.wanted.filter(({ isPeered }) => isPeered)
  }

  /** How many peers were too many, and how many addresses lead to no public place. */
  get leftOut(): { readonly peers: number; readonly notPublic: number } {
    return this.#peers.leftOut
  }

  /**
   * Takes away what a killed run left behind, peers with the wanted delegates and dials them, and from then on sees to it
   * that they stay.
   * @param signal ends the wait, as `longest` does
   * @param longest how long to wait for the first dials, ms; they go on after it
   */
  async start(signal: AbortSignal, longest = 10_000): Promise<void> {
    this.#watch = setInterval(() => void this.#look(), watchEvery).unref()
    const enough = AbortSignal.any([signal, this.#stop.signal, AbortSignal.timeout(longest)])
    await Promise.race([this.#begin(), aborted(enough)])
  }

  /**
   * Peers with a pin's own delegates before it is added. Resolves when they are in the node's peering, or when waiting
   * longer is no use; never rejects.
   */
  peerFor(addresses: readonly string[], signal: AbortSignal): Promise<void> {
    if (addresses.length === 0 || this.#seenTo.has(addresses) || this.#stop.signal.aborted) return nothing
    const waits: Promise<void>[] = []
    for (const peer of this.#peers.named(addresses)) {
      if (peer.peering === undefined && !peer.isPeered && !peer.isRefused) void this.#connect(peer)
      if (peer.peering !== undefined) waits.push(peer.peering)
    }
    // From then on the watch sees to them.
    const isSeenTo = () => void this.#seenTo.add(addresses)
    if (waits.length === 0) return nothing.then(isSeenTo)
    const enough = AbortSignal.any([signal, this.#stop.signal, AbortSignal.timeout(longestWait)])
    return Promise.race([Promise.all(waits).then(isSeenTo), aborted(enough)])
  }

  /**
   * Calls back whenever the node came to be connected and peered with a delegate that it was not before, with when the
   * latest of them came by `performance.now()`: pins that have waited without a block since before that are then worth
   * starting anew.
   */
  onNewPeer(listener: (came: number) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Looks at once, as after a restart of the daemon, which has forgotten whom it is peered with. */
  lookAgain(): void {
    if (!this.#stop.signal.aborted) void this.#look()
  }

  /**
   * Ends all dials and the watch, and takes away what was added. What can't be taken away in time is written down, and
   * the next run does it.
   */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    const { cancel, peering, onFault } = this.#options
    this.#stop.abort()
    clearInterval(this.#watch)
    clearTimeout(this.#news)
    const end = () => this.#over.abort()
    const timers = [setTimeout(end, longestEnd.asPlanned)]
    const hurry = () => void timers.push(setTimeout(end, longestEnd.cancelled))
    if (cancel.aborted) hurry()
    else cancel.addEventListener('abort', hurry)
    try {
      // What the node was told just now counts as added.
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

  /** Looks whom the node is peered with and connected to, and sees to those that it is not. Never rejects. */
  async #lookOnce(): Promise<void> {
    const fault = this.#fault.last
    const peered = await this.#peered()
    for (const peer of this.#peers.all)
      if (peer.peering === undefined) peer.isPeered &&= peered?.has(peer.peerId) ?? true
    // All are peered with before the first is dialled, so that no pin waits for that.
    await Promise.all(this.#peers.all.filter(({ isPeered }) => !isPeered).map((peer) => this.#peerWith(peer)))
    if (this.#stop.signal.aborted) return
    this.#fault.forget(fault)
    try {
      const connected = await this.#node.connectedPeers(this.#stop.signal)
      for (const peer of this.#peers.all) this.#sees(peer, connected.has(peer.peerId))
    } catch (error) {
      // A node that is down shows in its pins; here it is no more than the reason why nobody is connected.
      for (const peer of this.#peers.all) peer.reason ??= messageOf(error)
      return
    }
    for (const peer of this.#peers.all) void this.#dial(peer)
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
    await this.#dial(peer)
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

  /** Asks for something of the node's peering in its turn; does nothing where there is none, or the end has come. */
  async #addition(work: (peering: NodePeering) => Promise<void>): Promise<void> {
    const { peering } = this.#options
    if (peering === undefined) return
    await this.#additions.add(async () => {
      if (this.#stop.signal.aborted) return
      try {
        await work(peering)
      } catch (error) {
        // What its end cut short is told there.
        if (!this.#over.signal.aborted) this.#fault.note(error)
      }
    })
  }

  async #dial(peer: DelegatePeer): Promise<void> {
    const isDue =
      !peer.isConnected && !peer.isDialling && !peer.isRefused && performance.now() >= peer.nextDial
    // Whom it is peered with, Kubo dials in the end by itself.
    const isFull = !peer.isWanted && this.#dials.size >= most.waitingDials
    if (!isDue || isFull || this.#stop.signal.aborted) return
    peer.isDialling = true
    await this.#dials.add(() => this.#tryToConnect(peer), { priority: peer.isWanted ? 1 : 0 })
    peer.isDialling = false
  }

  async #tryToConnect(peer: DelegatePeer): Promise<void> {
    if (this.#stop.signal.aborted) return
    try {
      await this.#node.connect(dialable(peer.peerId, peer.addrs), this.#stop.signal)
      Object.assign(peer, { failures: 0, reason: null })
      this.#sees(peer, true)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      peer.reason = messageOf(error)
      peer.nextDial = performance.now() + Math.min(longestPause, firstPause * 2 ** peer.failures++)
    }
  }

  #sees(peer: DelegatePeer, isConnected: boolean): void {
    const wasConnected = peer.isConnected
    peer.isConnected = isConnected
    peer.hasAnswered ||= isConnected
    this.#tellNews(peer, wasConnected)
  }

  #tellNews(peer: DelegatePeer, wasSo: boolean): void {
    if (wasSo || !peer.isConnected || !peer.isPeered || this.#stop.signal.aborted) return
    this.#came = performance.now()
    this.#news ??= setTimeout(() => {
      this.#news = undefined
      for (const listener of this.#listeners) listener(this.#came)
    }, newsAfter)
  }
}
