import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import { Random } from './random.ts'

/** `v0` and `dag-pb` (CIDv1) of a sha2-256, `raw` (CIDv1) of one, and `identity`: a raw CID that holds its data itself. */
export type CidKind = 'v0' | 'dag-pb' | 'raw' | 'identity'

const prefixes: Readonly<Record<CidKind, readonly number[]>> = {
  v0: [0x12, 0x20],
  'dag-pb': [0x01, 0x70, 0x12, 0x20],
  raw: [0x01, 0x55, 0x12, 0x20],
  identity: [0x01, 0x55, 0x00, 0x20],
}

/** Makes valid CIDs of random content; the same seed makes the same ones. */
export class Cids {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  next(kind: CidKind = 'dag-pb'): string {
    return encode(kind, this.#random.bytes(32))
  }

  /** The same thing twice: as CIDv0 and as CIDv1. */
  bothVersions(): { readonly v0: string; readonly v1: string } {
    const digest = this.#random.bytes(32)
    return { v0: encode('v0', digest), v1: encode('dag-pb', digest) }
  }

  take(count: number, kind: CidKind = 'dag-pb'): string[] {
    return Array.from({ length: count }, () => this.next(kind))
  }
}

function encode(kind: CidKind, digest: Uint8Array): string {
  const bytes = Uint8Array.from([...prefixes[kind], ...digest])
  const text = kind === 'v0' ? base58btc.baseEncode(bytes) : base32.encode(bytes)
  // The encoder leaves a string of many parts: a flat copy takes a tenth of the memory.
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** So many peer IDs, of keys that nobody has: always the same. */
export function peerIds(count: number): string[] {
  const random = new Random(42)
  // An Ed25519 key as libp2p writes it, in an identity multihash.
  const prefix = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20]
  return Array.from({ length: count }, () =>
    base58btc.baseEncode(Uint8Array.from([...prefix, ...random.bytes(32)])),
  )
}
