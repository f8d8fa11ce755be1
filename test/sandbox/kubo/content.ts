import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CidKey } from '../../../src/domain/cid.ts'
import { RpcError } from './rpc.ts'

/** How the content of a CID can be had. `{}` is one block that is there at once. */
export interface Content {
  /** Default: 1. */
  readonly blocks?: number
  /** Default: 262,158, a full block of a file. */
  readonly bytesPerBlock?: number
  /** Default: 0. */
  readonly msPerBlock?: number
  /** Blocks come only while the node is connected to this peer, and asks it. */
  readonly peer?: string
  /** Its blocks can be had, but not read: how Kubo says so. */
  readonly unreadable?: string
  /** CIDs that its first block links to, besides the blocks of its own: each has content of its own. */
  readonly links?: readonly string[]
  /** After so many blocks it fails with this error, or without one stays as it is for ever. */
  readonly breaks?: { readonly after: number; readonly error?: string }
}

/** What Kubo 0.42 says when its disk is full, under a status of 500 (measured). */
export const noSpace = 'write /data/ipfs/blocks/.temp/temp-3007415858: no space left on device'

/** Content that nobody has. */
export const nowhere: Content = { breaks: { after: 0 } }

/** What can be had of the network, and the blocks that the node has got of it. */
export class Blockstore {
  /** How CIDs that were not said can be had. */
  otherwise: Content
  /** Nothing can be stored any more. */
  isFull = false
  readonly #content = new Map<CidKey, Content>()
  readonly #local = new Map<CidKey, number>()
  /** Those with a block that is not what its CID says. */
  readonly #corrupt = new Set<CidKey>()
  readonly #swarm: Asked
  readonly #events = new EventEmitter().setMaxListeners(0)

  constructor(otherwise: Content, swarm: Asked) {
    this.otherwise = otherwise
    this.#swarm = swarm
  }

  set(key: CidKey, content: Content): void {
    this.#content.set(key, content)
    this.changed()
  }

  /** Wakes what waits for a block: content or connections are others than before. */
  changed(): void {
    this.#events.emit('change')
  }

  blocks(key: CidKey): number {
    return this.#of(key).blocks ?? 1
  }

  /** How many blocks of it the node has. */
  local(key: CidKey): number {
    return isIdentity(key) ? 1 : (this.#local.get(key) ?? 0)
  }

  bytes(key: CidKey): number {
    return this.local(key) * this.bytesPerBlock(key)
  }

  /** Blocks of all that it has. */
  get count(): number {
    return [...this.#local.values()].reduce((sum, blocks) => sum + blocks, 0)
  }

  /** Bytes of all that it has. */
  get size(): number {
    return [...this.#local.keys()].reduce((sum, key) => sum + this.bytes(key), 0)
  }

  unreadable(key: CidKey): string | undefined {
    return this.#of(key).unreadable
  }

  /** What its first block links to. */
  links(key: CidKey): readonly string[] {
    return this.#of(key).links ?? []
  }

  bytesPerBlock(key: CidKey): number {
    return isIdentity(key) ? key.length - 3 : (this.#of(key).bytesPerBlock ?? 262_158)
  }

  isCorrupt(key: CidKey): boolean {
    return this.#corrupt.has(key)
  }

  /** Whether its last block is not what its CID says. */
  setCorrupt(key: CidKey, isCorrupt: boolean): void {
    if (isCorrupt) this.#corrupt.add(key)
    else this.#corrupt.delete(key)
  }

  setLocal(key: CidKey, blocks: number): void {
    this.#local.set(key, blocks)
  }

  /** Gets the missing blocks up to a number, one after the other; those that came stay when it ends early. */
  async fetch(key: CidKey, signal: AbortSignal, upTo = this.blocks(key)): Promise<void> {
    // As Kubo does, it asks whom it is connected to as it begins, and whom it comes to be connected to later: who is
    // peered with only after it was connected is not asked for what waits by then (measured).
    const asked = new AskedPeers(this.#swarm)
    while (this.local(key) < upTo) {
      asked.look()
      const { breaks, peer, msPerBlock = 0 } = this.#of(key)
      const isBroken = breaks !== undefined && this.local(key) >= breaks.after
      if (isBroken && breaks.error !== undefined) throw new RpcError(breaks.error)
      if (isBroken || (peer !== undefined && !asked.has(peer))) {
        await once(this.#events, 'change', { signal })
        continue
      }
      if (msPerBlock > 0) await sleep(msPerBlock, undefined, { signal })
      if (this.isFull) throw new RpcError(noSpace)
      this.#local.set(key, this.local(key) + 1)
    }
  }

  #of(key: CidKey): Content {
    return this.#content.get(key) ?? (isIdentity(key) ? {} : this.otherwise)
  }
}

/** The peers that a node is connected to, and whether it asks one for what it wants now. */
interface Asked {
  readonly connected: ReadonlyMap<string, string>
  isAsked(peer: string): boolean
}

/** Whom one fetch has asked. */
class AskedPeers {
  readonly #swarm: Asked
  readonly #asked = new Map<string, boolean>()

  constructor(swarm: Asked) {
    this.#swarm = swarm
  }

  look(): void {
    const { connected } = this.#swarm
    for (const peer of this.#asked.keys()) if (!connected.has(peer)) this.#asked.delete(peer)
    for (const peer of connected.keys())
      if (!this.#asked.has(peer)) this.#asked.set(peer, this.#swarm.isAsked(peer))
  }

  has(peer: string): boolean {
    return this.#asked.get(peer) === true
  }
}

/** Whether the multihash is the data itself, so that nothing has to be fetched. */
function isIdentity(key: CidKey): boolean {
  // The codec is a varint, whose last byte is below 0x80.
  const codecEnd = [...key].findIndex((byte) => byte.charCodeAt(0) < 0x80)
  return key.charCodeAt(codecEnd + 1) === 0
}
