import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { KnownDelegate } from '../config.ts'
import { peerIdOf } from '../domain/delegate.ts'
import type { Node } from '../node/node.ts'

/** Whether the node is connected to a delegate, as far as it was looked. */
export interface DelegateState {
  readonly peerId: string
  readonly connected: boolean
  /** Why the last dial failed; `null` where it did not. */
  readonly reason: string | null
  /** Whether it was connected at any time in this run. */
  readonly answered: boolean
}

interface Peer {
  readonly isKnown: boolean
  readonly addresses: Set<string>
  isConnected: boolean
  hasAnswered: boolean
  isDialling: boolean
  /** Dials that failed in a row. */
  failures: number
  nextDial: number
  reason: string | null
}

const watchEvery = 30_000
const firstPause = 30_000
const longestPause = 10 * 60_000

/** A service says what it likes: none of it may grow without bound. The specification allows 20 delegates a request. */
const most = { perRequest: 20, addressesOfPeer: 8, peers: 1000, dials: 8, waitingDials: 100, memo: 10_000 }
const longestAddress = 1000

/**
 * Keeps the node connected to the peers that serve the data: the known delegates all the time, and those of single
 * requests as their CIDs are pinned. Best effort: no dial ever blocks or fails a pin.
 */
export class DelegateConnector {
  readonly #node: Node
  readonly #peers = new Map<string, Peer>()
  readonly #dials = new PQueue({ concurrency: most.dials })
  readonly #stop = new AbortController()
  /** The peer of an address; `undefined` where it does not parse. */
  readonly #memo = new Map<string, string | undefined>()
  readonly #listeners = new Set<() => void>()
  #watch: NodeJS.Timeout | undefined

  constructor(node: Node, known: readonly KnownDelegate[]) {
    this.#node = node
    for (const { peerId, addrs } of known) this.#peers.set(peerId, newPeer(addrs, true))
  }

  /** The known delegates, as of the last look. */
  get known(): readonly DelegateState[] {
    return [...this.#peers]
      .filter(([, peer]) => peer.isKnown)
      .map(([peerId, { isConnected, hasAnswered, reason }]) => ({
        peerId,
        connected: isConnected,
        reason: isConnected ? null : reason,
        answered: hasAnswered,
      }))
  }

  /**
   * Connects the known delegates, and from then on again when they drop.
   * @param signal ends the wait, as `longest` does
   * @param longest how long to wait for the first dials, ms; they go on after it
   */
  async connectKnown(signal: AbortSignal, longest = 10_000): Promise<void> {
    this.#watch = setInterval(() => this.#keepKnown(), watchEvery).unref()
    const settled = new AbortController()
    const dials = this.#keepKnown().then(() => settled.abort())
    const enough = AbortSignal.any([signal, settled.signal, this.#stop.signal])
    // The sleep rejects when it is cut short, which is what the signal is for.
    await Promise.race([dials, sleep(longest, undefined, { signal: enough }).catch(() => undefined)])
  }

  /** Dials the delegates of a request, in the background, unless that was done or tried lately. */
  connectFor(addresses: readonly string[]): void {
    for (const address of addresses.slice(0, most.perRequest)) {
      const peerId = this.#peerIdOf(address)
      if (peerId === undefined) continue
      const peer = this.#peers.get(peerId) ?? this.#addPeer(peerId)
      if (peer.addresses.size < most.addressesOfPeer) peer.addresses.add(address)
      if (!peer.isConnected) void this.#dial(peer)
    }
  }

  /** Peers with a pin's own delegates before it is added. Resolves when they are in the node's peering, or when waiting longer is no use; never rejects. */
  async peerFor(addresses: readonly string[], _signal: AbortSignal): Promise<void> {
    this.connectFor(addresses)
  }

  /** Calls back whenever the node came to be connected and peered with a delegate that it was not before: pins that wait without a block are then worth starting anew. */
  onNewPeer(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Ends all dials and the watch. */
  [Symbol.dispose](): void {
    clearInterval(this.#watch)
    this.#stop.abort()
    this.#dials.clear()
  }

  #peerIdOf(address: string): string | undefined {
    if (this.#memo.has(address)) return this.#memo.get(address)
    const peerId = address.length > longestAddress ? undefined : peerIdOf(address)
    if (this.#memo.size >= most.memo) this.#memo.clear()
    this.#memo.set(address, peerId)
    return peerId
  }

  #addPeer(peerId: string): Peer {
    if (this.#peers.size >= most.peers) {
      for (const [oldest, { isKnown }] of this.#peers) {
        if (isKnown) continue
        this.#peers.delete(oldest)
        break
      }
    }
    const peer = newPeer([], false)
    this.#peers.set(peerId, peer)
    return peer
  }

  /** Looks who is connected, and dials the known delegates that are not. */
  async #keepKnown(): Promise<void> {
    try {
      const connected = await this.#node.connectedPeers(this.#stop.signal)
      for (const [peerId, peer] of this.#peers) {
        peer.isConnected = connected.has(peerId)
        peer.hasAnswered ||= peer.isConnected
      }
    } catch (error) {
      // A node that is down shows in its pins; here it is no more than the reason why nobody is connected.
      for (const peer of this.#peers.values()) peer.reason = messageOf(error)
      return
    }
    const dropped = [...this.#peers.values()].filter((peer) => peer.isKnown && !peer.isConnected)
    await Promise.all(dropped.map((peer) => this.#dial(peer)))
  }

  async #dial(peer: Peer): Promise<void> {
    if (this.#stop.signal.aborted || peer.isDialling || Date.now() < peer.nextDial) return
    if (!peer.isKnown && this.#dials.size >= most.waitingDials) return
    peer.isDialling = true
    await this.#dials.add(() => this.#tryAddresses(peer), { priority: peer.isKnown ? 1 : 0 })
  }

  async #tryAddresses(peer: Peer): Promise<void> {
    for (const address of [...peer.addresses]) {
      try {
        await this.#node.connect(address, this.#stop.signal)
        Object.assign(peer, {
          isConnected: true,
          hasAnswered: true,
          isDialling: false,
          failures: 0,
          reason: null,
        })
        for (const listener of this.#listeners) listener()
        return
      } catch (error) {
        if (this.#stop.signal.aborted) return
        peer.reason = messageOf(error)
      }
    }
    peer.failures++
    peer.nextDial = Date.now() + Math.min(longestPause, firstPause * 2 ** (peer.failures - 1))
    peer.isDialling = false
  }
}

function newPeer(addresses: readonly string[], isKnown: boolean): Peer {
  return {
    isKnown,
    addresses: new Set(addresses),
    isConnected: false,
    hasAnswered: false,
    isDialling: false,
    failures: 0,
    nextDial: 0,
    reason: null,
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
