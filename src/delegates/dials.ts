import PQueue from 'p-queue'
import { dialable } from '../domain/peering.ts'
import { messageOf } from '../errors.ts'
import type { PeeringNode } from '../node/node.ts'
import type { DelegatePeer } from './peers.ts'

/** A dial of a peer that has ended. */
export interface Dialled {
  readonly peerId: string
  /** ms */
  readonly took: number
  /** Why it is not connected; `null` where it is. */
  readonly reason: string | null
}

const firstPause = 30_000
const longestPause = 10 * 60_000
const most = { atOnce: 8, waiting: 100 }

/** Dials delegates, a few at a time and the wanted ones first; one that fails is dialled less and less often. */
export class Dials {
  readonly #node: Pick<PeeringNode, 'connect'>
  readonly #stop: AbortSignal
  readonly #onConnected: (peer: DelegatePeer) => void
  readonly #onDialled: ((dialled: Dialled) => void) | undefined
  readonly #queue = new PQueue({ concurrency: most.atOnce })

  /** @param stop once aborted, no dial is begun, and none goes on */
  constructor(
    node: Pick<PeeringNode, 'connect'>,
    stop: AbortSignal,
    onConnected: (peer: DelegatePeer) => void,
    onDialled?: (dialled: Dialled) => void,
  ) {
    this.#node = node
    this.#stop = stop
    this.#onConnected = onConnected
    this.#onDialled = onDialled
  }

  /** Resolves when no dial is left. */
  onIdle(): Promise<void> {
    return this.#queue.onIdle()
  }

  /** Dials a peer, where it is time to. Never rejects. */
  async dial(peer: DelegatePeer): Promise<void> {
    const isDue =
      !peer.isConnected && !peer.isDialling && !peer.isRefused && performance.now() >= peer.nextDial
    // A peer that it is peered with, Kubo dials sooner or later by itself.
    const isFull = !peer.isWanted && this.#queue.size >= most.waiting
    if (!isDue || isFull || this.#stop.aborted) return
    peer.isDialling = true
    await this.#queue.add(() => this.#tryToConnect(peer), { priority: peer.isWanted ? 1 : 0 })
    peer.isDialling = false
  }

  async #tryToConnect(peer: DelegatePeer): Promise<void> {
    if (this.#stop.aborted) return
    const { peerId } = peer
    const began = performance.now()
    const over = (reason: string | null) =>
      this.#onDialled?.({ peerId, took: performance.now() - began, reason })
    try {
      await this.#node.connect(dialable(peerId, peer.addrs), this.#stop)
      Object.assign(peer, { failures: 0, reason: null })
      over(null)
      this.#onConnected(peer)
    } catch (error) {
      if (this.#stop.aborted) return
      peer.reason = messageOf(error)
      peer.nextDial = performance.now() + Math.min(longestPause, firstPause * 2 ** peer.failures++)
      over(peer.reason)
    }
  }
}
