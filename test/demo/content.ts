import { createHash } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { Random } from '../sandbox/random.ts'

const rawCodec = 0x55
const sha256 = 0x12

/** A file of one block, which can be given to a node later on. */
export interface File {
  readonly cid: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export function file(text: string): File {
  const bytes = new TextEncoder().encode(text)
  const digest = create(sha256, createHash('sha256').update(bytes).digest())
  return { cid: CID.createV1(rawCodec, digest).toString(), bytes }
}

/** The ID of a peer with a random Ed25519 key, as libp2p writes it. */
export function peerId(random: Random): string {
  const identityOfKey = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20]
  return base58btc.baseEncode(Uint8Array.from([...identityOfKey, ...random.bytes(32)]))
}
