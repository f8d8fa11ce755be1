import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { PinCid } from '../domain/cid.ts'
import { patience, Rounds, type Turn } from '../domain/rounds.ts'
import { NodeError, PinError } from '../errors.ts'
import type { Node, PinProgress } from '../node/node.ts'
import type { DelegateConnector } from './delegates.ts'

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

export interface BackupEdges {
  readonly node: Node
  readonly delegates: Pick<DelegateConnector, 'peerFor' | 'onNewPeer'>
  /** Called as each result is known, so that it can be kept at once; an error that it throws ends the backup. */
  readonly onPinned: (entry: MissingPin) => void
  readonly onFailed: (failure: FailedPin) => void
}

export interface BackupOptions {
  /** Pins in flight. */
  readonly concurrency: number
  /** ms */
  readonly stallTimeout: number
  /** Tries of one CID. */
  readonly attempts: number
  /** When the run must end, ms since the epoch. */
  readonly deadline: number
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/** What Node's timers can count, in ms; a longer wait would end at once. */
const longestTimer = 2 ** 31 - 1
/** Of `concurrency`: so many more are looked up meanwhile, so that no pin in flight waits for the next one's look. */
const lookAhead = 1 / 4
/** A look that is older, in ms, is no look right before. */
const freshLook = 1000
/** For how long a node that broke off is asked again before it counts as down, in ms. */
const nodePatience = 10_000

/**
 * Pins on the node what it lacks, `concurrency` at a time, in rounds: see `Rounds` and `patience`. Only a change of
 * a pin's numbers is progress, as Kubo writes lines also while nothing moves.
 *
 * - A CID is given up after `attempts` tries.
 * - At the deadline, what is in flight or untried is pending; what was tried in vain has failed.
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

class Backup {
  readonly #edges: BackupEdges
  readonly #options: BackupOptions
  readonly #rounds: Rounds<MissingPin>
  readonly #adding: PQueue
  /** Settled once all turns so far are looked up, and those to be added wait for that in their order. */
  #lookedUp: Promise<void> = Promise.resolve()
  readonly #inFlight = new Set<AbortController>()
  /** The pins that wait for their first block. */
  readonly #waiting = new Set<AbortController>()
  readonly #stopping = new AbortController()
  #stop: Stop | undefined
  #nodeCheck: Promise<boolean> | undefined
  readonly #pinned: MissingPin[] = []
  readonly #failed: FailedPin[] = []
  readonly #interrupted: MissingPin[] = []

  constructor(due: readonly MissingPin[], edges: BackupEdges, options: BackupOptions) {
    this.#edges = edges
    this.#options = options
    this.#rounds = new Rounds(due)
    this.#adding = new PQueue({ concurrency: options.concurrency })
  }

  async run(): Promise<BackupResult> {
    const { signal, deadline, concurrency } = this.#options
    const cancel = () => this.#end({ why: 'cancelled' })
    const timeLeft = deadline - Date.now()
    const timer = setTimeout(() => this.#end({ why: 'out-of-time' }), Math.min(timeLeft, longestTimer))
    signal.addEventListener('abort', cancel)
    using _news = this.#edges.delegates.onNewPeer(() => this.#startAnew())
    try {
      if (signal.aborted) cancel()
      else if (timeLeft <= 0) this.#end({ why: 'out-of-time' })
      // A worker that fails a CID takes the next turn itself: those that found nothing to do are never missed.
      const workers = concurrency + Math.ceil(concurrency * lookAhead)
      await Promise.all(Array.from({ length: workers }, () => this.#work()))
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    }
    return this.#result()
  }

  async #work(): Promise<void> {
    while (this.#stop === undefined) {
      const turn = this.#rounds.take()
      if (turn === undefined) return
      try {
        await this.#takeTurn(turn)
      } catch (error) {
        this.#end({ why: 'bug', error })
      }
    }
  }

  async #takeTurn(turn: Turn<MissingPin>): Promise<void> {
    const { item: entry, round } = turn
    const reason = await this.#pin(turn)
    if (reason === 'pinned') {
      this.#pinned.push(entry)
      this.#edges.onPinned(entry)
    } else if (reason === 'interrupted') this.#interrupted.push(entry)
    else if (round < this.#options.attempts) this.#rounds.again(turn, reason.failed)
    else this.#giveUp({ entry, reason: reason.failed, tries: round })
  }

  async #pin({
    item: entry,
    round,
  }: Turn<MissingPin>): Promise<'pinned' | 'interrupted' | { failed: string }> {
    const attempt = new AbortController()
    this.#inFlight.add(attempt)
    try {
      await this.#edges.delegates.peerFor(entry.delegates, attempt.signal)
      await this.#addInTurn(entry, round, attempt)
      return 'pinned'
    } catch (error) {
      return await this.#blame(error)
    } finally {
      this.#inFlight.delete(attempt)
    }
  }

  #isPinned({ cid }: MissingPin, { signal }: AbortController): Promise<boolean> {
    return this.#edges.node.isPinned(cid, signal)
  }

  /** Looks it up while others are added, and adds it in its turn: a quicker look does not overtake. */
  async #addInTurn(entry: MissingPin, round: number, attempt: AbortController): Promise<void> {
    const before = this.#lookedUp
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lookedUp = promise
    let added: Promise<void> | undefined
    try {
      // Also before a second try: a first one that was cut off may have done it.
      const isPinned = await this.#isPinned(entry, attempt)
      const looked = Date.now()
      await before
      if (!isPinned) added = this.#adding.add(() => this.#addUnlessPinned(entry, round, attempt, looked))
    } finally {
      resolve()
    }
    await added
  }

  async #addUnlessPinned(
    entry: MissingPin,
    round: number,
    attempt: AbortController,
    looked: number,
  ): Promise<void> {
    attempt.signal.throwIfAborted()
    const isStale = Date.now() - looked > freshLook
    if (!isStale || !(await this.#isPinned(entry, attempt))) await this.#add(entry, round, attempt)
  }

  async #add(entry: MissingPin, round: number, attempt: AbortController): Promise<void> {
    let seen = { blocks: 0, bytes: 0 }
    const wait = Math.min(patience(round, this.#options), longestTimer)
    const stall = setTimeout(() => attempt.abort(stalled(wait, seen.blocks)), wait)
    const onProgress = (progress: PinProgress) => {
      if (progress.blocks === seen.blocks && progress.bytes === seen.bytes) return
      seen = progress
      stall.refresh()
    }
    try {
      // After a first try of it that was cut off, it may be pinned.
      for (let tries = 0; tries === 0 || !(await this.#isPinned(entry, attempt)); tries++)
        if (await this.#addOnce(entry, attempt, onProgress)) return
    } finally {
      clearTimeout(stall)
    }
  }

  /** @returns `false` where it waited without a block, and a peer came that may have it: Kubo does not ask that one */
  async #addOnce(
    { cid, name }: MissingPin,
    attempt: AbortController,
    onProgress: (progress: PinProgress) => void,
  ): Promise<boolean> {
    const waiting = new AbortController()
    this.#waiting.add(waiting)
    try {
      await this.#edges.node.pin(cid, {
        name,
        signal: AbortSignal.any([attempt.signal, waiting.signal]),
        onProgress: (progress) => {
          if (progress.blocks > 0) this.#waiting.delete(waiting)
          onProgress(progress)
        },
      })
      return true
    } catch (error) {
      if (waiting.signal.aborted && !attempt.signal.aborted) return false
      throw error
    } finally {
      this.#waiting.delete(waiting)
    }
  }

  #startAnew(): void {
    for (const waiting of this.#waiting) waiting.abort()
  }

  /** Whether a pin that did not succeed failed by its own fault, by the node's, or by none. */
  async #blame(error: unknown): Promise<'interrupted' | { failed: string }> {
    if (this.#stop !== undefined) return 'interrupted'
    if (error instanceof PinError) return { failed: error.message }
    if (!(error instanceof NodeError)) throw error
    if (error.fault !== 'unreachable') this.#end({ why: 'node', error })
    else if (await this.#nodeAnswers(error)) return { failed: 'the connection to the node broke off' }
    return 'interrupted'
  }

  /** Whether the node is still there after a request to it broke off; ends the backup where it is not. */
  #nodeAnswers(fault: NodeError): Promise<boolean> {
    this.#nodeCheck ??= this.#checkNode(fault).finally(() => {
      this.#nodeCheck = undefined
    })
    return this.#nodeCheck
  }

  async #checkNode(fault: NodeError): Promise<boolean> {
    const wait = Math.min(nodePatience, this.#options.stallTimeout)
    const until = Date.now() + wait
    while (this.#stop === undefined) {
      try {
        const soon = AbortSignal.timeout(Math.ceil(wait / 3))
        await this.#edges.node.identify(AbortSignal.any([this.#stopping.signal, soon]))
        return true
      } catch (error) {
        if (this.#stop !== undefined) return false
        if (error instanceof NodeError && error.fault !== 'unreachable') this.#end({ why: 'node', error })
        else if (Date.now() >= until) this.#end({ why: 'node', error: fault })
        else await this.#pause(wait / 10)
      }
    }
    return false
  }

  async #pause(ms: number): Promise<void> {
    // It rejects only when the backup stops, which the caller sees.
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }

  #giveUp(failure: FailedPin): void {
    this.#failed.push(failure)
    this.#edges.onFailed(failure)
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
    const waiting = this.#rounds.waiting()
    if (stop?.why === 'out-of-time') {
      for (const { item, tries, reason } of waiting) this.#giveUp({ entry: item, reason, tries })
    }
    const unresolved = stop?.why === 'out-of-time' ? [] : waiting.map(({ item }) => item)
    return {
      pinned: this.#pinned,
      failed: this.#failed,
      pending: [...this.#interrupted, ...unresolved, ...this.#rounds.untried()],
      nodeError: stop?.why === 'node' ? stop.error : null,
    }
  }
}

function stalled(waitedMs: number, blocks: number): PinError {
  const seconds = waitedMs / 1000
  return new PinError(
    blocks === 0
      ? `no block of it came within ${seconds} s`
      : `no progress for ${seconds} s after ${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
  )
}
