import type { Report } from '../report/report.ts'

/** What a run came to in numbers, of both directions together. */
export interface Counts {
  readonly missing: number
  readonly pinned: number
  readonly failed: number
  /** Of those that failed: not tried in this run. */
  readonly resting: number
  /** Neither pinned nor failed. */
  readonly left: number
}

export function countsOf({ backup, update }: Pick<Report, 'backup' | 'update'>): Counts {
  const directions = [backup, update].filter((one) => one !== null)
  const sum = (of: (one: (typeof directions)[number]) => number) =>
    directions.reduce((total, one) => total + of(one), 0)
  const [missing, pinned, failed] = [
    sum((one) => one.missing),
    sum((one) => one.pinned.length),
    sum((one) => one.failed.length),
  ]
  return { missing, pinned, failed, resting: sum((one) => one.resting), left: missing - pinned - failed }
}

/** How many requests vanished in a drop that is not believed yet. */
export function vanishedOf({ buckets }: Pick<Report, 'buckets'>): number {
  return buckets.reduce((sum, { listing }) => sum + listing.vanished, 0)
}
