import type { Why } from '../domain/reasons/classes.ts'
import { addReason } from '../domain/reasons/counts.ts'
import { RecentRate } from '../domain/recent-rate.ts'
import { RoundTally, type TryEnding } from '../domain/round-tally.ts'
import { type PinningStanding, pinnedLine, pinningLine, type RoundRules, roundLine } from './lines/pinning.ts'
import type { Log } from './log.ts'
import { Progress } from './progress.ts'
import { duration } from './times.ts'

interface Tried {
  readonly entry: { readonly cid: { readonly text: string } }
  readonly round: number
  readonly took: number
  readonly ending: TryEnding
  readonly why: Why | null
}

const endings: Record<TryEnding, string> = {
  pinned: 'pinned',
  again: 'in vain, and tried again',
  'given-up': 'in vain',
  anew: 'started anew',
  left: 'left for the next run',
}

/** Says how the pinning goes: how far it is, what each round came to, and what it came to in all. */
export class PinningLog implements Disposable {
  readonly #log: Log
  readonly #rules: RoundRules
  readonly #tally: RoundTally
  readonly #pinned: RecentRate
  readonly #ended: RecentRate
  readonly #failures: Parameters<typeof addReason>[0] = new Map()
  readonly #progress: Progress
  #awayUntil = Number.NEGATIVE_INFINITY

  /** @param timeLeft of the run, ms */
  constructor(due: number, rules: RoundRules, log: Log, timeLeft: () => number) {
    this.#log = log
    this.#rules = rules
    this.#tally = new RoundTally(due)
    const now = () => performance.now()
    this.#pinned = new RecentRate(now())
    this.#ended = new RecentRate(now())
    const line = () => {
      this.#sayRounds()
      const times = { now: now(), wall: Date.now(), end: now() + timeLeft() }
      return pinningLine(this.#standing(), rules, times)
    }
    this.#progress = new Progress({ line, log: (text) => log.info(text), now })
  }

  readonly onTry = (round: number): void => this.#tally.begin(round, performance.now())

  readonly onTried = ({ entry, round, took, ending, why }: Tried): void => {
    const now = performance.now()
    this.#tally.end(round, ending, why)
    if (ending !== 'anew') this.#ended.note(now)
    if (ending === 'pinned') this.#pinned.note(now)
    const words = why === null ? '' : `: ${why.reason}`
    this.#log.debug(
      () => `${entry.cid.text}, try ${round}: ${endings[ending]}, ${duration(Math.round(took))}${words}`,
    )
    this.#sayRounds()
  }

  readonly onAway = (ms: number): void => {
    const now = performance.now()
    // Several notice it at the same time.
    if (now < this.#awayUntil) return
    this.#awayUntil = now + ms
    this.#log.info(`the node does not answer: waiting up to ${duration(ms)} for it`)
  }

  /** One failed for good. */
  failed(why: Why): void {
    addReason(this.#failures, why)
  }

  /** What it came to. */
  get result(): string {
    return pinnedLine(this.#tally.pinned, this.#tally.total, this.#failures)
  }

  [Symbol.dispose](): void {
    this.#progress[Symbol.dispose]()
  }

  #sayRounds(): void {
    for (const over of this.#tally.over(performance.now(), this.#rules.patience))
      if (over.again > 0) this.#log.info(roundLine(over, this.#rules.attempts))
  }

  #standing(): PinningStanding {
    const { total, pinned, left, round, leftInRound, ahead } = this.#tally
    const now = performance.now()
    const rates = { pinnedPerSecond: this.#pinned.perSecond(now), endedPerSecond: this.#ended.perSecond(now) }
    return { total, pinned, left, round, leftInRound, ...ahead, ...rates }
  }
}
