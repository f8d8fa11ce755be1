import type { PinCid } from '../domain/cid.ts'

export interface NodeIdentity {
  readonly version: string
  readonly peerId: string
  /** Multiaddrs that end in `/p2p/ID`. */
  readonly addresses: readonly string[]
}

export interface NodePin {
  /** As the node shows it; need not parse. */
  readonly cid: string
  readonly name: string | null
}

/** How far a pin has come; only a change of a number is progress. */
export interface PinProgress {
  readonly blocks: number
  readonly bytes: number
}

/**
 * What the mirror asks of a node, whatever its kind. Every call may throw a `NodeError` (the whole node is at fault:
 * stop) or the signal's reason.
 */
export interface Node {
  readonly kind: 'kubo' | 'cluster'
  identify(signal: AbortSignal): Promise<NodeIdentity>
  /** All recursive pins, in no order. Throws unless the answer came to its proper end. */
  listPins(options: { names: boolean; signal: AbortSignal }): AsyncIterable<NodePin>
  /** Whether the node pins this recursively, under either version of its CID. */
  isPinned(cid: PinCid, signal: AbortSignal): Promise<boolean>
  /**
   * Pins recursively; resolves only when the node says that it is pinned. Never call it for a CID that the node pins:
   * Kubo drops the old pin first. Throws a `PinError` when this CID failed. An abort stops the node's fetching.
   */
  pin(
    cid: PinCid,
    options: { name: string | null; onProgress: (progress: PinProgress) => void; signal: AbortSignal },
  ): Promise<void>
  /** Dials a peer by one multiaddr that ends in `/p2p/ID`; throws a `PeerError` when the dial fails. */
  connect(address: string, signal: AbortSignal): Promise<void>
  /** IDs of the peers the node is connected to. */
  connectedPeers(signal: AbortSignal): Promise<ReadonlySet<string>>
}
