import { setTimeout as sleep } from 'node:timers/promises'
import pMap from 'p-map'
import PQueue from 'p-queue'
import { type CidKey, parseCid } from '../../domain/cid.ts'
import { progressOf, queuePatience } from '../../domain/peer-faults.ts'
import { type ReplicatedPin, standingOf } from '../../domain/replication.ts'
import { Rounds, restarts, type Turn } from '../../domain/rounds.ts'
import { NodeError, PinError } from '../../errors.ts'
import type { BackupOptions, DuePins, MissingPin } from '../missing-pins.ts'
import { queuesStand } from './bulk-faults.ts'
import { BulkJudge, type Try } from './bulk-judge.ts'
import { Followed, mostFollowed, mostHindered } from './followed.ts'
import type { BulkEdges } from './hand-over-all.ts'
import { InHand } from './in-hand.ts'
import { patiently } from './patiently.ts'
import { PeersNow } from './peers-now.ts'
import { Reminders } from './reminders.ts'

/** Between two polls, ms; they are as far apart as two of them take, where that is more. */
const leastPause = 1_000
/** Of those that wait for a peer in trouble so many are looked at in each poll. */
const mostHinderedLooks = 1_000
/** Looks that go on at once. */
const looksAtOnce = 4
/** What was just handed over may not be shown yet, in ms: a cluster may write down many together (`max_batch_age`). */
const arrival = 30_000

type Stop =
  | { readonly why: 'done' | 'over' }
  | { readonly why: 'node'; readonly error: NodeError }
  | { readonly why: 'bug'; readonly error: unknown }

export class BulkBackup {
  readonly #edges: BulkEdges
  readonly #options: BackupOptions
  readonly #rounds: Rounds<MissingPin>
  readonly #peers: PeersNow
  readonly #judge: BulkJudge
  readonly #reminders: Reminders
  readonly #inHand = new InHand({ going: mostFollowed, hindered: mostHindered })
  readonly #writes: PQueue
  readonly #stopping = new AbortController()
  /** CIDs that are being looked up or handed over. */
  #busy = 0
  #news = Promise.withResolvers<void>()
  /** When anything last changed. */
  #moved = performance.now()
  #stop: Stop | undefined

  constructor(due: DuePins, edges: BulkEdges, options: BackupOptions) {
    this.#edges = edges
    this.#options = options
    this.#rounds = new Rounds(due)
    this.#peers = new PeersNow(edges.node)
    this.#judge = new BulkJudge(edges, options, this.#peers)
    this.#reminders = new Reminders(options)
    this.#writes = new PQueue({ concurrency: options.concurrency })
  }

  async run(): Promise<NodeError | null> {
    const { signal, inTime } = this.#options
    const end = () => this.#end({ why: 'over' })
    inTime.addEventListener('abort', end)
    try {
      if (inTime.aborted) end()
      // One that dies while the backup lasts tells its name no more.
      await this.#unlessOver(() => this.#patiently(() => this.#peers.look(this.#stopping.signal)))
      await Promise.all([this.#unlessOver(() => this.#feed()), this.#unlessOver(() => this.#follow())])
      await this.#writes.onIdle()
    } finally {
      inTime.removeEventListener('abort', end)
    }
    const stop = this.#stop as Stop
    if (stop.why === 'bug') throw stop.error
    // On cancel, and where the whole node is at fault, nothing more is held against any CID.
    if (stop.why === 'node') return stop.error
    return signal.aborted ? null : this.#judge.conclude(this.#rounds.waiting(), this.#inHand.hindered)
  }

  /** What a part of the work throws ends all of it. */
  async #unlessOver(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (this.#stop !== undefined) return
      if (error instanceof NodeError) this.#end({ why: 'node', error })
      else this.#end({ why: 'bug', error })
    }
  }

  /** The first reason counts. */
  #end(stop: Stop): void {
    this.#stop ??= stop
    this.#stopping.abort()
    this.#news.resolve()
  }

  /** Gives the node what is next, as long as it has room for more. */
  async #feed(): Promise<void> {
    const { node } = this.#edges
    while (this.#stop === undefined) {
      const turns = this.#takeTurns(Math.min(node.mostAtOnce, this.#inHand.room))
      if (turns.length === 0) {
        if (this.#busy + this.#inHand.size === 0) return this.#end({ why: 'done' })
        await this.#news.promise
        this.#news = Promise.withResolvers()
        continue
      }
      this.#busy += turns.length
      const signal = this.#stopping.signal
      const cids = turns.map(({ item }) => item.cid)
      const there = await this.#patiently(() => node.look(cids, signal))
      for (const turn of turns) {
        await this.#writes.onSizeLessThan(this.#options.concurrency)
        void this.#writes.add(() =>
          this.#unlessOver(() => this.#begin(turn, there.get(turn.item.cid.key))).finally(() => {
            this.#busy--
            this.#news.resolve()
          }),
        )
      }
    }
  }

  #takeTurns(most: number): Turn<MissingPin>[] {
    const turns: Turn<MissingPin>[] = []
    while (turns.length < most) {
      const turn = this.#rounds.take()
      if (turn === undefined) break
      turns.push(turn)
    }
    return turns
  }

  /** Brings a CID on its way, and follows it from then on. @param pin what the node has of it */
  async #begin(turn: Turn<MissingPin>, pin: ReplicatedPin | undefined): Promise<void> {
    if (this.#stop !== undefined) return
    const { signal } = this.#stopping
    const began = performance.now()
    this.#edges.onTry?.(turn.round)
    try {
      if (pin === undefined) await this.#handOver(turn.item, signal)
      else if (standingOf(pin) === 'pinned') return this.#judge.pinned({ turn, began })
      else if (pin.peers.some(({ standing }) => standing === 'failed' || standing === 'lost'))
        await this.#edges.node.recover(pin, signal)
    } catch (error) {
      if (error instanceof PinError) return this.#refuse({ turn, began }, error)
      if (!(error instanceof NodeError) || error.fault !== 'unreachable' || signal.aborted) throw error
      // It may have been taken in: where the node answers again, it is looked at with the others.
      await this.#patiently(() => this.#edges.node.peers(signal))
    }
    this.#inHand.add(new Followed(turn, pin))
    this.#moved = performance.now()
  }

  async #handOver({ cid, name, delegates }: MissingPin, signal: AbortSignal): Promise<void> {
    const { node, originsOf } = this.#edges
    const origins = originsOf(delegates)
    try {
      await node.handOver(cid, { name, origins, signal })
    } catch (error) {
      // An address that it cannot read is not the CID's fault.
      if (!(error instanceof PinError && error.isOwn) || origins.length === 0) throw error
      await node.handOver(cid, { name, origins: [], signal })
    }
    this.#judge.taken()
  }

  #refuse(one: Try, error: PinError): void {
    const verdict = this.#judge.refusedToTake(one, error)
    if (verdict === 'again') this.#rounds.again(one.turn, error.why)
    else if (verdict !== undefined) this.#end({ why: 'node', error: verdict })
  }

  /** Looks how all stand that are in the node's hands, again and again. */
  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    let pause = leastPause
    while (this.#stop === undefined) {
      await sleep(pause, undefined, { signal })
      const started = performance.now()
      await this.#patiently(() => this.#peers.look(signal))
      await this.#poll(started)
      await this.#reminders.ofUnheard(this.#inHand.going, ({ turn }) => this.#handOver(turn.item, signal))
      pause = Math.max(leastPause, 2 * (performance.now() - started))
      this.#news.resolve()
      this.#endIfHindered()
    }
  }

  async #poll(started: number): Promise<void> {
    const { node } = this.#edges
    const { signal } = this.#stopping
    const moving = await this.#patiently(async () => {
      const found = new Map<CidKey, ReplicatedPin>()
      for await (const pin of node.unsettled(signal)) {
        const key = parseCid(pin.cid)?.key
        if (key === undefined || this.#inHand.get(key) === undefined) continue
        if (progressOf(pin, this.#peers.troubleOf).how === 'moving') found.set(key, pin)
      }
      return found
    })
    for (const [key, pin] of moving) {
      const one = this.#inHand.get(key)
      if (one !== undefined && one.began <= started) await this.#see(one, pin)
    }
    const others = this.#inHand.going.filter(
      ({ turn, began }) => began <= started && !moving.has(turn.item.cid.key),
    )
    await this.#lookAt([...others, ...this.#inHand.longestUnseen(mostHinderedLooks)])
  }

  async #lookAt(all: readonly Followed[]): Promise<void> {
    const { node } = this.#edges
    const { signal } = this.#stopping
    const batches = Array.from({ length: Math.ceil(all.length / node.mostAtOnce) }, (_, batch) =>
      all.slice(batch * node.mostAtOnce, (batch + 1) * node.mostAtOnce),
    )
    const look = async (batch: readonly Followed[]) => {
      const cids = batch.map(({ turn }) => turn.item.cid)
      const pins = await this.#patiently(() => node.look(cids, signal))
      for (const one of batch) await this.#see(one, pins.get(one.turn.item.cid.key))
    }
    await pMap(batches, look, { concurrency: looksAtOnce, signal })
  }

  async #see(one: Followed, pin: ReplicatedPin | undefined): Promise<void> {
    await this.#takeIn(one, pin)
    if (this.#inHand.sort(one)) this.#judge.letGo(one)
  }

  async #takeIn(one: Followed, pin: ReplicatedPin | undefined): Promise<void> {
    const now = performance.now()
    const { turn } = one
    if (pin === undefined) {
      if (now - one.began > arrival) this.#lose(one)
      return
    }
    if (one.see(pin, now)) this.#moved = now
    const progress = progressOf(pin, this.#peers.troubleOf)
    one.hindered = progress.how === 'hindered' ? progress.by : undefined
    one.isUnheard = progress.how === 'unheard'
    one.idleSince = one.isUnheard || progress.how === 'lost' ? (one.idleSince ?? now) : undefined
    if (progress.how === 'pinned') {
      this.#moved = now
      this.#inHand.drop(one)
      this.#judge.pinned(one, one.newlyAt(pin))
    } else if (progress.how === 'failed') {
      this.#inHand.drop(one)
      const why = this.#judge.failed(one, progress.refusals)
      if (why !== null) this.#rounds.again(turn, why)
    } else if (progress.how === 'lost') {
      const recover = () => this.#patiently(() => this.#edges.node.recover(pin, this.#stopping.signal))
      await this.#reminders.ofLost(one, progress.at, recover)
    } else if (progress.how === 'moving' && !progress.isQueued) {
      if (now - one.changed < this.#options.stallTimeout) return
      this.#inHand.drop(one)
      this.#judge.stalled(one, progress.at)
    }
  }

  /** The node took it in, and does not show it: it is given once more. */
  #lose(one: Followed): void {
    const { turn } = one
    this.#inHand.drop(one)
    if (turn.restarts >= restarts.most) this.#judge.vanished(one)
    else {
      this.#rounds.anew(turn)
      this.#judge.tried(one, 'anew', null)
    }
  }

  /** Where all that is left waits for peers in trouble, or in queues that stand, waiting longer is no use. */
  #endIfHindered(): void {
    const { stallTimeout } = this.#options
    const { going, hindered } = this.#inHand
    if (this.#busy > 0) return
    const now = performance.now()
    if (going.length === 0) {
      const haveWaited = hindered.every(({ changed }) => now - changed >= stallTimeout)
      if (haveWaited && !this.#rounds.areTurnsLeft) this.#end({ why: 'done' })
      return
    }
    const still = now - this.#moved
    const unheard = going.filter(({ isUnheard }) => isUnheard).length
    if (still < queuePatience({ stallTimeout, isAnyUnheard: unheard > 0 })) return
    const counts = { queued: going.length - unheard, unheard, seconds: Math.round(still / 1000) }
    this.#end({ why: 'node', error: queuesStand(counts) })
  }

  #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const { stallTimeout } = this.#options
    return patiently(ask, { stallTimeout, signal: this.#stopping.signal, onAway: this.#edges.onAway })
  }
}
