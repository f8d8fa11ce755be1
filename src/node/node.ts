import type { PinCid } from '../domain/cid.ts'
import type { PeerAddresses, PeeringConfig } from '../domain/peering.ts'

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
 * What a node reads of a DAG in its own store: all of it, or up to a block that it has not (`absent`) or that is there
 * and can't be read (`unreadable`). `unknown`: it takes long, or does not say.
 */
export type LocalDag = 'readable' | 'absent' | 'unreadable' | 'unknown'

/** Whether a node has room for a block, or refuses it for another reason; `unknown`: it does not say. */
export type Room = 'room' | 'full' | 'refused' | 'unknown'

/** How a node pins a CID: the strongest of its pins, under either version of the CID. */
export interface HowPinned {
  /** `unknown` where the node did not find out in time, or refused to. */
  readonly type: 'recursive' | 'direct' | 'indirect' | 'none' | 'unknown'
  readonly name: string | null
  /** Why it is `unknown`. */
  readonly reason: string | null
}

/** What a node has of a DAG in its own store, each block once. */
export interface LocalSize {
  /** `false`: at least so much, for the count ended before the DAG did. */
  readonly isWhole: boolean
  readonly bytes: number
  readonly blocks: number
  /** Why it is not whole: a block that is not there, or time. */
  readonly reason: string | null
}

export interface Providers {
  readonly peers: readonly PeerAddresses[]
  /** Why there may be more than those; `null` where the search came to its end. */
  readonly reason: string | null
}

/**
 * What the mirror asks of a node, whatever its kind. Every call may throw a `NodeError` (the whole node is at fault:
 * stop) or the signal's reason.
 */
export interface Node {
  readonly kind: 'kubo' | 'cluster'
  /** Itself, where a node of this kind can be told whom to stay connected to; `undefined` where not. */
  readonly peering: PeeringNode | undefined
  identify(signal: AbortSignal): Promise<NodeIdentity>
  /** All recursive pins, in no order. Throws unless the answer came to its proper end. */
  listPins(options: { names: boolean; signal: AbortSignal }): AsyncIterable<NodePin>
  /** Whether the node pins this recursively, under either version of its CID. */
  isPinned(cid: PinCid, signal: AbortSignal): Promise<boolean>
  /**
   * Pins recursively; resolves only when the node says that it is pinned. Never call it for a CID that the node pins:
   * Kubo drops the old pin first. Throws a `PinError` with the node's words where it refused, and a `NodeError` where
   * no proper answer came: whose fault either is shows in what else the node does. An abort stops its fetching.
   */
  pin(
    cid: PinCid,
    options: { name: string | null; onProgress: (progress: PinProgress) => void; signal: AbortSignal },
  ): Promise<void>
  /** Whether the first block of a CID is in its own store; `undefined` where it does not say. Fetches nothing. */
  hasRoot(cid: PinCid, signal: AbortSignal): Promise<boolean | undefined>
  /** Fetches nothing, and reads for some seconds at most. */
  readDag(cid: PinCid, signal: AbortSignal): Promise<LocalDag>
  /** Asks what `isPinned` or `pin` asks, in a form that changes nothing. Throws a `NodeError` unless it is the node that answers. */
  answers(call: 'look' | 'add', signal: AbortSignal): Promise<void>
  /** Tries it with a block of our own, which is taken away again. */
  room(signal: AbortSignal): Promise<Room>
  /**
   * Dials one peer by a multiaddr that ends in `/p2p/ID`, or by several at once; throws a `PeerError` when all of them
   * fail.
   */
  connect(addresses: string | readonly string[], signal: AbortSignal): Promise<void>
  /** IDs of the peers the node is connected to. */
  connectedPeers(signal: AbortSignal): Promise<ReadonlySet<string>>
  /** Looks for the pin of one CID, for some 20 s at most. */
  howPinned(cid: PinCid, signal: AbortSignal): Promise<HowPinned>
  /** Counts for at most 10 s, and fetches nothing; `undefined` where nodes of this kind can't tell. */
  localSize(cid: PinCid, signal: AbortSignal): Promise<LocalSize | undefined>
  /** Searches for at most 10 s, for 10 peers; `undefined` where nodes of this kind can't search. */
  providers(cid: PinCid, signal: AbortSignal): Promise<Providers | undefined>
}

/** A node that keeps connections to peers by itself. Its addresses may or may not end in `/p2p/ID`. */
export interface PeeringNode extends Node {
  /**
   * Stays connected to a peer until the daemon ends, whether or not it can be reached now. Replaces the addresses that
   * the daemon had of it. Throws a `PeerError` when the node does not take it: for one bad address it refuses all.
   */
  peer(peerId: string, addrs: readonly string[], signal: AbortSignal): Promise<void>
  /** Whom the daemon stays connected to, from its config and from `peer`. */
  peeredPeers(signal: AbortSignal): Promise<readonly PeerAddresses[]>
  /** Whom the daemon is to stay connected to from its next start on. */
  readPeering(signal: AbortSignal): Promise<PeeringConfig>
  /** Replaces them all. For one bad entry the node refuses all. */
  writePeering(peers: readonly unknown[], signal: AbortSignal): Promise<void>
}
