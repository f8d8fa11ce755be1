import type { PinCid } from '../../domain/cid.ts'
import { type ReplicatedPin, standingOf, wantedPeers } from '../../domain/replication.ts'
import { NodeError } from '../../errors.ts'
import type { Http } from '../../http/http.ts'
import type { HowPinned, Node, NodeIdentity, NodePeer, NodePin, PinningInBulk } from '../node.ts'
import { isKuboInstead } from '../wrong-kind.ts'
import { clusterPeer } from './answers.ts'
import { ClusterPins, ofWholeCluster } from './pinning.ts'
import { ClusterRest, type RequestOptions } from './rest.ts'

/** The cluster gives its peers 15 s to answer. In ms. */
const deadlines = { answer: 30_000, list: 300_000 }
/** So many CIDs are in one address: each makes every peer that has it ask its Kubo. */
const mostAtOnce = 100
/** Of a CID's pin, in ms. */
const longestLook = 20_000

/** An IPFS Cluster, by the REST API of one of its peers. Its IPFS proxy says "pinned" of what is only asked for (measured). */
export class Cluster implements Node, PinningInBulk {
  readonly kind = 'cluster'
  readonly product = 'IPFS Cluster'
  readonly how = 'in-bulk'
  readonly pinning = this
  readonly peering = undefined
  readonly verifying = undefined
  readonly importing = undefined
  readonly mostAtOnce = mostAtOnce
  readonly #rest: ClusterRest
  readonly #pins: ClusterPins

  constructor(options: { http: Http; url: URL; authorization: string | undefined }) {
    this.#rest = new ClusterRest(options)
    this.#pins = new ClusterPins(this.#rest)
  }

  async identify(signal: AbortSignal): Promise<NodeIdentity> {
    const asking = { signal, deadline: deadlines.answer, repeatable: true, tries: 2 }
    const { id, version } = await this.#identity(asking)
    const peers = await this.peers(signal)
    return { version, peerId: id, addresses: [...new Set(peers.flatMap((peer) => peer.addresses))], peers }
  }

  async #identity(asking: RequestOptions) {
    try {
      const { json } = await this.#rest.ask('GET', 'id', [], asking)
      return clusterPeer.parse(json)
    } catch (error) {
      const explained = ofWholeCluster(this.#rest, 'id', error)
      const isStranger = explained instanceof NodeError && explained.fault === 'bad-answer'
      if (isStranger && (await this.#rest.isKubo(asking.signal)))
        throw isKuboInstead(this.#rest.shown, explained)
      throw explained
    }
  }

  /** It has as many stores as peers, and knows of none how large the disk is. */
  async storage(): Promise<undefined> {}

  async peers(signal: AbortSignal): Promise<readonly NodePeer[]> {
    const peers: NodePeer[] = []
    const asking = { signal, deadline: deadlines.answer, repeatable: true, tries: 2 }
    try {
      for await (const line of this.#rest.stream('peers', [], asking)) {
        const { id, peername, error, ipfs } = clusterPeer.parse(line)
        const ofKubo =
          ipfs === undefined || ipfs.error === '' ? null : `its Kubo does not answer: ${ipfs.error}`
        const trouble = error === '' ? ofKubo : error
        peers.push({ peerId: id, name: peername, addresses: ipfs?.addresses ?? [], trouble })
      }
    } catch (error) {
      throw ofWholeCluster(this.#rest, 'peers', error)
    }
    return peers
  }

  async *listPins({ signal }: { names: boolean; signal: AbortSignal }): AsyncIterable<NodePin> {
    // Where no peer's Kubo answers, it lists none of what it has either (measured): what it was given tells the two
    // apart. It may just have been given its first pins, by another mirror; then the second list has them.
    for (let tries = 1; tries <= 2; tries++) {
      const listed = yield* this.#listed(signal)
      if (listed > 0 || !(await this.#hasPins(signal))) return
    }
    throw new NodeError(
      'bad-answer',
      `the cluster at ${this.#rest.shown} has pins and tells the status of none, as where no peer can ask its Kubo. Check that the Kubo nodes of its peers run.`,
    )
  }

  /** @returns how many there were */
  async *#listed(signal: AbortSignal): AsyncGenerator<NodePin, number> {
    let listed = 0
    for await (const pin of this.#pins.list([], signal)) {
      listed++
      const { cid, name } = pin
      yield { cid, name, standing: standingOf(pin), copies: wantedPeers(pin).length }
    }
    return listed
  }

  /** Whether it was given any. */
  async #hasPins(signal: AbortSignal): Promise<boolean> {
    const asking = { signal, deadline: deadlines.list, repeatable: true, tries: 2 }
    try {
      for await (const _ of this.#rest.stream('allocations', [['filter', 'all']], asking)) return true
      return false
    } catch (error) {
      throw ofWholeCluster(this.#rest, 'allocations', error)
    }
  }

  look(...asking: Parameters<PinningInBulk['look']>): ReturnType<PinningInBulk['look']> {
    return this.#pins.look(...asking)
  }

  unsettled(signal: AbortSignal): AsyncIterable<ReplicatedPin> {
    return this.#pins.unsettled(signal)
  }

  handOver(...asking: Parameters<PinningInBulk['handOver']>): Promise<void> {
    return this.#pins.handOver(...asking)
  }

  recover(pin: ReplicatedPin, signal: AbortSignal): Promise<void> {
    return this.#pins.recover(pin, signal)
  }

  async reachability(): Promise<undefined> {
    return undefined
  }

  async howPinned(cid: PinCid, signal: AbortSignal): Promise<HowPinned> {
    const enough = AbortSignal.timeout(longestLook)
    try {
      const pin = (await this.look([cid], AbortSignal.any([signal, enough]))).get(cid.key)
      if (pin === undefined) return { type: 'none', name: null, reason: null }
      const isPinned = standingOf(pin) === 'pinned'
      return { type: isPinned ? 'recursive' : 'none', name: pin.name, reason: isPinned ? null : inWords(pin) }
    } catch (error) {
      signal.throwIfAborted()
      if (!enough.aborted) throw error
      const reason = `the cluster had not found out after ${longestLook / 1000} s`
      return { type: 'unknown', name: null, reason }
    }
  }

  async localSize(): Promise<undefined> {
    return undefined
  }

  async providers(): Promise<undefined> {
    return undefined
  }
}

/** How a CID that is not pinned by all that are to have it stands with each of them. */
function inWords(pin: ReplicatedPin): string {
  const each = wantedPeers(pin).map(({ peerId, standing, words }) => {
    const what = standing === 'silent' ? 'does not say' : standing
    return `${peerId} ${what}${words === '' ? '' : ` (${words})`}`
  })
  return `in the cluster, and not on all peers that are to have it: ${each.join('; ')}`
}
