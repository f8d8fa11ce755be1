import type { PinCid } from '../../domain/cid.ts'
import { NodeError } from '../../errors.ts'
import { longestTimer } from '../../run-time.ts'
import type { ImportingNode, LocalDag, TakenIn } from '../node.ts'
import { saysFull } from '../system-words.ts'
import { kuboMessage } from './answers.ts'
import { isAltered } from './dag-words.ts'
import { explain, explainAnswer, Refusal } from './errors.ts'
import { multipart } from './multipart.ts'
import type { KuboRpc } from './rpc.ts'

/** Gives Kubo the blocks of CARs. */
export class KuboImports implements ImportingNode {
  readonly #rpc: KuboRpc
  readonly #dags: { readDag(cid: PinCid, signal: AbortSignal): Promise<LocalDag> }

  /** @param dags tells what came of it */
  constructor(rpc: KuboRpc, dags: { readDag(cid: PinCid, signal: AbortSignal): Promise<LocalDag> }) {
    this.#rpc = rpc
    this.#dags = dags
  }

  async takeIn(cid: PinCid, car: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<TakenIn> {
    const refused = await this.#give(car, signal)
    if (refused === undefined)
      // Of nothing, and of blocks of other DAGs, Kubo says nothing (measured).
      return { how: (await this.#dags.readDag(cid, signal)) === 'absent' ? 'partial' : 'taken' }
    if (saysFull(refused)) throw new NodeError('no-space', `the node cannot store more: ${refused}`)
    const how = isAltered(refused) ? 'altered' : 'refused'
    return { how, words: refused }
  }

  /** @returns the words in which Kubo refuses it */
  async #give(car: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string | undefined> {
    const { head, tail, headers } = multipart()
    let failed: { readonly error: unknown } | undefined
    async function* body() {
      yield Buffer.from(head)
      try {
        yield* car
      } catch (error) {
        failed = { error }
        throw error
      }
      yield Buffer.from(tail)
    }
    // How long it may take is for the caller to say, who sees how it goes on.
    const importing = { signal, deadline: longestTimer, repeatable: false, alsoAnswers: 500 }
    try {
      // With pinned roots it would take the name from a pin that is there, and lose it for an incomplete CAR (measured).
      const { status, text } = await this.#rpc.ask('dag/import', [['pin-roots', 'false']], {
        ...importing,
        body: body(),
        headers,
      })
      if (status !== 500) return undefined
      const words = kuboMessage(text)
      if (words === undefined) throw explainAnswer({ status, body: text }, this.#rpc.asked('dag/import'))
      return words
    } catch (error) {
      if (failed !== undefined) throw failed.error
      const explained = explain(error, this.#rpc.asked('dag/import'))
      if (explained instanceof Refusal) return explained.message
      throw explained
    }
  }
}
