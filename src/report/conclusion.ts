import type { Config } from '../config/types.ts'
import type { Conclusion } from './report.ts'

/** How a run ends: the first that fits of `error`, `cancelled`, `out-of-time`, `failed-pins`, `ok`. */
export function conclusionOf(facts: {
  readonly error: boolean
  readonly cancelled: boolean
  /** The time limit came with work left. */
  readonly outOfTime: boolean
  /** A CID failed, now or still by the ledger. */
  readonly failedPins: boolean
}): Conclusion {
  if (facts.error) return 'error'
  if (facts.cancelled) return 'cancelled'
  if (facts.outOfTime) return 'out-of-time'
  return facts.failedPins ? 'failed-pins' : 'ok'
}

export function jobFails(conclusion: Conclusion, failOn: Config['failOn']): boolean {
  if (conclusion === 'error' || conclusion === 'cancelled') return true
  return conclusion === 'failed-pins' && failOn === 'failed-pins'
}

/** What the heartbeat is told; `none` leaves it alone. */
export function heartbeatOf(conclusion: Conclusion, dryRun: boolean): 'good' | 'fail' | 'none' {
  if (dryRun || conclusion === 'cancelled') return 'none'
  return conclusion === 'error' ? 'fail' : 'good'
}
