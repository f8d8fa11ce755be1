import type { DelegateConnector } from '../delegates/connector.ts'
import type { KnownFailures } from '../domain/known-failures.ts'
import { type LongWork, stepsAtATime } from '../domain/long-work.ts'
import { Outcomes } from '../domain/outcomes.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { UpdateAgenda, Wanted } from '../domain/plan-update.ts'
import { ownClass, type Why } from '../domain/reasons/classes.ts'
import { addReason, type ReasonCounts } from '../domain/reasons/counts.ts'
import { whyItFailed } from '../domain/reasons/service.ts'
import type { RunTime } from '../run-time.ts'
import type { RequestState } from '../snapshot/bucket/requests.ts'
import type { Doubts, Sent } from '../snapshot/doubts.ts'
import type { Ledger } from '../snapshot/ledger.ts'
import { Followed } from './followed.ts'
import { Reasons } from './reasons.ts'
import type { SendEvents } from './sending/send-all.ts'
import type { Turn } from './sending/turns.ts'
import type { SettlingBuckets } from './settling-buckets.ts'

export interface OutcomeInput {
  readonly buckets: SettlingBuckets
  readonly ledger: Ledger
  readonly doubts: Doubts
  readonly delegates: DelegateConnector
  readonly time: RunTime
}

/** A request that only a look shows, and that failed: where it can be looked at again. */
export interface UnlistedFailure {
  readonly bucket: string
  readonly requestid: string
}

/** In numbers of CIDs, by bucket in their order. */
export interface InBuckets {
  readonly missing: readonly number[]
  readonly pinned: readonly number[]
}

/** What becomes of each CID: kept in the ledger, in what is in doubt, and for the report; a few bytes each. */
export class Outcome implements SendEvents {
  readonly results: Outcomes
  readonly followed: Followed
  /** Why it is not known of some whether they are there. */
  readonly gaps = new Reasons()
  /** Why some were not asked for, for their own sake. */
  readonly leftBe = new Reasons()
  /** By index. */
  readonly unlistedFailures = new Map<number, UnlistedFailure>()
  /** How many wait for their next try. */
  resting = 0
  /** How many were not sent as the service may have them. */
  inDoubt = 0
  readonly #agenda: UpdateAgenda
  readonly #input: OutcomeInput
  readonly #before: KnownFailures
  /** Called once for each that was asked for, whatever came of it. */
  onDone = () => {}
  #accepted = 0
  /** Taken, or refused in the service's words. */
  #answered = 0
  /** Why the answers did not count of what may have been taken, by index; `null` for what was cut off. */
  readonly #doubted = new Map<number, string | null>()
  /** 1 for those of which it is known what became of them: what is noted of them is struck out at the end. */
  readonly #settled: Uint8Array
  /** Why some failed of which it was not told yet. */
  #untold: Parameters<typeof addReason>[0] = new Map()

  /** @param before what the ledger had */
  constructor(agenda: UpdateAgenda, input: OutcomeInput, before: KnownFailures) {
    this.#agenda = agenda
    this.#input = input
    this.#before = before
    this.results = new Outcomes(agenda.length)
    this.#settled = new Uint8Array(agenda.length)
    this.followed = new Followed(
      agenda.length,
      input.buckets.listed.map(({ name }) => name),
    )
  }

  accepted(turn: Turn, { created, delegates }: PinRequest): void {
    this.#accepted++
    this.#answered++
    this.#wasAskedFor(turn.index)
    this.followed.add(turn.index, { bucket: turn.bucket, created }, 'known', 'waits', 'sure')
    this.#fetchedThrough(delegates)
    this.#askedAgain(turn)
  }

  /** No listing shows it, so that it stays in doubt: the next run looks for it again, whatever it is now. */
  found(turn: Turn, { status, created, delegates, requestid }: PinRequest): void {
    const { index, bucket } = turn
    this.#wasAskedFor(index)
    this.#fetchedThrough(delegates)
    this.#askedAgain(turn)
    if (status === 'pinned') {
      this.followed.add(index, { bucket, created }, 'known')
      this.#pin(turn)
    } else this.followed.add(index, { bucket, created }, 'known', 'waits')
    if (status === 'failed') this.unlistedFailures.set(index, { bucket, requestid })
  }

  heldBack(turn: Turn, why: string | null): void {
    this.#wasAskedFor(turn.index)
    this.inDoubt++
    if (why !== null) this.gaps.add(why)
    this.#askedAgain(turn)
  }

  doubted(turn: Turn, reason: string | null): void {
    this.notSurelyRefused(turn.index, reason)
    if (reason !== null) this.#askedAgain(turn)
  }

  notSurelyRefused(index: number, reason: string | null): void {
    this.#wasAskedFor(index)
    this.#doubted.set(index, reason)
    this.followed.add(index, { bucket: this.#agenda.at(index).bucket, created: null }, 'waits')
  }

  refused(turn: Turn, words: string): void {
    this.#answered++
    this.#wasAskedFor(turn.index)
    this.#fail(turn, { reason: words, class: ownClass(words) })
  }

  leftAlone(why: string): void {
    this.leftBe.add(why)
  }

  /** @param isOpen whether one of which nothing was heard may have been sent in an earlier run */
  notSent(index: number, isOpen: boolean): void {
    this.results.set(index, isOpen ? 'pending' : 'unsent')
    if (isOpen) this.inDoubt++
  }

  /** It is pinned, or the request for it failed. */
  settled(index: number, failed: RequestState | null): void {
    this.#settled[index] = 1
    const turn = this.turnOf(index)
    if (failed === null) this.#pin(turn)
    else this.#fail(turn, whyItFailed(failed.failureReason), failed.created)
  }

  /** A CID of the agenda, in the bucket where its request is. */
  turnOf(index: number): Turn {
    const wanted = this.#agenda.at(index)
    return { index, ...wanted, bucket: this.followed.bucketOf(index) ?? wanted.bucket }
  }

  /** How many of the agenda are each bucket's, and how many of those are pinned now; in the order of the buckets. */
  *inBuckets(): LongWork<InBuckets> {
    const { listed } = this.#input.buckets
    const places = new Map(listed.map(({ name }, place) => [name, place]))
    const [missing, pinned] = [listed.map(() => 0), listed.map(() => 0)]
    for (let index = 0; index < this.#agenda.length; index++) {
      if (index % stepsAtATime === stepsAtATime - 1) yield
      const place = places.get(this.followed.bucketOf(index) ?? this.#agenda.bucketAt(index)) as number
      missing[place] = (missing[place] as number) + 1
      if (this.results.get(index) === 'pinned') pinned[place] = (pinned[place] as number) + 1
    }
    return { missing, pinned }
  }

  /** What an unlisted request that failed is at its second look. */
  seenAgain(index: number, request: PinRequest): void {
    if (request.status === 'pinned') this.#pin(this.turnOf(index))
    else if (request.status === 'failed') this.settled(index, { ...request, key: this.#agenda.keyAt(index) })
  }

  /** Blames for their silence those at which the service breaks time and again, while it takes others. */
  blameSilent(serviceError: unknown): void {
    const { doubts, time } = this.#input
    const open = this.#silent()
    // Where nobody was taken, the silence need not be theirs; nor where nobody looked to the end for what was taken.
    if (serviceError !== null || time.isOver || this.#accepted === 0) {
      doubts.forgive(open.map(([index]) => this.#noteOf(index)))
      return
    }
    for (const [index, reason] of open) {
      const sent = doubts.triesOf(this.#noteOf(index))
      if (reason !== null && sent > 1)
        this.#fail(this.turnOf(index), {
          reason: `it was sent ${sent} times in vain: ${reason}`,
          class: 'sent-in-vain',
        })
    }
  }

  /** Whether the service gave nobody an answer that counts, and shows nothing of what it was sent. */
  get isUnanswered(): boolean {
    const { time } = this.#input
    // A single one may break the service by itself.
    return !time.isOver && this.#answered === 0 && this.#silent().length > 1 && !this.#isAnyShown()
  }

  /** Strikes out what was noted of those that are settled; what a cancel leaves of them, the next run does. */
  *strikeOutSettled(): LongWork<void> {
    yield* this.#input.doubts.settleAll(this.#settledNotes())
  }

  /** Why answers did not count, of those that the service may have taken in and that no listing shows. */
  get unanswered(): Reasons {
    const reasons = new Reasons()
    for (const [index, reason] of this.#doubted)
      if (
        reason !== null &&
        this.results.get(index) === 'pending' &&
        this.followed.shown(index) === undefined
      )
        reasons.add(reason)
    return reasons
  }

  /** Why some failed, since this was last asked. */
  takeFailures(): ReasonCounts {
    const failures = this.#untold
    this.#untold = new Map()
    return failures
  }

  *#settledNotes(): Generator<Pick<Sent, 'bucket' | 'key'>> {
    const { time } = this.#input
    for (let index = 0; index < this.#settled.length && !time.wasCancelled; index++)
      if (this.#settled[index] === 1) yield this.#noteOf(index)
  }

  #noteOf(index: number): Pick<Sent, 'bucket' | 'key'> {
    const bucket = this.followed.bucketOf(index) ?? this.#agenda.at(index).bucket
    return { bucket: this.#input.buckets.idOf(bucket), key: this.#agenda.keyAt(index) }
  }

  /** What may have been taken, and no listing shows; with why the answer did not count. */
  #silent(): [index: number, reason: string | null][] {
    return [...this.#doubted].filter(([index]) => this.followed.shown(index) === undefined)
  }

  #isAnyShown(): boolean {
    return this.#doubted.keys().some((index) => this.followed.shown(index) !== undefined)
  }

  #wasAskedFor(index: number): void {
    if (this.results.get(index) === 'open') this.onDone()
    this.results.set(index, 'pending')
  }

  /** Best effort, and nothing waits for it. */
  #fetchedThrough(delegates: readonly string[]): void {
    void this.#input.delegates.peerFor(delegates, this.#input.time.inTime)
  }

  #pin({ index, cid, failed }: Turn): void {
    this.results.set(index, 'pinned')
    const { ledger } = this.#input
    if (failed !== null || this.#before.has(cid.key)) ledger.forget('update', [cid.key], 'done')
  }

  /** Written down now that it is asked for again: should that fail too, its pause grows. */
  #askedAgain({ failed, ...wanted }: Wanted): void {
    if (failed === null) return
    const failure = { ...wanted, ...whyItFailed(failed.failureReason), requestCreated: failed.created }
    this.#input.ledger.record('update', failure, Date.now())
  }

  #fail(turn: Turn, why: Why, requestCreated?: number): void {
    const { ledger } = this.#input
    this.results.set(turn.index, 'failed')
    const failure = { ...turn, ...why, ...(requestCreated !== undefined && { requestCreated }) }
    ledger.record('update', failure, Date.now())
    addReason(this.#untold, why)
  }
}
