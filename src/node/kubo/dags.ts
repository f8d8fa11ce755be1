import { randomBytes } from 'node:crypto'
import { CarStart } from '../../domain/car-start.ts'
import { type CidKey, cidV1, type PinCid, parseCid } from '../../domain/cid.ts'
import { NodeError, PinError } from '../../errors.ts'
import type { Query } from '../endpoint.ts'
import type { VerifyingNode, WholeRead } from '../node.ts'
import { foundBlock } from './answers.ts'
import { whyUnreadable } from './dag-words.ts'
import { explain, Refusal } from './errors.ts'
import { linkTo } from './link-block.ts'
import type { KuboRpc } from './rpc.ts'

/** How long the node may be silent, in ms. */
const deadlines = {
  /** It reads from its disk only. */
  read: 60_000,
  /** It reads nothing. */
  probe: 15_000,
  links: 30_000,
  /** It writes a line for each block that is there, and none while it waits for one: how long is for the caller to say. */
  fetch: 2 ** 31 - 1,
}

/** Reads DAGs whole, and fetches what they lack. */
export class KuboDags implements VerifyingNode {
  readonly #rpc: KuboRpc

  constructor(rpc: KuboRpc) {
    this.#rpc = rpc
  }

  /**
   * By `dag/export`: the one call that reads raw leaves and holds blocks against their CIDs, but for the first one, which
   * it trusts (measured). So it is asked for a block above that one.
   */
  async readWhole(
    cid: PinCid,
    { onBytes, signal }: Parameters<VerifyingNode['readWhole']>[1],
    deadline = deadlines.read,
  ): Promise<WholeRead> {
    const reading = { signal, deadline, repeatable: false }
    const start = new CarStart()
    try {
      await this.#rpc.read('dag/export', offline(linkTo(cid.key) ?? cid), reading, (piece) => {
        start.add(piece)
        onBytes(piece.length)
      })
      // What stands before the node may answer in its place, under status 200.
      if (start.isCar !== true) throw isNotKubo(this.#rpc.asked('dag/export'))
      return { how: 'whole' }
    } catch (error) {
      const explained = explain(error, this.#rpc.asked('dag/export'))
      if (explained instanceof Refusal) return this.#found(explained)
      throw explained
    }
  }

  /** Reads what no node has: that is told in a trailer, which some proxies drop. */
  async isHeard(signal: AbortSignal): Promise<boolean> {
    const reading = { onBytes: () => undefined, signal }
    const { how } = await this.readWhole(nowhere(), reading, deadlines.probe)
    return how === 'missing'
  }

  async links(cid: PinCid, signal: AbortSignal): Promise<readonly CidKey[] | undefined> {
    const links: CidKey[] = []
    try {
      const asking = { signal, deadline: deadlines.links, repeatable: true, tries: 2 }
      for await (const line of this.#rpc.stream('refs', offline(cid), asking)) {
        const { Ref, Err } = foundBlock.parse(line)
        const key = Err === '' ? parseCid(Ref)?.key : undefined
        if (key === undefined) return undefined
        links.push(key)
      }
      // What is too long to be read at once links to something.
      return links.length === 0 ? undefined : links
    } catch (error) {
      const explained = explain(error, this.#rpc.asked('refs'))
      if (explained instanceof Refusal) return undefined
      throw explained
    }
  }

  async fetchMissing(
    cid: PinCid,
    { onBlock, signal }: Parameters<VerifyingNode['fetchMissing']>[1],
  ): Promise<void> {
    const query: Query = [
      ['arg', cid.text],
      ['recursive', 'true'],
      ['unique', 'true'],
    ]
    try {
      const fetching = { signal, deadline: deadlines.fetch, repeatable: false }
      for await (const line of this.#rpc.stream('refs', query, fetching)) {
        const { Err } = foundBlock.parse(line)
        // An error is a line among the others, under status 200 (measured).
        if (Err !== '') throw new Refusal(Err)
        onBlock()
      }
    } catch (error) {
      const explained = explain(error, this.#rpc.asked('refs'))
      throw explained instanceof Refusal ? new PinError(explained.message, { cause: explained }) : explained
    }
  }

  /** What is wrong with a DAG, which Kubo tells in words alone. */
  #found({ message: words, cause }: Refusal): WholeRead {
    const why = whyUnreadable(words)
    if (why.how === 'broken-off') {
      const { node, path } = this.#rpc.asked('dag/export')
      throw new NodeError('unreachable', `the Kubo node at ${node} broke off ${path}: ${words}`, cause)
    }
    const block = cidIn(why.block)
    return why.how === 'missing' ? { how: 'missing', block } : { how: 'corrupt', block, words }
  }
}

function isNotKubo({ node, path }: { readonly node: string; readonly path: string }): NodeError {
  return new NodeError(
    'bad-answer',
    `${node} does not answer ${path} as Kubo does (it is no CAR). Check what stands before the node.`,
  )
}

function cidIn(text: string | undefined): string | null {
  return text === undefined || parseCid(text) === undefined ? null : text
}

function offline(cid: PinCid): Query {
  return [
    ['arg', cid.text],
    ['offline', 'true'],
  ]
}

/** The CID of a raw block that nobody has. */
function nowhere(): PinCid {
  const key = `\x55\x12\x20${randomBytes(32).toString('latin1')}` as CidKey
  return { key, text: cidV1(key) }
}
