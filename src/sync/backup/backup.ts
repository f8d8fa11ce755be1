import type { PinCid } from '../../domain/cid.ts'
import { Rounds, restarts, type Turn } from '../../domain/rounds.ts'
import type { NodeError } from '../../errors.ts'
import type { Node } from '../../node/node.ts'
import { Attempt, type Shared } from './attempt.ts'
import { Doubts } from './doubts.ts'
import { type Ended, Ending, type Unpinned } from './ended.ts'
import { type InDoubt, Judge } from './judge.ts'
import { Restarts } from './restarts.ts'
import { Slots } from './slots.ts'
import { Movement } from './watch.ts'

/** A CID that the service has pinned and the node lacks. */
export interface MissingPin {
  readonly cid: PinCid
  /** At most 255 bytes. */
  readonly name: string | null
  readonly bucket: string
  /** Of its own request: multiaddrs as the service gave them, which need not parse. */
  readonly delegates: readonly string[]
}

export interface FailedPin {
  readonly entry: MissingPin
  /** Of its last try, in the node's words. */
  readonly reason: string
  /** In this run. */
  readonly tries: number
}

export interface BackupResult {
  readonly pinned: readonly MissingPin[]
  readonly failed: readonly FailedPin[]
  /** Neither pinned nor given up when the run had to end. */
  readonly pending: readonly MissingPin[]
  /** The fault of the whole node that ended it. */
  readonly nodeError: NodeError | null
}

/** The service's peers, as far as a backup needs them: see `DelegateConnector`. */
export interface BackupDelegates {
  peerFor(addresses: readonly string[], signal: AbortSignal): Promise<void>
  onNewPeer(listener: (came: number) => void): Disposable
  /** The node was gone for a while. */
  lookAgain(): void
}

export interface BackupEdges {
  readonly node: Node
  readonly delegates: BackupDelegates
  /** Called as each result is known, so that it can be kept at once; an error that it throws ends the backup. */
  readonly onPinned: (entry: MissingPin) => void
  readonly onFailed: (failure: FailedPin) => void
}

export interface BackupOptions {
  /** Pins in flight, besides those that wait for their first block: see `waitingAllowed`. */
  readonly concurrency: number
  /** ms */
  readonly stallTimeout: number
  /** Tries of one CID. */
  readonly attempts: number
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
  /** Aborted when the run is cancelled, and when its time is over. */
  readonly inTime: AbortSignal
}

/** Of `concurrency`: so many more are looked up meanwhile, so that no place waits for the next one's look. */
const lookAhead = 1 / 4
/** Who waits longer for that, in ms, makes way for others meanwhile. */
const quickPeering = 100
/** For so many at once it is waited until the node is peered with their delegates. */
const mostPeering = 256

/**
 * Pins on the node what it lacks, in rounds: see `Rounds`, `patience` and `Slots`.
 *
 * - A CID is given up after `attempts` tries. What may be the node's fault is held against no CID before it shows
 *   whose fault it was: see `blame`.
 * - At the end of time, what is in flight or untried is pending; what was tried in vain has failed.
 * - On cancel or a fault of the whole node, all that has no result yet is pending: none of it is held against a CID.
 *
 * @param due in the order in which to try them: see `schedule`
 */
export async function backUp(
  due: readonly MissingPin[],
  edges: BackupEdges,
  options: BackupOptions,
): Promise<BackupResult> {
  return new Backup(due, edges, options).run()
}

type Stop =
  | { readonly why: 'cancelled' | 'out-of-time' }
  | { readonly why: 'node'; readonly error: NodeError }
  | { readonly why: 'bug'; readonly error: unknown }

/** Of a try: it waits long until the node is peered with its delegates; it is looked up ahead; it got its place. */
type Stage = 'peering' | 'ahead' | 'placed'

class Backup {
  readonly #edges: BackupEdges
  readonly #options: BackupOptions
  readonly #rounds: Rounds<MissingPin>
  readonly #shared: Shared
  readonly #doubts: Doubts
  readonly #judge: Judge
  readonly #stopping = new AbortController()
  readonly #inFlight = new Set<Attempt>()
  readonly #stages: Record<Stage, number> = { peering: 0, ahead: 0, placed: 0 }
  readonly #over = Promise.withResolvers<void>()
  #stop: Stop | undefined
  readonly #pinned: MissingPin[] = []
  readonly #failed: FailedPin[] = []
  readonly #interrupted: MissingPin[] = []

  constructor(due: readonly MissingPin[], edges: BackupEdges, options: BackupOptions) {
    this.#edges = edges
    this.#options = options
    this.#rounds = new Rounds(due)
    this.#shared = { edges, options, slots: new Slots(options.concurrency), movement: new Movement() }
    this.#doubts = new Doubts(options.concurrency)
    this.#judge = new Judge(edges.node, this.#doubts, options.stallTimeout, this.#stopping.signal)
  }

  async run(): Promise<BackupResult> {
    const { signal, inTime } = this.#options
    const end = () => this.#end({ why: signal.aborted ? 'cancelled' : 'out-of-time' })
    using restarting = new Restarts((cameBy) => this.#startAnew(cameBy))
    using _ = this.#edges.delegates.onNewPeer(restarting.newPeer)
    inTime.addEventListener('abort', end)
    try {
      if (inTime.aborted) end()
      this.#takeTurns()
      await this.#over.promise
    } finally {
      inTime.removeEventListener('abort', end)
    }
    return this.#result()
  }

  /** Takes as many turns as may be looked up now; it is over when none is left and none is on its way. */
  #takeTurns(): void {
    const more = Math.ceil(this.#options.concurrency * lookAhead)
    while (this.#stages.ahead < more && this.#stages.peering < mostPeering) {
      const turn = this.#stop === undefined ? this.#rounds.take() : undefined
      if (turn === undefined) break
      void this.#take(turn)
    }
    if (this.#inFlight.size === 0) this.#over.resolve()
  }

  async #take(turn: Turn<MissingPin>): Promise<void> {
    const attempt = new Attempt(turn, this.#shared)
    this.#inFlight.add(attempt)
    try {
      await this.#settle(turn, await this.#try(attempt))
    } catch (error) {
      if (this.#stop === undefined) this.#end({ why: 'bug', error })
      this.#interrupted.push(turn.item)
    } finally {
      this.#inFlight.delete(attempt)
      this.#takeTurns()
    }
  }

  async #try(attempt: Attempt): Promise<Ended> {
    let stage: Stage = 'ahead'
    this.#stages.ahead++
    const become = (next: Stage) => {
      this.#stages[stage]--
      this.#stages[next]++
      stage = next
      this.#takeTurns()
    }
    const slow = setTimeout(() => become('peering'), quickPeering)
    try {
      await attempt.peer()
      clearTimeout(slow)
      become('ahead')
      return await attempt.pin(() => become('placed'))
    } finally {
      clearTimeout(slow)
      become('placed')
    }
  }

  async #settle(turn: Turn<MissingPin>, ended: Ended): Promise<void> {
    const { item: entry } = turn
    if (ended.how === 'pinned' || ended.how === 'found') {
      this.#pinned.push(entry)
      this.#edges.onPinned(entry)
      if (ended.how === 'pinned') for (const failure of this.#doubts.wentWell(entry)) this.#giveUp(failure)
    } else if (this.#stop !== undefined) this.#interrupted.push(entry)
    else await this.#settleUnpinned(turn, ended)
  }

  async #settleUnpinned(turn: Turn<MissingPin>, ended: Unpinned): Promise<void> {
    const verdict = await this.#judge.judge(turn.item, ended)
    if (this.#stop !== undefined) this.#interrupted.push(turn.item)
    else if (verdict.fault === 'node') this.#endByNode(turn, verdict.error)
    else if (verdict.fault === 'nobody') this.#rounds.anew(turn)
    else if (verdict.fault === 'cid') this.#fail(turn, verdict.reason)
    else this.#doubt(turn, verdict)
  }

  #doubt(turn: Turn<MissingPin>, inDoubt: InDoubt): void {
    const { item: entry, round } = turn
    const { reason } = inDoubt
    const doubtful = { ...inDoubt, failure: { entry, reason, tries: round } }
    const fault = inDoubt.counts ? this.#doubts.count(doubtful) : undefined
    if (inDoubt.wasGone && inDoubt.counts) this.#edges.delegates.lookAgain()
    if (fault !== undefined) this.#endByNode(turn, fault)
    else if (inDoubt.isFree && turn.restarts < restarts.most) this.#rounds.anew(turn)
    else if (round < this.#options.attempts) {
      this.#doubts.note(doubtful)
      this.#rounds.again(turn, reason)
    } else this.#doubts.keep(doubtful)
  }

  #fail(turn: Turn<MissingPin>, reason: string): void {
    const { item: entry, round } = turn
    this.#doubts.forget(entry)
    if (round < this.#options.attempts) this.#rounds.again(turn, reason)
    else this.#giveUp({ entry, reason, tries: round })
  }

  #giveUp(failure: FailedPin): void {
    this.#failed.push(failure)
    this.#edges.onFailed(failure)
  }

  #startAnew(cameBy: number): void {
    for (const attempt of this.#inFlight)
      if (attempt.isWaitingSince(cameBy) && attempt.restarts < restarts.most)
        attempt.abort(new Ending({ how: 'anew' }))
  }

  #endByNode({ item }: Turn<MissingPin>, error: NodeError): void {
    this.#interrupted.push(item)
    this.#end({ why: 'node', error })
  }

  /** Starts nothing more and aborts what is in flight; the first reason counts. */
  #end(stop: Stop): void {
    if (this.#stop !== undefined) return
    this.#stop = stop
    this.#stopping.abort()
    for (const attempt of this.#inFlight) attempt.abort()
  }

  #result(): BackupResult {
    const stop = this.#stop
    if (stop?.why === 'bug') throw stop.error
    const tried = this.#rounds.waiting()
    const pending = [...this.#interrupted, ...this.#rounds.untried()]
    if (stop?.why === 'cancelled' || stop?.why === 'node') {
      const open = [...tried.map(({ item }) => item), ...this.#doubts.open]
      const nodeError = stop.why === 'node' ? stop.error : null
      return { pinned: this.#pinned, failed: this.#failed, pending: [...pending, ...open], nodeError }
    }
    // Out of time, or at the end: what was tried in vain has failed, unless it shows that the node is at fault.
    for (const { item, tries, reason } of tried)
      if (!this.#doubts.keepNoted(item)) this.#giveUp({ entry: item, reason, tries })
    const settled = this.#doubts.settle()
    for (const failure of settled.failed) this.#giveUp(failure)
    const { nodeError } = settled
    return {
      pinned: this.#pinned,
      failed: this.#failed,
      pending: [...pending, ...settled.pending],
      nodeError,
    }
  }
}
