import { noStreaks, type PastRun, type Streaks, streaksAfter } from '../domain/history.ts'
import type { Report, RunReport } from '../report/report.ts'
import type { Past } from '../snapshot/history.ts'
import type { Filling } from './draft.ts'
import { standingReport } from './standing-report.ts'

export const noPast: Past = { runs: [], streaks: noStreaks }

/** So many runs are in the report, this one among them. */
export const mostTold = 10

/** A run in the few figures that are remembered of it. */
export function figuresOf(filling: Filling): Pick<PastRun, 'cids' | 'onNode' | 'missing' | 'failed'> {
  const { node, backup, update } = filling
  const standing = standingReport(filling)
  const directions = node === null ? [] : [backup, update].filter((one) => one !== null)
  const sum = (of: (one: (typeof directions)[number]) => number) =>
    directions.length === 0 ? null : directions.reduce((total, one) => total + of(one), 0)
  return {
    cids: standing?.atService ?? null,
    onNode: standing?.onBoth ?? null,
    missing: sum((one) => one.missing),
    failed: sum((one) => one.failed.length),
  }
}

/** @param run this one; `null` where it is none that is remembered */
export function historyReport(
  past: Past,
  run: PastRun | null,
): Pick<Report, 'history' | 'inStepSince' | 'failing'> {
  const { inStepSince, failing }: Streaks = run === null ? past.streaks : streaksAfter(past.streaks, run)
  const runs = run === null ? past.runs : [...past.runs, run]
  return {
    history: runs.slice(-mostTold).map(runReport),
    inStepSince: inStepSince === null ? null : instant(inStepSince),
    failing: failing && { since: instant(failing.since), runs: failing.runs },
  }
}

function runReport(run: PastRun): RunReport {
  return { ...run, startedAt: instant(run.startedAt) }
}

const instant = (ms: number) => new Date(ms).toISOString()
