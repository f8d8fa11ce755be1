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
  /** Why it takes none of them; `null` where it does. */
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
  /** As of the last look, and with what was added since; `undefined` before the first. */
  #there: Map<string, readonly string[]> | undefined
  readonly #ours: Map<string, readonly string[]>

  /** @param stays whether what is added outlives the run */
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
   * Peers with one by its addresses, unless it is not known who is there already. Throws a `NodeError`, or the signal's reason.
   * @param isTold the user named it, so that there is always room for it; the others fill the node's peering only up to
   *   a bound, whoever added who is there
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
   * Takes away whom this mirror has added. Throws a `NodeError`, or the signal's reason: whom it could not take away stays
   * written down.
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
    // One that fails keeps none of the others.
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

  /** Adds to what is there. For one address that Kubo can't read it refuses them all. */
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

  /** @returns why the node does not take it, in its words; `null` where it does */
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
      // Of a node that did not answer, nobody knows whether it did it.
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

  /** Whom the node's config names; a node that keeps it to itself names nobody. */
  async #configured(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const entries = await this.#node.readPeering(signal).catch(() => {
      signal.throwIfAborted()
      return null
    })
    const ids = (entries ?? []).map((entry) => peerIdOf(`/p2p/${(entry as { ID?: unknown } | null)?.ID}`))
    return new Set(ids.filter((id) => id !== undefined))
  }
}

/** What is there, and of the others as many as there is room for. */
function bounded(
  peerId: string,
  there: readonly string[] | undefined,
  more: readonly string[],
): readonly string[] {
  const before = there ?? []
  return mergeAddresses(peerId, before, more).slice(0, Math.max(before.length, mostDelegates.addressesOfPeer))
}
