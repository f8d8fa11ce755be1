import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import type { MultibaseDecoder } from 'multiformats/bases/interface'
import { bases } from 'multiformats/basics'
import { CID } from 'multiformats/cid'

/**
 * What a CID pins: the codec and multihash of its CIDv1, one byte a character (latin1), so that v0 and v1 of one
 * thing are one key and a raw twin of a dag-pb root is another.
 */
export type CidKey = string & { readonly __cidKey: unique symbol }

/** A CID that parsed: the string as its source gave it, and the key that decides whether two are the same pin. */
export interface PinCid {
  readonly text: string
  readonly key: CidKey
}

const decoders = new Map<string, MultibaseDecoder<string>>(
  Object.values(bases).map((base) => [base.prefix, base.decoder as MultibaseDecoder<string>]),
)
const dagPb = 0x70
const sha256Prefix = '\x12\x20'

/** No CID is longer: Kubo takes identity CIDs of at most 128 bytes of data. */
const longest = 512

/** Parses a CID of any version and base; `undefined` where it is none. */
export function parseCid(text: string): PinCid | undefined {
  const cid = decode(text)
  return cid === undefined ? undefined : { text, key: keyOf(cid) }
}

function decode(text: string): CID | undefined {
  if (text.length > longest) return undefined
  const isV0 = text.startsWith('Qm')
  // One base is known by an emoji, which is two units of a string.
  const decoder = isV0 ? base58btc : decoders.get(String.fromCodePoint(text.codePointAt(0) ?? 0))
  try {
    // Not `CID.parse`: it keeps a cache of texts for each CID, which costs a third of the time of a million of them.
    const cid = decoder && CID.decode(decoder.decode(isV0 ? `${base58btc.prefix}${text}` : text))
    return cid?.version === (isV0 ? 0 : 1) ? cid : undefined
  } catch {
    return undefined
  }
}

function keyOf(cid: CID): CidKey {
  // A CIDv1 is its version byte, then the codec and the multihash: the key is all but the version.
  const bytes = cid.version === 1 ? cid.bytes.subarray(1) : [dagPb, ...cid.bytes]
  return Buffer.from(bytes).toString('latin1') as CidKey
}

/** The texts under which nodes and services keep what a key pins, which some take for two things: CIDv0 and CIDv1. */
export function cidForms(key: CidKey): string[] {
  const v0 = cidV0(key)
  return v0 === undefined ? [cidV1(key)] : [v0, cidV1(key)]
}

/** The CIDv1 of a key, in base32. */
export function cidV1(key: CidKey): string {
  return base32.encode(Buffer.from(`\x01${key}`, 'latin1'))
}

/** The CIDv0 of a key; `undefined` where it has none: only dag-pb under sha2-256 does. */
export function cidV0(key: CidKey): string | undefined {
  if (key.length !== 35 || key.charCodeAt(0) !== dagPb || !key.startsWith(sha256Prefix, 1)) return undefined
  return base58btc.encode(Buffer.from(key.slice(1), 'latin1')).slice(1)
}
