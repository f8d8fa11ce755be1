import { longestTimer } from '../../run-time.ts'
import type { BlockIntake, TakenIn } from '../node.ts'
import { kuboMessage } from './answers.ts'
import { explain, explainAnswer, Refusal } from './errors.ts'
import { multipart } from './multipart.ts'
import type { KuboRpc } from './rpc.ts'

/** Gives Kubo the blocks of CARs. */
export class KuboIntake implements BlockIntake {
  readonly #rpc: KuboRpc

  constructor(rpc: KuboRpc) {
    this.#rpc = rpc
  }

  async takeIn(car: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<TakenIn> {
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
      const words = kuboMessage(text)
      if (status !== 500) return { how: 'taken' }
      if (words === undefined) throw explainAnswer({ status, body: text }, this.#rpc.asked('dag/import'))
      return { how: words.includes('mismatch in content integrity') ? 'altered' : 'refused', words }
    } catch (error) {
      if (failed !== undefined) throw failed.error
      const explained = explain(error, this.#rpc.asked('dag/import'))
      if (explained instanceof Refusal) return { how: 'refused', words: explained.message }
      throw explained
    }
  }
}
