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
  /** Blocks come only while the node is connected to this peer. */
  readonly peer?: string
  /** Its blocks can be had, but not read: how Kubo says so. */
  readonly unreadable?: string
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
  readonly #isConnected: (peer: string) => boolean
  readonly #events = new EventEmitter().setMaxListeners(0)

  constructor(otherwise: Content, isConnected: (peer: string) => boolean) {
    this.otherwise = otherwise
    this.#isConnected = isConnected
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
    if (isIdentity(key)) return key.length - 3
    return this.local(key) * (this.#of(key).bytesPerBlock ?? 262_158)
  }

  unreadable(key: CidKey): string | undefined {
    return this.#of(key).unreadable
  }

  setLocal(key: CidKey, blocks: number): void {
    this.#local.set(key, blocks)
  }

  /** Gets the missing blocks up to a number, one after the other; those that came stay when it ends early. */
  async fetch(key: CidKey, signal: AbortSignal, upTo = this.blocks(key)): Promise<void> {
    while (this.local(key) < upTo) {
      const { breaks, peer, msPerBlock = 0 } = this.#of(key)
      const isBroken = breaks !== undefined && this.local(key) >= breaks.after
      if (isBroken && breaks.error !== undefined) throw new RpcError(breaks.error)
      if (isBroken || (peer !== undefined && !this.#isConnected(peer))) {
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

/** Whether the multihash is the data itself, so that nothing has to be fetched. */
function isIdentity(key: CidKey): boolean {
  // The codec is a varint, whose last byte is below 0x80.
  const codecEnd = [...key].findIndex((byte) => byte.charCodeAt(0) < 0x80)
  return key.charCodeAt(codecEnd + 1) === 0
}
