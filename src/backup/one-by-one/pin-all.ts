import { retryOf, type Why } from '../../domain/reasons/classes.ts'
import type { TryEnding } from '../../domain/round-tally.ts'
import { Rounds, restarts, type Turn } from '../../domain/rounds.ts'
import type { NodeError } from '../../errors.ts'
import type { Intake } from '../../intake.ts'
import type { PinningOneByOne } from '../../node/node.ts'
import type {
  BackupEvents,
  BackupOptions,
  DuePins,
  FailedPin,
  MissingPin,
  PinResults,
} from '../missing-pins.ts'
import { Attempt, type Shared } from './attempt.ts'
import { type Ended, TryEnd, type Unpinned } from './ended.ts'
import { Judge, type Suspected } from './judge.ts'
import { Movement } from './movement.ts'
import { Restarts } from './restarts.ts'
import { Slots } from './slots.ts'
import { Suspicions } from './suspicions.ts'

/** The service's peers, as far as a backup needs them: see `DelegateConnector`. */
export interface BackupDelegates {
  peerFor(addresses: readonly string[], signal: AbortSignal): Promise<void>
  onNewPeer(listener: (came: number) => void): Disposable
  /** The node was gone for a while. */
  lookAgain(): void
}

export interface BackupEdges extends PinResults, BackupEvents {
  readonly node: PinningOneByOne
  readonly delegates: BackupDelegates
  /** Says whether a pin may begin, and counts what comes. */
  readonly intake: Intake
}

/** Who waits longer for that, in ms, makes way for others meanwhile. */
const quickPeering = 100
/** For so many at once it is waited until the node is peered with their delegates. */
const mostPeering = 256

/**
 * Pins on the node what it lacks, in rounds: see `Rounds`, `patience` and `Slots`.
 *
 * - `concurrency` is of pins in flight, besides those that wait for their first block: see `waitingAllowed`.
 * - A CID is given up after `attempts` tries. What may be the node's fault is held against no CID before it shows
 *   whose fault it was: see `blame`.
 * - At the end of time, what is in flight or untried is left without a result; what was tried in vain has failed.
 * - What finds no room, or comes when enough was fetched, is left without a result too: see `Intake`.
 * - On cancel or a fault of the whole node, none of what has no result yet is held against a CID.
 *
 * @param due in the order in which to try them: see `schedule`
 * @returns the fault of the whole node that ended it
 */
export async function pinAll(
  due: DuePins,
  edges: BackupEdges,
  options: BackupOptions,
): Promise<NodeError | null> {
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
  readonly #suspicions: Suspicions
  readonly #judge: Judge
  readonly #stopping = new AbortController()
  readonly #inFlight = new Set<Attempt>()
  readonly #stages: Record<Stage, number> = { peering: 0, ahead: 0, placed: 0 }
  readonly #over = Promise.withResolvers<void>()
  #stop: Stop | undefined

  constructor(due: DuePins, edges: BackupEdges, options: BackupOptions) {
    this.#edges = edges
    this.#options = options
    this.#rounds = new Rounds(due)
    this.#shared = { edges, options, slots: new Slots(options.concurrency), movement: new Movement() }
    this.#suspicions = new Suspicions(options.concurrency)
    this.#judge = new Judge(edges, this.#suspicions, options.stallTimeout, this.#stopping.signal)
  }

  async run(): Promise<NodeError | null> {
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
    return this.#finish()
  }

  /**
   * Takes as many turns as may be looked up now, ahead of their places, so that no place waits for a look; it is over
   * when none is left and none is on its way.
   */
  #takeTurns(): void {
    while (this.#stages.ahead < this.#options.concurrency && this.#stages.peering < mostPeering) {
      const mayBegin = this.#stop === undefined && !this.#edges.intake.isClosed
      const turn = mayBegin ? this.#rounds.take() : undefined
      if (turn === undefined) break
      void this.#take(turn)
    }
    if (this.#inFlight.size === 0) this.#over.resolve()
  }

  async #take(turn: Turn<MissingPin>): Promise<void> {
    const attempt = new Attempt(turn, this.#shared)
    this.#inFlight.add(attempt)
    this.#edges.onTry?.(turn.round)
    try {
      await this.#settle(attempt, await this.#try(attempt))
    } catch (error) {
      if (this.#stop === undefined) this.#end({ why: 'bug', error })
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

  async #settle(attempt: Attempt, ended: Ended): Promise<void> {
    const { item: entry } = attempt.turn
    if (ended.how === 'pinned' || ended.how === 'found') {
      this.#edges.onPinned(entry)
      this.#tried(attempt, 'pinned', null)
      if (ended.how === 'pinned')
        for (const failure of this.#suspicions.wentWell(entry)) this.#giveUp(failure)
    } else if (ended.how === 'left') this.#tried(attempt, 'left', null)
    else if (this.#stop === undefined) await this.#settleUnpinned(attempt, ended)
  }

  async #settleUnpinned(attempt: Attempt, ended: Unpinned): Promise<void> {
    const { turn } = attempt
    const verdict = await this.#judge.judge(turn.item, ended)
    if (this.#stop !== undefined) return
    if (verdict.fault === 'node') this.#end({ why: 'node', error: verdict.error })
    else if (verdict.fault === 'nobody') this.#anew(attempt, null)
    else if (verdict.fault === 'cid') this.#fail(attempt, verdict.why)
    else this.#suspect(attempt, verdict)
  }

  #suspect(attempt: Attempt, suspected: Suspected): void {
    const { turn } = attempt
    const { item: entry, round } = turn
    const { why } = suspected
    const suspect = { ...suspected, failure: { ...why, entry, tries: round } }
    const fault = suspected.counts ? this.#suspicions.count(suspect) : undefined
    if (suspected.wasGone && suspected.counts) this.#edges.delegates.lookAgain()
    if (fault !== undefined) this.#end({ why: 'node', error: fault })
    else if (suspected.isFree && turn.restarts < restarts.most) this.#anew(attempt, why)
    else if (round < this.#options.attempts) {
      this.#suspicions.note(suspect)
      this.#again(attempt, why)
    } else {
      this.#suspicions.keep(suspect)
      this.#tried(attempt, 'given-up', why)
    }
  }

  #fail(attempt: Attempt, why: Why): void {
    const { item: entry, round } = attempt.turn
    this.#suspicions.forget(entry)
    if (round < this.#options.attempts && retryOf(why.class) === 'later') this.#again(attempt, why)
    else {
      this.#giveUp({ ...why, entry, tries: round })
      this.#tried(attempt, 'given-up', why)
    }
  }

  #again(attempt: Attempt, why: Why): void {
    this.#rounds.again(attempt.turn, why)
    this.#tried(attempt, 'again', why)
  }

  #anew(attempt: Attempt, why: Why | null): void {
    this.#rounds.anew(attempt.turn)
    this.#tried(attempt, 'anew', why)
  }

  #tried({ turn, began }: Attempt, ending: TryEnding, why: Why | null): void {
    const { item: entry, round } = turn
    this.#edges.onTried?.({ entry, round, took: performance.now() - began, ending, why })
  }

  #giveUp(failure: FailedPin): void {
    this.#edges.onFailed(failure)
  }

  #startAnew(cameBy: number): void {
    for (const attempt of this.#inFlight)
      if (attempt.isWaitingSince(cameBy) && attempt.restarts < restarts.most)
        attempt.abort(new TryEnd({ how: 'anew' }))
  }

  /** Starts nothing more and aborts what is in flight; the first reason counts. */
  #end(stop: Stop): void {
    if (this.#stop !== undefined) return
    this.#stop = stop
    this.#stopping.abort()
    for (const attempt of this.#inFlight) attempt.abort()
  }

  #finish(): NodeError | null {
    const stop = this.#stop
    if (stop?.why === 'bug') throw stop.error
    if (stop?.why === 'node') return stop.error
    if (stop?.why === 'cancelled') return null
    // Out of time, or at the end: what was tried in vain has failed, unless it shows that the node is at fault.
    for (const { item: entry, ...failure } of this.#rounds.waiting())
      if (!this.#suspicions.keepNoted(entry)) this.#giveUp({ ...failure, entry })
    const { failed, nodeError } = this.#suspicions.settle()
    for (const failure of failed) this.#giveUp(failure)
    return nodeError
  }
}
