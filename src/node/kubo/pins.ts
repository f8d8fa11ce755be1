import type { z } from 'zod'
import { cidForms, type PinCid, parseCid } from '../../domain/cid.ts'
import { classOfWords } from '../../domain/reasons/boxo.ts'
import { NodeError, PinError } from '../../errors.ts'
import type { Query } from '../endpoint.ts'
import type { PinProgress } from '../node.ts'
import { saysFull } from '../system-words.ts'
import { foundPins, kuboMessage, pinLine } from './answers.ts'
import { explain, explainAnswer, Refusal } from './errors.ts'
import type { KuboRpc } from './rpc.ts'

/** How long the node may be silent, in ms. */
const deadlines = {
  look: 15_000,
  /** Kubo writes a line every 500 ms; for how long none may come is for the caller to say. */
  pin: 300_000,
}

/** A pin of one CID. */
type FoundPin = z.output<typeof foundPins>['Keys'][string]

/** Looks for single pins and adds them. */
export class KuboPins {
  readonly #rpc: KuboRpc

  constructor(rpc: KuboRpc) {
    this.#rpc = rpc
  }

  async isPinned(cid: PinCid, signal: AbortSignal): Promise<boolean> {
    try {
      // To Kubo's pinner v0 and v1 are two pins.
      for (const form of cidForms(cid.key)) {
        const pin = await this.find(form, { type: 'recursive', names: false }, signal)
        if (pin !== undefined) return true
      }
      return false
    } catch (error) {
      throw this.#asPinError('pin/ls', error)
    }
  }

  /** The pin of one type that a form of a CID has. */
  async find(
    form: string,
    { type, names }: { type: 'recursive' | 'direct'; names: boolean },
    signal: AbortSignal,
  ): Promise<FoundPin | undefined> {
    // Without the type Kubo walks every pinned DAG to look for it (a second at 1,500 pins, measured).
    const query: Query = [
      ['arg', form],
      ['type', type],
    ]
    if (names) query.push(['names', 'true'])
    const asking = { signal, deadline: deadlines.look, repeatable: true, tries: 2, alsoAnswers: 500 }
    const { status, text } = await this.#rpc.ask('pin/ls', query, asking)
    // What most looks find, so no error is made of it. Kubo has no other sign of it than the text: status 500 and
    // Code 0 are those of any error (measured).
    if (status === 500 && kuboMessage(text)?.endsWith(' is not pinned')) return undefined
    if (status === 500) throw explainAnswer({ status, body: text }, this.#rpc.asked('pin/ls'))
    const { Keys } = foundPins.parse(JSON.parse(text))
    return Object.values(Keys).find(({ Type }) => Type === type)
  }

  async add(
    cid: PinCid,
    options: { name: string | null; onProgress: (progress: PinProgress) => void; signal: AbortSignal },
  ): Promise<void> {
    const query: Query = [
      ['arg', cid.text],
      ['progress', 'true'],
    ]
    if (options.name !== null) query.push(['name', options.name])
    let isPinned = false
    try {
      // Never repeated by itself: the first try may have pinned it, and adding it again puts the pin at risk.
      const adding = { signal: options.signal, deadline: deadlines.pin, repeatable: false }
      for await (const line of this.#rpc.stream('pin/add', query, adding)) {
        const { Pins, Progress, Bytes } = pinLine.parse(line)
        if (Pins === undefined) options.onProgress({ blocks: Progress ?? 0, bytes: Bytes ?? 0 })
        else isPinned ||= Pins.some((pinned) => parseCid(pinned)?.key === cid.key)
      }
    } catch (error) {
      throw this.#asPinError('pin/add', error)
    }
    if (isPinned) return
    const { node } = this.#rpc.asked('pin/add')
    throw new NodeError('bad-answer', `${node} ended its answer without saying that it is pinned`)
  }

  /** What Kubo itself says to one request about one CID is no fault of the node yet. */
  #asPinError(path: string, error: unknown): unknown {
    const explained = explain(error, this.#rpc.asked(path))
    if (!(explained instanceof Refusal)) return explained
    const { message } = explained
    return new PinError(message, {
      cause: explained,
      class: classOfWords(message),
      saysFull: saysFull(message),
    })
  }
}
