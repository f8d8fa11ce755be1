import { type CidKey, cidV1, type PinCid } from '../../domain/cid.ts'

/** Of more a length would take two bytes, and Kubo takes no more than this and one. */
const longest = 127

const latin1 = (...bytes: number[]) => String.fromCharCode(...bytes)

/**
 * A dag-pb block with one link and no name, in an identity multihash: no node lacks it, since its CID holds it.
 * @param key of what it links to; `undefined` where that is too long
 */
export function linkTo(key: CidKey): PinCid | undefined {
  const cid = `\x01${key}`
  const link = `${latin1(0x0a, cid.length)}${cid}${latin1(0x12, 0, 0x18, 0)}`
  const block = `${latin1(0x12, link.length)}${link}`
  if (block.length > longest) return undefined
  const own = `${latin1(0x70, 0x00, block.length)}${block}` as CidKey
  return { key: own, text: cidV1(own) }
}
