import type { NodePeer, PinningInBulk } from '../../node/node.ts'

/** How long what was heard of the peers holds, in ms. */
const fresh = 5_000

/** The peers of a node as they are while it pins: which of them has trouble, and what they are called. */
export class PeersNow {
  readonly #node: PinningInBulk
  readonly #names = new Map<string, string>()
  #peers: ReadonlyMap<string, NodePeer> = new Map()
  #looked = Number.NEGATIVE_INFINITY

  constructor(node: PinningInBulk) {
    this.#node = node
  }

  async look(signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#looked < fresh) return
    const peers = await this.#node.peers(signal)
    this.#peers = new Map(peers.map((peer) => [peer.peerId, peer]))
    for (const { peerId, name } of peers) if (name !== '') this.#names.set(peerId, name)
    this.#looked = performance.now()
  }

  /** What is wrong with a peer as a whole, in words; `null` where nothing is. */
  readonly troubleOf = (peerId: string): string | null => {
    const peer = this.#peers.get(peerId)
    if (peer !== undefined) return peer.trouble
    return this.#peers.size === 0 ? null : 'the other peers do not see it'
  }

  nameOf(peerId: string): string {
    return this.#names.get(peerId) ?? peerId
  }
}
