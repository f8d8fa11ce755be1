import { setTimeout as sleep } from 'node:timers/promises'
import { type CidKey, cidV1, type PinCid } from '../../../src/domain/cid.ts'
import { notFound, readCid, shownCid } from './answers.ts'
import { carHeader } from './cars.ts'
import type { Blockstore } from './content.ts'
import { RpcError } from './rpc.ts'

interface Export {
  readonly signal: AbortSignal
  readonly msPerBlock: number
  /** Nothing links to it. */
  readonly isFirst?: boolean
}

/** Of a DAG's own blocks, as `dag/export` has them, and of those that it links to. */
export async function* exportDag(
  key: CidKey,
  blocks: Blockstore,
  { signal, msPerBlock, isFirst = true }: Export,
): AsyncGenerator<Uint8Array> {
  const local = blocks.local(key)
  if (local === 0) throw new RpcError(lacksBlock(key))
  yield carHeader(key)
  const piece = Buffer.alloc(blocks.bytesPerBlock(key))
  for (let block = 1; block <= local; block++) {
    if (msPerBlock > 0) await sleep(msPerBlock, undefined, { signal })
    // Kubo trusts the first block of all (measured).
    const isTrusted = isFirst && block === 1
    if (block === blocks.blocks(key) && blocks.isCorrupt(key) && !isTrusted)
      throw new RpcError(hashMismatch(key))
    yield piece
  }
  if (local < blocks.blocks(key)) throw new RpcError(lacksBlock(key))
  const unreadable = blocks.unreadable(key)
  if (unreadable !== undefined) throw new RpcError(unreadable)
  for (const link of [...blocks.links(key), ...linkIn(key)])
    yield* exportDag(readCid(link).key, blocks, { signal, msPerBlock, isFirst: false })
}

/** Fetches the blocks below, or offline lists those that are there; the sandbox's blocks have no names of their own. */
export async function* refsOf(
  keys: readonly CidKey[],
  blocks: Blockstore,
  query: URLSearchParams,
  signal: AbortSignal,
): AsyncGenerator<object> {
  const isRecursive = query.get('recursive') === 'true'
  for (const key of keys) {
    if (query.get('offline') !== 'true') await blocks.fetch(key, signal)
    const local = blocks.local(key)
    for (let block = 1; block < local; block++) yield { Ref: cidV1(key), Err: '' }
    const absent = local === 0 ? notFound(key) : 'failed to fetch all nodes'
    const failure = local < blocks.blocks(key) ? absent : blocks.unreadable(key)
    // Kubo says it in a line, under status 200 (measured).
    if (failure !== undefined) yield { Ref: '', Err: failure }
    const links = blocks.links(key)
    for (const link of links) yield { Ref: link, Err: '' }
    if (isRecursive)
      yield* refsOf(
        links.map((link) => readCid(link).key),
        blocks,
        query,
        signal,
      )
  }
}

const lacksBlock = (key: CidKey) =>
  `${notFound(key)} (currently offline, perhaps retry without the offline flag)`

const hashMismatch = (key: CidKey) =>
  `hash mismatch!  bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku (actual) != ${cidV1(key)} (expected)`

/** What a dag-pb block in an identity CID links to, where it has one link and no more. */
function linkIn(key: CidKey): string[] {
  const [codec, hash, , node, , hashOfLink, length = 0] = Buffer.from(key, 'latin1')
  const isLink = codec === 0x70 && hash === 0 && node === 0x12 && hashOfLink === 0x0a
  // A CIDv1 is its version's byte, and then the key.
  return isLink ? [cidV1(key.slice(8, 7 + length) as CidKey)] : []
}

/** What the mirror reads by `dag/export`: it asks for a block above that. */
export function readBy(query: URLSearchParams): string {
  return linkIn(readCid(query.get('arg') ?? '').key)[0] ?? ''
}

/** As `dag/stat` does: a line a block as it is counted, and at last the whole. */
export async function* countDag(
  cid: PinCid,
  blocks: Blockstore,
  query: URLSearchParams,
  signal: AbortSignal,
): AsyncGenerator<object> {
  const { key } = cid
  if (query.get('offline') !== 'true') await blocks.fetch(key, signal)
  const [local, all] = [blocks.local(key), blocks.blocks(key)]
  if (local === 0) throw new RpcError(notFound(key))
  const count = (counted: number) => {
    const Size = (blocks.bytes(key) / local) * counted
    return { TotalSize: Size, DagStats: [{ Cid: shownCid(cid), Size, NumBlocks: counted }] }
  }
  if (query.get('progress') !== 'false') for (let block = 1; block <= local; block++) yield count(block)
  if (local < all) throw new RpcError(`error traversing DAG: ${notFound(key)}`)
  yield { UniqueBlocks: all, ...count(all), Ratio: 1 }
}
