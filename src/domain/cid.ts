import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import type { MultibaseDecoder } from 'multiformats/bases/interface'
import { bases } from 'multiformats/basics'
import { CID } from 'multiformats/cid'
import { decode36, encode36 } from './base32.ts'

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
const raw = 0x55
const sha256Prefix = '\x12\x20'
/** How the bytes of a CIDv1 begin whose multihash is a whole sha2-256, and which are 36. */
const usualV1 = new Set([dagPb, raw].map((codec) => `\x01${String.fromCharCode(codec)}${sha256Prefix}`))

/** No CID is longer: Kubo takes identity CIDs of at most 128 bytes of data. */
const longest = 512

/** Parses a CID of any version and base; `undefined` where it is none. */
export function parseCid(text: string): PinCid | undefined {
  const key = keyOf(text)
  return key === undefined ? undefined : { text, key }
}

function keyOf(text: string): CidKey | undefined {
  if (text.length > longest) return undefined
  // Nearly all are so, and to read them here takes a fifth of the library's time.
  const usual = text.startsWith(base32.prefix) ? decode36(text.slice(1)) : undefined
  if (usual !== undefined && usualV1.has(usual.slice(0, 4))) return usual.slice(1) as CidKey
  const isV0 = text.startsWith('Qm')
  const decoder = isV0 ? base58btc : decoderOf(text)
  try {
    const bytes = decoder?.decode(isV0 ? `${base58btc.prefix}${text}` : text)
    return bytes && keyOfBytes(bytes, isV0 ? 0 : 1)
  } catch {
    return undefined
  }
}

/** One base is known by an emoji, which is two units of a string. */
function decoderOf(text: string): MultibaseDecoder<string> | undefined {
  return decoders.get(text.slice(0, 1)) ?? decoders.get(text.slice(0, 2))
}

/** @throws where the bytes are no CID */
function keyOfBytes(bytes: Uint8Array, version: 0 | 1): CidKey | undefined {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  // Nearly all CIDv0s look like this, and the check is much cheaper than the library's.
  if (version === 0 && latin1.length === 34 && latin1.startsWith(sha256Prefix)) return v0Key(latin1)
  const cid = CID.decode(bytes)
  if (cid.version !== version) return undefined
  // A CIDv1 is its version byte, then the codec and the multihash: the key is all but the version.
  return version === 1 ? (latin1.slice(1) as CidKey) : v0Key(latin1)
}

function v0Key(multihash: string): CidKey {
  return `${String.fromCharCode(dagPb)}${multihash}` as CidKey
}

/** The texts under which nodes and services keep what a key pins, which some take for two things: CIDv0 and CIDv1. */
export function cidForms(key: CidKey): string[] {
  const v0 = cidV0(key)
  return v0 === undefined ? [cidV1(key)] : [v0, cidV1(key)]
}

/** The CIDv1 of a key, in base32. */
export function cidV1(key: CidKey): string {
  const cid = `\x01${key}`
  return cid.length === 36 ? base32.prefix + encode36(cid) : base32.encode(Buffer.from(cid, 'latin1'))
}

/** The CIDv0 of a key; `undefined` where it has none: only dag-pb under sha2-256 does. */
export function cidV0(key: CidKey): string | undefined {
  if (key.length !== 35 || key.charCodeAt(0) !== dagPb || !key.startsWith(sha256Prefix, 1)) return undefined
  return base58btc.encode(Buffer.from(key.slice(1), 'latin1')).slice(1)
}
