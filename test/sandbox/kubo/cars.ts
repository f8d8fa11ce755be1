import { type CidKey, cidV1 } from '../../../src/domain/cid.ts'
import { readCid } from './answers.ts'
import type { Blockstore } from './content.ts'
import { RpcError } from './rpc.ts'

const headerLength = 60
const magic = 'CAR '

/** What a CAR of the sandbox begins with; its blocks follow, which are all zeros, and then the CARs of what it links to. */
export function carHeader(key: CidKey): Buffer {
  const header = Buffer.alloc(headerLength)
  header.write(`${magic}${String.fromCharCode(key.length)}${key}`, 'latin1')
  return header
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
    const header = car.subarray(at, at + headerLength)
    if (header.toString('latin1', 0, magic.length) !== magic)
      throw new RpcError(
        at > 0 || car.length < headerLength
          ? 'unexpected EOF'
          : 'invalid header: malformed stream: invalid appearance of string token; expected start of map',
      )
    const begin = magic.length + 1
    const key = header.toString('latin1', begin, begin + (header[magic.length] ?? 0)) as CidKey
    if (blocks.isFull) throw new RpcError(`import failed: ${noSpaceIn(key)}`)
    at += headerLength
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
