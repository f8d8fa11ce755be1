import { type ReasonCounts, totalOf } from '../../domain/reasons/counts.ts'
import type { RoundOver } from '../../domain/round-tally.ts'
import { count, number } from '../numbers.ts'
import { rateOf, timeLeft } from '../progress.ts'
import { duration, withinOrBy } from '../times.ts'
import { byReason } from './by-reason.ts'

/** How tries go: so many rounds, and in each so many at once, of which none lasts longer without a sign of life, ms. */
export interface RoundRules {
  readonly attempts: number
  readonly patience: (round: number) => number
  readonly atOnce: number
}

/** How pinning in rounds stands; see `RoundTally`. */
export interface PinningStanding {
  readonly total: number
  readonly pinned: number
  /** Neither pinned nor given up, nor left to a later run. */
  readonly left: number
  readonly round: number
  readonly leftInRound: number
  readonly unbegun: number
  readonly lastBegun: number
  readonly pinnedPerSecond: number
  readonly endedPerSecond: number
}

/** ms: `now`, and when the run's time is over, by a clock that only goes forward; `wall` since the epoch. */
export interface Times {
  readonly now: number
  readonly end: number
  readonly wall: number
}

/**
 * How far it is. While CIDs still wait for their first turn, what it comes to at the rate of late:
 * `1,200 of 5,000 CIDs pinned (24%), 96 a second: round 1 of 3 ends in about 40s`. Then, and where none ends, the
 * longest that it can take: `400 of 464 CIDs pinned (86%), 64 without success so far: round 3 of 3 waits up to 2m for each, done by
 * 19:49 UTC`.
 */
export function pinningLine(standing: PinningStanding, rules: RoundRules, times: Times): string {
  const { total, pinned, left, round, leftInRound } = standing
  const done = `${number(pinned)} of ${count(total, 'CID')} pinned (${Math.floor((100 * pinned) / total)}%)`
  const name = `round ${round} of ${rules.attempts}`
  const isBeginning = round === 1 && standing.unbegun > 0
  const time = isBeginning ? timeLeft(leftInRound, standing.endedPerSecond) : null
  const rate = rateOf(standing.pinnedPerSecond)
  if (time !== null) return `${done}${rate === null ? '' : `, ${rate}`}: ${name} ends in about ${time}`
  if (left === 0) return done
  const end = endOf(standing, rules, times.now)
  if (end < times.now) return `${done}, ${number(left)} under way`
  const wait = `waits up to ${duration(rules.patience(round))} for each`
  const ends = round === rules.attempts ? 'done' : 'over'
  const until = withinOrBy(Math.min(end, times.end) - times.now, times.wall)
  return `${done}, ${number(left)} without success so far: ${name} ${wait}, ${ends} ${until}`
}

/** When the round is over at the latest, but for those that move; by the clock of `now`. */
function endOf({ round, unbegun, lastBegun }: PinningStanding, rules: RoundRules, now: number): number {
  const patience = rules.patience(round)
  if (unbegun === 0) return lastBegun + patience
  return now + (Math.ceil(unbegun / rules.atOnce) + 1) * patience
}

/** `Round 1 of 3: 300 CIDs not pinned, and tried again: No block came (240); Stalled (60)` */
export function roundLine({ round, again, reasons }: RoundOver, attempts: number): string {
  return `Round ${round} of ${attempts}: ${count(again, 'CID')} not pinned, tried again: ${byReason(reasons)}`
}

/** `600 of 900 CIDs pinned. 240 failed: No block came (200); Stalled (40). 60 left for the next run` */
export function pinnedLine(pinned: number, total: number, failures: ReasonCounts): string {
  const failed = totalOf(failures)
  const left = total - pinned - failed
  return [
    `${number(pinned)} of ${count(total, 'CID')} pinned`,
    ...(failed > 0 ? [`${number(failed)} failed: ${byReason(failures)}`] : []),
    ...(left > 0 ? [`${number(left)} left for the next run`] : []),
  ].join('. ')
}
