import type { Report } from '../report/report.ts'

/** The action's outputs by name. What is not known is empty: nothing that was not listed is ever called 0. */
export function outputsOf(
  report: Report,
  extras: {
    /** Distinct CIDs of all buckets together; `null` where the listing came to nothing. */
    readonly listed: number | null
    readonly issueNumber: number | null
    readonly reportPath: string
    /** The restored cache key. */
    readonly cacheKey: string | undefined
  },
): Readonly<Record<string, string>> {
  const directions = report.node === null ? [] : [report.backup, report.update].filter((one) => one !== null)
  const sum = (of: (one: (typeof directions)[number]) => number) =>
    directions.length === 0 ? '' : String(directions.reduce((total, one) => total + of(one), 0))
  return {
    conclusion: report.conclusion,
    listed: String(extras.listed ?? ''),
    'node-pins': String(report.node?.pins ?? ''),
    missing: sum((one) => one.missing),
    pinned: sum((one) => one.pinned.length),
    pending: sum((one) => one.pending.length),
    failed: sum((one) => one.failed.length),
    'unknown-delegates': String(report.delegates.unknown.length),
    'issue-number': String(extras.issueNumber ?? ''),
    report: extras.reportPath,
    manifest: report.manifest ?? '',
    'cache-key': extras.cacheKey ?? '',
  }
}
