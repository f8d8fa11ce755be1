import type { Told } from './told.ts'
import type { FailingRuns, Tracked } from './tracked.ts'

/** A run that failed is told from so many in a row on. */
export const leastFailing = 2

/**
 * The runs that failed in a row, this one the last. Those that could not open the snapshot are in no history: there the
 * issue's hidden line counts on, but over no run that ended well, of which GitHub could not be told.
 */
export function streakNow(failing: FailingRuns | null, before: Told | undefined): FailingRuns | null {
  const counted = before?.streak ?? null
  if (failing === null || counted === null || counted.runs < failing.runs) return failing
  if (failing.wellAt !== undefined && failing.wellAt > counted.since) return failing
  return { ...failing, since: counted.since, runs: counted.runs + 1 }
}

/**
 * Whether that is told. Where there is no issue yet, and no snapshot, nobody knows of earlier runs, and nothing but an
 * issue would remember this one.
 */
export function isStreakTold(
  { runs }: FailingRuns,
  sight: Tracked['sight'],
  before: Told | undefined,
): boolean {
  return runs >= leastFailing || (sight === 'unopened' && before === undefined)
}
