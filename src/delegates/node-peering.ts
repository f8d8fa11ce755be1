import pMap from 'p-map'
import { peerIdOf } from '../domain/delegate.ts'
import { mostDelegates } from '../domain/delegate-bounds.ts'
import { hasOnly, mergeAddresses, type PeerAddresses } from '../domain/peering.ts'
import { NodeError, PeerError } from '../errors.ts'
import type { PeeringNode } from '../node/node.ts'
import type { PeeringBook } from '../snapshot/peering-book.ts'

const atOnce = 8

/** What came of peering with a peer. */
export interface Peering {
  readonly isPeered: boolean
  /** Those of its addresses that the node can read. */
  readonly addrs: readonly string[]
  /** Why the node takes none of its addresses; `null` where it takes some. */
  readonly refusal: string | null
}

/**
 * The node's peering: Kubo asks those in it for blocks, and stays connected to them. It says neither who added a peer nor
 * how often, and there is one list for all: the config's own peers, which Kubo puts in it at its start, what people and
 * other programs add, and other mirrors' on the same box. So the rule is:
 *
 * - Who is in it already is left as it is, unless the peering is to stay, which only ever adds addresses.
 * - Whom this mirror adds is written in the snapshot before. Taken away, at the end of this run or of the next one after
 *   a kill, is only who is written there, is in the node's peering with no other addresses than those, and is not in its
 *   config: who differs is somebody else's by now.
 * - Another mirror that wants the same peer finds it there and adds nothing. When this one takes it away, the other sees
 *   that at its next look, within half a minute, and adds it as its own.
 */
export class NodePeering {
  readonly #node: PeeringNode
  readonly #book: PeeringBook
  readonly #stays: boolean
  /** Whom the node is peered with, as of the last look and what was added since; `undefined` before the first look. */
  #there: Map<string, readonly string[]> | undefined
  readonly #ours: Map<string, readonly string[]>

  /** @param stays whether what is added stays after the run */
  constructor(node: PeeringNode, book: PeeringBook, stays: boolean) {
    this.#node = node
    this.#book = book
    this.#stays = stays
    this.#ours = new Map(book.added().map(({ peerId, addrs }) => [peerId, addrs]))
  }

  /** Looks whom the node is peered with. */
  async look(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    const peers = await this.#node.peeredPeers(signal)
    const there = new Map(peers.map(({ peerId, addrs }) => [peerId, addrs]))
    this.#there = there
    return there
  }

  /**
   * Peers with a peer by its addresses. Throws a `NodeError`, or the signal's reason: also where the node does not
   * say whom it is peered with already.
   * @param isTold the user named it: there is always room for it. For others there is room only up to a bound, which
   *   counts all peers that are there, whoever added them
   */
  async add({ peerId, addrs }: PeerAddresses, isTold: boolean, signal: AbortSignal): Promise<Peering> {
    const all = this.#there ?? (await this.look(signal))
    const there = all.get(peerId)
    if (there !== undefined && !this.#stays && !this.#isOurs(peerId, there))
      return { isPeered: true, addrs, refusal: null }
    if (there === undefined && !isTold && all.size >= mostDelegates.peers)
      return { isPeered: false, addrs, refusal: null }
    return this.#extend(peerId, there, addrs, signal)
  }

  /**
   * Takes away the peers that this mirror has added. Throws a `NodeError`, or the signal's reason; a peer that could
   * not be taken away stays written down.
   */
  async takeAway(signal: AbortSignal): Promise<void> {
    if (this.#ours.size === 0) return
    const [there, configured] = await Promise.all([this.look(signal), this.#configured(signal)])
    const takeAway = async (peerId: string) => {
      const isOurs = this.#isOurs(peerId, there.get(peerId)) && !configured.has(peerId)
      if (isOurs) {
        await this.#node.unpeer(peerId, signal)
        this.#there?.delete(peerId)
      }
      this.#forget(peerId)
    }
    // If one fails, the others are taken away all the same.
    const failures: unknown[] = []
    const tryTo = (peerId: string) => takeAway(peerId).catch((error: unknown) => failures.push(error))
    await pMap([...this.#ours.keys()], tryTo, { concurrency: atOnce })
    if (failures.length > 0) throw failures[0]
  }

  #isOurs(peerId: string, there: readonly string[] | undefined): boolean {
    const ours = this.#ours.get(peerId)
    return ours !== undefined && there !== undefined && hasOnly(peerId, there, ours)
  }

  #note(peerId: string, addrs: readonly string[]): void {
    this.#book.add({ peerId, addrs })
    this.#ours.set(peerId, addrs)
  }

  #forget(peerId: string): void {
    this.#book.forget(peerId)
    this.#ours.delete(peerId)
  }

  /**
   * Adds addresses to those that are there. Where Kubo cannot read one of them it refuses all, so they are then tried
   * one by one.
   */
  async #extend(
    peerId: string,
    there: readonly string[] | undefined,
    addrs: readonly string[],
    signal: AbortSignal,
  ): Promise<Peering> {
    const all = bounded(peerId, there, addrs)
    const isThere = there !== undefined && all.length === there.length
    const refusal = isThere ? null : await this.#set(peerId, all, there, signal)
    if (refusal === null) return { isPeered: true, addrs, refusal }
    let kept = there
    const taken: string[] = []
    for (const address of addrs) {
      const more = bounded(peerId, kept, [address])
      if (more.length > (kept?.length ?? 0)) {
        if ((await this.#set(peerId, more, kept, signal)) !== null) continue
        kept = more
      }
      taken.push(address)
    }
    return { isPeered: kept !== undefined, addrs: taken, refusal: taken.length > 0 ? null : refusal }
  }

  /** @returns why the node does not take them, in its own words; `null` where it does */
  async #set(
    peerId: string,
    addrs: readonly string[],
    before: readonly string[] | undefined,
    signal: AbortSignal,
  ): Promise<string | null> {
    if (!this.#stays) this.#note(peerId, addrs)
    try {
      await this.#node.peer(peerId, addrs, signal)
      this.#there?.set(peerId, addrs)
      return null
    } catch (error) {
      // Where the node did not answer, nobody knows whether it has done it.
      const isUndone =
        error instanceof PeerError || (error instanceof NodeError && error.fault === 'unauthorised')
      if (!this.#stays && isUndone) {
        if (before === undefined) this.#forget(peerId)
        else this.#note(peerId, before)
      }
      if (error instanceof PeerError) return error.message
      throw error
    }
  }

  /** The peers in the node's config; none where the node does not show it. */
  async #configured(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const entries = await this.#node.readPeering(signal).catch(() => {
      signal.throwIfAborted()
      return null
    })
    const ids = (entries ?? []).map((entry) => peerIdOf(`/p2p/${(entry as { ID?: unknown } | null)?.ID}`))
    return new Set(ids.filter((id) => id !== undefined))
  }
}

/** The addresses that are there, and as many of the others as there is room for. */
function bounded(
  peerId: string,
  there: readonly string[] | undefined,
  more: readonly string[],
): readonly string[] {
  const before = there ?? []
  return mergeAddresses(peerId, before, more).slice(0, Math.max(before.length, mostDelegates.addressesOfPeer))
}
