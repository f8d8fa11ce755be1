import { type CidKey, cidV1 } from '../../../src/domain/cid.ts'
import { readCid } from './answers.ts'
import type { Blockstore } from './content.ts'
import { RpcError } from './rpc.ts'

/** What stands before and behind the root's CID in the header of a CARv1, whose length comes first. */
const [before, behind] = ['\xa2\x65roots\x81\xd8\x2a\x58', '\x67version\x01']

/**
 * What a CAR begins with. In the sandbox its blocks follow without their CIDs, all zeros, and then the CARs of what it
 * links to.
 */
export function carHeader(key: CidKey): Buffer {
  const cid = `\x00\x01${key}`
  const header = `${before}${String.fromCharCode(cid.length)}${cid}${behind}`
  return Buffer.from(String.fromCharCode(header.length) + header, 'latin1')
}

/** The CAR that somebody has who has all of a DAG. */
export function wholeCar(key: CidKey, blocks: Blockstore): Buffer {
  const own = Buffer.alloc(blocks.blocks(key) * blocks.bytesPerBlock(key))
  const linked = blocks.links(key).map((link) => wholeCar(readCid(link).key, blocks))
  return Buffer.concat([carHeader(key), own, ...linked])
}

/** As `dag/import` does, in the words of Kubo 0.43 (measured): of nothing, and of what nobody wants, it says nothing. */
export function importCar(car: Buffer, blocks: Blockstore): void {
  for (let at = 0; at < car.length; ) {
    const length = 1 + (car[at] ?? 0)
    const header = car.toString('latin1', at + 1, at + length)
    if (!header.startsWith(before) || !header.endsWith(behind))
      throw new RpcError(
        at > 0 || car.length < length
          ? 'unexpected EOF'
          : 'invalid header: malformed stream: invalid appearance of string token; expected start of map',
      )
    const key = header.slice(before.length + 3, -behind.length) as CidKey
    if (blocks.isFull) throw new RpcError(`import failed: ${noSpaceIn(key)}`)
    at += length
    const size = blocks.bytesPerBlock(key)
    for (let block = 1; block <= blocks.blocks(key) && at < car.length; block++, at += size) {
      const bytes = car.subarray(at, at + size)
      if (bytes.some((byte) => byte !== 0))
        throw new RpcError(
          `import failed: mismatch in content integrity, expected: ${cidV1(key)}, got: bafybeihs552hslb3vwwow7qham6r2lovn55cka27pbojwpfvxkiwfbr5ja`,
        )
      if (bytes.length < size) throw new RpcError(`import failed after block "${cidV1(key)}": unexpected EOF`)
      blocks.setLocal(key, Math.max(block, blocks.local(key)))
    }
  }
}

const noSpaceIn = (key: CidKey) => `write /data/ipfs/blocks/.temp/temp-${key.length}: no space left on device`
