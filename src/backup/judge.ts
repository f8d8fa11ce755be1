import type { Doubt } from '../domain/fault.ts'
import type { NodeError, PinError } from '../errors.ts'
import type { Node } from '../node/node.ts'
import type { Doubts } from './doubts.ts'
import type { Call, Unpinned } from './ended.ts'
import { NodeCheck } from './node-check.ts'
import { brokenReason, noSpace, refusesAll, silentNode, unreachable } from './node-faults.ts'
import type { MissingPin } from './pin-all.ts'

export interface InDoubt {
  readonly fault: 'open'
  readonly doubt: Doubt
  readonly reason: string
  /** What to say where the node is at fault. */
  readonly nodeError: NodeError
}

/** Whose fault it is that a try failed. */
export type Verdict =
  | { readonly fault: 'cid'; readonly reason: string }
  | { readonly fault: 'node'; readonly error: NodeError }
  | { readonly fault: 'nobody' }
  | InDoubt

/** Finds out whose fault it is that a try failed, as far as the node shows it by itself; the rest is for `Doubts`. */
export class Judge {
  readonly #node: Node
  readonly #doubts: Doubts
  readonly #check: NodeCheck
  readonly #signal: AbortSignal

  /** @param signal ends what it asks the node */
  constructor(node: Node, doubts: Doubts, stallTimeout: number, signal: AbortSignal) {
    this.#node = node
    this.#doubts = doubts
    this.#check = new NodeCheck(node, stallTimeout, signal)
    this.#signal = signal
  }

  async judge(entry: MissingPin, ended: Unpinned): Promise<Verdict> {
    switch (ended.how) {
      case 'failed':
        return { fault: 'cid', reason: ended.reason }
      case 'anew':
        return { fault: 'nobody' }
      case 'held':
        return { fault: 'node', error: ended.error }
      case 'refused':
        return await this.#judgeRefusal(entry, ended.error)
      case 'silent': {
        const { seconds } = ended
        const reason = `no line of the node’s answer came within ${seconds} s`
        const open = { fault: 'open', doubt: 'silent', reason, nodeError: silentNode(seconds) } as const
        return await this.#askAgain('add', unreachable(seconds), open)
      }
      case 'broken': {
        const { call, error } = ended
        const reason = brokenReason(error)
        return await this.#askAgain(call, error, { fault: 'open', doubt: 'broken', reason, nodeError: error })
      }
    }
  }

  /** Where the node itself answers the very call that had no answer, it stays open whose fault that was. */
  async #askAgain(call: Call, fault: NodeError, open: InDoubt): Promise<Verdict> {
    const error = await this.#check.answers(call, fault)
    return error === undefined ? open : { fault: 'node', error }
  }

  async #judgeRefusal(entry: MissingPin, { message: reason, saysFull }: PinError): Promise<Verdict> {
    if (saysFull) {
      const room = await this.#check.room()
      const isFull = room === 'full' || (room === 'unknown' && this.#doubts.isFullAgain(entry))
      if (isFull) return { fault: 'node', error: noSpace(reason) }
    }
    const dag = await this.#node.readDag(entry.cid, this.#signal)
    // Content that came and can't be read is at fault itself. But a node that reads nothing at all stores nothing either.
    if (dag === 'unreadable' && (await this.#check.room()) !== 'refused') return { fault: 'cid', reason }
    return { fault: 'open', doubt: 'refused', reason, nodeError: refusesAll(reason) }
  }
}
