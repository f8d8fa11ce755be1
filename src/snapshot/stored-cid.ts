import { type CidKey, cidV0, cidV1 } from '../domain/cid.ts'

type Column = string | number | bigint | Uint8Array | null

const asV0 = 0
const asV1 = 1
/** Capitals and padding are read, too, but are not what is made from a key. */
const lowerCaseBase32 = /^b[a-z2-7]+$/

/**
 * How the text of a CID is stored, in the column `cid_text`. As CIDv0, and as CIDv1 in base32, a key has exactly one
 * text, which can be made from it again. Any other text is stored as it is.
 */
export function storeCidText(text: string): number | string {
  if (text.startsWith('Qm')) return asV0
  return lowerCaseBase32.test(text) ? asV1 : text
}

/** The key in the column `cid`; `undefined` where the CID did not parse. */
export function readCidKey(column: Column | undefined): CidKey | undefined {
  if (!(column instanceof Uint8Array)) return undefined
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString('latin1') as CidKey
}

/** The CID as the service wrote it, from the columns `cid` and `cid_text`. */
export function readCidText(cid: Column | undefined, text: Column | undefined): string {
  if (typeof text === 'string') return text
  const key = readCidKey(cid) as CidKey
  return (text === asV0 ? cidV0(key) : undefined) ?? cidV1(key)
}
