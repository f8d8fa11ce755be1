import type { Suspicion } from '../../domain/fault.ts'
import { retryOf, type Why } from '../../domain/reasons/classes.ts'
import type { NodeError, PinError } from '../../errors.ts'
import type { PinningOneByOne } from '../../node/node.ts'
import type { BackupEvents, MissingPin } from '../missing-pins.ts'
import type { Unpinned } from './ended.ts'
import { NodeCheck } from './node-check.ts'
import { brokenReason, noSpace, refusesAll, silentNode, unreachable } from './node-faults.ts'
import type { Suspicions } from './suspicions.ts'

export interface Suspected {
  readonly fault: 'open'
  readonly suspicion: Suspicion
  readonly why: Why
  /** What to say where the node is at fault. */
  readonly nodeError: NodeError
  /** `false` for one that ended together with others, of which one counts. */
  readonly counts: boolean
  /** The node was gone and is back, or what was in flight broke together: that costs no try. */
  readonly isFree: boolean
  /** The node was gone and is back. */
  readonly wasGone: boolean
  /** Whether the node stored a block of our own then. */
  readonly isStoring: boolean
}

/** Whose fault it is that a try failed. */
export type Verdict =
  | { readonly fault: 'cid'; readonly why: Why }
  | { readonly fault: 'node'; readonly error: NodeError }
  | { readonly fault: 'nobody' }
  | Suspected

/** Finds out whose fault it is that a try failed, as far as the node shows it by itself; the rest is for `Suspicions`. */
export class Judge {
  readonly #node: PinningOneByOne
  readonly #suspicions: Suspicions
  readonly #check: NodeCheck
  readonly #signal: AbortSignal
  /** When the node last answered again after a break that counted. */
  #answered = Number.NEGATIVE_INFINITY

  /** @param signal ends what it asks the node */
  constructor(
    { node, onAway }: { readonly node: PinningOneByOne } & Pick<BackupEvents, 'onAway'>,
    suspicions: Suspicions,
    stallTimeout: number,
    signal: AbortSignal,
  ) {
    this.#node = node
    this.#suspicions = suspicions
    this.#check = new NodeCheck(node, { stallTimeout, signal, onAway })
    this.#signal = signal
  }

  async judge(entry: MissingPin, ended: Unpinned): Promise<Verdict> {
    switch (ended.how) {
      case 'failed':
        return { fault: 'cid', why: ended.why }
      case 'anew':
        return { fault: 'nobody' }
      case 'held':
        return { fault: 'node', error: ended.error }
      case 'refused':
        return await this.#judgeRefusal(entry, ended.error)
      case 'silent': {
        const { seconds } = ended
        const why: Why = {
          reason: `no line of the node’s answer came within ${seconds} s`,
          class: 'timed-out',
        }
        // Where the node itself answers the very call that had no answer, it stays open whose fault that was.
        const { error } = await this.#check.answers('add', unreachable(seconds))
        if (error !== undefined) return { fault: 'node', error }
        return open('silent', why, silentNode(seconds))
      }
      case 'broken': {
        const { error, wasGone } = await this.#check.answers(ended.call, ended.error)
        if (error !== undefined) return { fault: 'node', error }
        const counts = this.#isAnother(ended.asked)
        const why: Why = { reason: brokenReason(ended.error), class: 'broken-off' }
        const broken = open('broken', why, ended.error)
        return { ...broken, counts, wasGone, isFree: wasGone || !counts }
      }
    }
  }

  /** A restart of the daemon breaks all that is in flight: that is one break, however many pins it meets. */
  #isAnother(asked: number): boolean {
    const isAnother = asked > this.#answered
    if (isAnother) this.#answered = performance.now()
    return isAnother
  }

  async #judgeRefusal(entry: MissingPin, { why, saysFull }: PinError): Promise<Verdict> {
    const { reason } = why
    // No node says that of another CID, whatever is wrong with it.
    if (retryOf(why.class) === 'never') return { fault: 'cid', why }
    if (saysFull) {
      const room = await this.#check.room()
      const isFull = room === 'full' || (room === 'unknown' && this.#suspicions.isFullAgain(entry))
      if (isFull) return { fault: 'node', error: noSpace(reason) }
    }
    if (this.#suspicions.isOwn(entry)) return { fault: 'cid', why }
    const dag = await this.#node.readDag(entry.cid, this.#signal)
    // Content that came and can't be read is at fault itself. But a node that reads nothing at all stores nothing either.
    if (dag === 'unreadable' && (await this.#check.room()) !== 'refused')
      return { fault: 'cid', why: { reason, class: 'unreadable' } }
    const isStoring = this.#suspicions.hasGoneWell || (await this.#check.room()) === 'room'
    return { ...open('refused', why, refusesAll(reason)), isStoring }
  }
}

function open(suspicion: Suspicion, why: Why, nodeError: NodeError): Suspected {
  const rest = { counts: true, isFree: false, wasGone: false, isStoring: false }
  return { fault: 'open', suspicion, why, nodeError, ...rest }
}
