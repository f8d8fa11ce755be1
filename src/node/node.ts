import type { CidKey, PinCid } from '../domain/cid.ts'
import type { PeerAddresses, PeeringConfig } from '../domain/peering.ts'
import type { Reachability } from '../domain/reachability.ts'
import type { ReplicatedPin, Standing } from '../domain/replication.ts'
import type { Storage } from '../domain/storage.ts'

export interface NodeIdentity {
  readonly version: string
  readonly peerId: string
  /** Multiaddrs that end in `/p2p/ID`, of all its peers. */
  readonly addresses: readonly string[]
  /** Those that it is made of; `null` for a node that is one alone. */
  readonly peers: readonly NodePeer[] | null
}

/** One of several peers that a node is made of. */
export interface NodePeer {
  readonly peerId: string
  readonly name: string
  /** Of its own Kubo: multiaddrs that end in `/p2p/ID`. */
  readonly addresses: readonly string[]
  /** In the node's words; `null` where all is well with it. */
  readonly trouble: string | null
}

export interface NodePin {
  /** As the node shows it; need not parse. */
  readonly cid: string
  readonly name: string | null
  /** Only `pinned` is a pin; the others are not, or not yet. */
  readonly standing: Standing
  /** How many peers are to have it. */
  readonly copies: number
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
  /** Why it is `unknown`, or what there is of it where it is `none`. */
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

/**
 * What reading a DAG whole came to: every block of it, each held against its CID, up to the first that is not there
 * (`missing`) or not what its CID says (`corrupt`; `words` are the node's). `block` is its CID, where the node says it.
 */
export type WholeRead =
  | { readonly how: 'whole' }
  | { readonly how: 'missing'; readonly block: string | null }
  | { readonly how: 'corrupt'; readonly block: string | null; readonly words: string }

/**
 * What became of a CAR that was given to a node: taken in, where that was not all blocks `partial`; or `altered`, where a
 * block is not what its CID says, or `refused`, both in the node's words.
 */
export type TakenIn =
  | { readonly how: 'taken' }
  | { readonly how: 'partial' }
  | { readonly how: 'altered' | 'refused'; readonly words: string }

export interface Providers {
  readonly peers: readonly PeerAddresses[]
  /** Why there may be more than those; `null` where the search came to its end. */
  readonly reason: string | null
}

/**
 * What the mirror asks of a node, whatever its kind. Where kinds differ is a part of its own: how it is brought to pin,
 * and whether it can be told whom to be connected to. Every call may throw a `NodeError` (the whole node is at fault:
 * stop) or the signal's reason.
 */
export interface Node {
  readonly kind: 'kubo' | 'cluster'
  /** As its makers call it. */
  readonly product: string
  readonly pinning: PinningOneByOne | PinningInBulk
  /** Itself, where a node of this kind can be told whom to connect to and to stay connected to; `undefined` where not. */
  readonly peering: PeeringNode | undefined
  /** How it is given blocks that somebody else has fetched; `undefined` where nodes of its kind can't be. */
  readonly importing: ImportingNode | undefined
  /** Itself, where a node of this kind can read whole what it has; `undefined` where not. */
  readonly verifying: VerifyingNode | undefined
  identify(signal: AbortSignal): Promise<NodeIdentity>
  /** All recursive pins, in no order. Throws unless the answer came to its proper end. */
  listPins(options: { names: boolean; signal: AbortSignal }): AsyncIterable<NodePin>
  /** What its store takes and may take; `undefined` where nodes of this kind can't tell. */
  storage(signal: AbortSignal): Promise<Storage | undefined>
  /** What it knows of whether others can dial it; `undefined` where nodes of this kind or version can't tell. */
  reachability(signal: AbortSignal): Promise<Reachability | undefined>
  /** Looks for the pin of one CID, for some 20 s at most. */
  howPinned(cid: PinCid, signal: AbortSignal): Promise<HowPinned>
  /** Counts for at most 10 s, and fetches nothing; `undefined` where nodes of this kind can't tell. */
  localSize(cid: PinCid, signal: AbortSignal): Promise<LocalSize | undefined>
  /** Searches for at most 10 s, for 10 peers; `undefined` where nodes of this kind can't search. */
  providers(cid: PinCid, signal: AbortSignal): Promise<Providers | undefined>
}

/** A node that pins one CID a call, and tells as it goes how far it is: whoever asks decides when to give up. */
export interface PinningOneByOne {
  readonly how: 'one-by-one'
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
}

/** A node that takes CIDs over, brings them about by itself, and tells of many at once how far each is. */
export interface PinningInBulk {
  readonly how: 'in-bulk'
  /** Of so many CIDs can be asked at once. */
  readonly mostAtOnce: number
  /** What it has of these CIDs under either version, by key; what it was never given is left out. */
  look(cids: readonly PinCid[], signal: AbortSignal): Promise<ReadonlyMap<CidKey, ReplicatedPin>>
  /**
   * All that is under way or in error at any peer, with these peers alone. Throws unless the answer came to its proper
   * end.
   */
  unsettled(signal: AbortSignal): AsyncIterable<ReplicatedPin>
  /**
   * Gives it a CID that it does not have; resolves once it is written down. Given again, alike, its peers are told again,
   * and what is pinned stays as it is. Never call it for one that somebody else gave: what they said of it would be
   * lost. Throws a `PinError` where it refused, and a `NodeError` where no proper answer came.
   * @param options.origins multiaddrs ending in `/p2p/ID` to fetch from
   */
  handOver(
    cid: PinCid,
    options: { name: string | null; origins: readonly string[]; signal: AbortSignal },
  ): Promise<void>
  /** Has the peers try again what is in error or was lost there, and nothing else. Throws as `handOver` does. */
  recover(pin: ReplicatedPin, signal: AbortSignal): Promise<void>
  /** Its peers as they are now: one that is down may still be among them, with its trouble, or be missing. */
  peers(signal: AbortSignal): Promise<readonly NodePeer[]>
}

/** A node that takes blocks in. No pin is added, changed or taken away by it. */
export interface ImportingNode {
  /**
   * Takes in the blocks of a CAR as they come, and holds each against its CID. Rejects with what the CAR throws, and with
   * a `NodeError` where no proper answer came, or its disk is full.
   * @param cid what the CAR is to have all blocks of, but for those that are there
   */
  takeIn(cid: PinCid, car: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<TakenIn>
}

/** A node that reads what it has whole, and fetches what it finds missing. None of these calls changes a pin. */
export interface VerifyingNode {
  /**
   * Reads every block of a DAG in its own store, and fetches nothing. Throws a `NodeError` where its answer broke off.
   * @param options.onBytes called with how many more were read
   */
  readWhole(
    cid: PinCid,
    options: { readonly onBytes: (bytes: number) => void; readonly signal: AbortSignal },
  ): Promise<WholeRead>
  /** Whether a block that is missing would be heard of here: something before the node may cut off the end of its answers. */
  isHeard(signal: AbortSignal): Promise<boolean>
  /** The CIDs that the first block of a DAG links to; `undefined` where there are none, or they can't be read. Fetches nothing. */
  links(cid: PinCid, signal: AbortSignal): Promise<readonly CidKey[] | undefined>
  /**
   * Fetches the blocks of a DAG that are missing, for as long as it takes. Throws a `PinError` with the node's words
   * where it refused, and a `NodeError` where no proper answer came.
   * @param options.onBlock called as each block is seen to be there
   */
  fetchMissing(
    cid: PinCid,
    options: { readonly onBlock: () => void; readonly signal: AbortSignal },
  ): Promise<void>
}

/** A node that connects to peers when it is told to, and keeps connections. Its addresses may or may not end in `/p2p/ID`. */
export interface PeeringNode {
  /** Dials one peer by multiaddrs that end in `/p2p/ID`, at once; throws a `PeerError` when all of them fail. */
  connect(addresses: readonly string[], signal: AbortSignal): Promise<void>
  /** IDs of the peers the node is connected to. */
  connectedPeers(signal: AbortSignal): Promise<ReadonlySet<string>>
  /**
   * Stays connected to a peer until the daemon ends, whether or not it can be reached now. Replaces the addresses that
   * the daemon had of it. Throws a `PeerError` when the node does not take it: for one bad address it refuses all.
   */
  peer(peerId: string, addrs: readonly string[], signal: AbortSignal): Promise<void>
  /** Stays connected to it no longer, whoever wanted it; the connection stays for now. Nothing happens where it did not. */
  unpeer(peerId: string, signal: AbortSignal): Promise<void>
  /** Whom the daemon stays connected to, from its config and from `peer`. */
  peeredPeers(signal: AbortSignal): Promise<readonly PeerAddresses[]>
  /** Whom the daemon is to stay connected to from its next start on. */
  readPeering(signal: AbortSignal): Promise<PeeringConfig>
  /** Replaces them all. For one bad entry the node refuses all. */
  writePeering(peers: readonly unknown[], signal: AbortSignal): Promise<void>
}
