import { setTimeout as sleep } from 'node:timers/promises'
import { NodeError } from '../../errors.ts'
import type { PinningOneByOne, Room } from '../../node/node.ts'
import type { BackupEvents } from '../missing-pins.ts'
import type { Call } from './ended.ts'

/** For how long a node that broke off is asked again before it counts as down, in ms. */
const nodePatience = 10_000
/** Of many that ask whether there is room, one writes; ms. */
const freshRoom = 5_000

/** What came of asking a node again. */
export interface Answering {
  /** Its fault; `undefined` where it answers now, or all checks are over. */
  readonly error: NodeError | undefined
  /** It did not answer at first. */
  readonly wasGone: boolean
}

/** Asks the node itself whether it is at fault; those that ask for the same at the same time share the answer. */
export class NodeCheck {
  readonly #node: PinningOneByOne
  readonly #wait: number
  readonly #signal: AbortSignal
  readonly #onAway: BackupEvents['onAway']
  readonly #asked = new Map<Call, Promise<Answering>>()
  #room: { readonly asked: number; readonly answer: Promise<Room> } | undefined

  /** @param options.signal ends all checks */
  constructor(
    node: PinningOneByOne,
    options: { readonly stallTimeout: number; readonly signal: AbortSignal } & Pick<BackupEvents, 'onAway'>,
  ) {
    this.#node = node
    this.#wait = Math.min(nodePatience, options.stallTimeout)
    this.#signal = options.signal
    this.#onAway = options.onAway
  }

  /** Asks again the very call that had no proper answer. @param fault of the node, where it does not answer */
  answers(call: Call, fault: NodeError): Promise<Answering> {
    const asked = this.#asked.get(call) ?? this.#askAgain(call, fault).finally(() => this.#asked.delete(call))
    this.#asked.set(call, asked)
    return asked
  }

  /** Whether it stores anything. */
  room(): Promise<Room> {
    if (this.#room === undefined || performance.now() - this.#room.asked > freshRoom)
      this.#room = { asked: performance.now(), answer: this.#node.room(this.#signal) }
    return this.#room.answer
  }

  async #askAgain(call: Call, fault: NodeError): Promise<Answering> {
    const until = performance.now() + this.#wait
    let wasGone = false
    while (!this.#signal.aborted) {
      try {
        const soon = AbortSignal.timeout(Math.ceil(this.#wait / 3))
        await this.#node.answers(call, AbortSignal.any([this.#signal, soon]))
        break
      } catch (error) {
        if (this.#signal.aborted) break
        if (!wasGone) this.#onAway?.(this.#wait)
        wasGone = true
        if (error instanceof NodeError && error.fault === 'unauthorised') return { error, wasGone }
        if (performance.now() >= until) return { error: fault, wasGone }
        // It rejects only when all checks are over, which the loop sees.
        await sleep(this.#wait / 10, undefined, { signal: this.#signal }).catch(() => undefined)
      }
    }
    return { error: undefined, wasGone }
  }
}
