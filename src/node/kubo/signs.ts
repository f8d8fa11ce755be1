import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { PinCid } from '../../domain/cid.ts'
import { NodeError } from '../../errors.ts'
import type { Query } from '../endpoint.ts'
import type { LocalDag, Room } from '../node.ts'
import { saysFull } from '../system-words.ts'
import { foundBlock, kuboMessage } from './answers.ts'
import { isNotThere } from './dag-words.ts'
import { explain, explainAnswer, Refusal } from './errors.ts'
import { multipart } from './multipart.ts'
import type { KuboRpc } from './rpc.ts'

/** How long the node may be silent, in ms. */
const deadline = 5_000
/** For how long a DAG is read, in ms. */
const longestRead = 5_000
/** A CID that holds its own data, which is nothing: a look for it needs no content. */
const emptyCid = 'bafkqaaa'
/** As large as the blocks of most files: a disk that has no room for those may have some for a small one (measured). */
const blockSize = 1024 * 1024

/** Asks Kubo for what tells its faults from those of a CID. Pins nothing, and fetches nothing. */
export class KuboSigns {
  readonly #rpc: KuboRpc

  constructor(rpc: KuboRpc) {
    this.#rpc = rpc
  }

  async hasRoot(cid: PinCid, signal: AbortSignal): Promise<boolean | undefined> {
    const asking = { signal, deadline, repeatable: true, tries: 2, alsoAnswers: 500 }
    return this.#orUnknown('block/stat', signal, undefined, async () => {
      const { status, text } = await this.#rpc.ask('block/stat', offline(cid), asking)
      // Also where Kubo takes no such CID: then it has none of its blocks.
      if (status === 500) return kuboMessage(text) === undefined ? undefined : false
      ofBlock.parse(JSON.parse(text))
      return true
    })
  }

  async readDag(cid: PinCid, signal: AbortSignal): Promise<LocalDag> {
    const enough = AbortSignal.timeout(longestRead)
    const reading = { signal: AbortSignal.any([signal, enough]), deadline, repeatable: true, tries: 2 }
    const query: Query = [...offline(cid), ['recursive', 'true'], ['unique', 'true']]
    return this.#orUnknown('refs', signal, 'unknown', async () => {
      try {
        for await (const line of this.#rpc.stream('refs', query, reading)) {
          // An error is a line among the others, under status 200 (measured).
          const { Err } = foundBlock.parse(line)
          if (Err !== '') return isNotThere(Err) ? 'absent' : 'unreadable'
        }
        return 'readable'
      } catch (error) {
        if (enough.aborted) return 'unknown'
        const explained = explain(error, this.#rpc.asked('refs'))
        if (!(explained instanceof Refusal)) throw explained
        return isNotThere(explained.message) ? 'absent' : 'unreadable'
      }
    })
  }

  /** A node may allow us less than these calls, or be down: then this sign is wanting, and others decide. */
  async #orUnknown<T>(path: string, signal: AbortSignal, unknown: T, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      signal.throwIfAborted()
      const explained = explain(error, this.#rpc.asked(path))
      if (explained instanceof NodeError || explained instanceof Refusal) return unknown
      throw explained
    }
  }

  async answers(call: 'look' | 'add', signal: AbortSignal): Promise<void> {
    const path = call === 'look' ? 'pin/ls' : 'pin/add'
    // What is no CID can't be pinned: Kubo says so in its own words, and a proxy that stands in its place does not.
    const query: Query =
      call === 'look'
        ? [
            ['arg', emptyCid],
            ['type', 'recursive'],
          ]
        : [['arg', 'no-cid']]
    try {
      const { status, text } = await this.#rpc.ask(path, query, {
        signal,
        deadline,
        repeatable: false,
        alsoAnswers: 500,
      })
      if (status === 500 ? kuboMessage(text) !== undefined : call === 'look' && isJson(text)) return
      throw explainAnswer({ status, body: text }, this.#rpc.asked(path))
    } catch (error) {
      throw explain(error, this.#rpc.asked(path))
    }
  }

  async room(signal: AbortSignal): Promise<Room> {
    const asking = { signal, deadline, repeatable: false }
    return this.#orUnknown('block/put', signal, 'unknown', async () => {
      const { head, tail, headers } = multipart()
      const body = `${head}${randomBytes(blockSize / 2).toString('hex')}${tail}`
      const put = { ...asking, body, headers, alsoAnswers: 500 }
      const { status, text } = await this.#rpc.ask('block/put', [['pin', 'false']], put)
      const words = kuboMessage(text)
      if (status === 500) return words === undefined ? 'unknown' : saysFull(words) ? 'full' : 'refused'
      const { Key } = ofBlock.parse(JSON.parse(text))
      // What stays behind where this fails is not pinned, and no garbage collection keeps it.
      await this.#orUnknown('block/rm', signal, null, () => this.#rpc.ask('block/rm', [['arg', Key]], asking))
      return 'room'
    })
  }
}

function offline(cid: PinCid): Query {
  return [
    ['arg', cid.text],
    ['offline', 'true'],
  ]
}

const ofBlock = z.object({ Key: z.string().min(1) })

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
