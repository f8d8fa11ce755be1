import { planBackup } from '../domain/plan-backup.ts'
import type { Problem } from '../domain/problem.ts'
import { problemOf } from '../errors.ts'
import { inSlices } from '../in-slices.ts'
import type { DirectionReport } from '../report/report.ts'
import type { Findings } from '../study.ts'
import type { Work } from '../work.ts'
import { type BackupInput, backUpMissing, unknownBackup } from './back-up-missing.ts'
import { tryWithNewVersion } from './new-version.ts'

export interface BackupDone {
  readonly report: DirectionReport
  readonly problems: readonly Problem[]
  /** Its time was over with work left. */
  readonly isCutShort: boolean
}

/**
 * Service to node: pins on the node what it lacks. In a dry run, and on a node that is in doubt, it comes to the same
 * with nothing done. Nothing is ever unpinned, and nothing that is pinned is added again.
 */
export async function backUp(
  work: Work,
  found: Findings,
  delegates: BackupInput['delegates'],
): Promise<BackupDone> {
  const { config } = work
  const { sides, comparison, trust } = found
  if (sides.identity === undefined) return { report: unknownBackup, problems: [], isCutShort: false }
  const isDry = config.dryRun || !trust.isNodeBelieved
  const buckets = sides.buckets.map(({ name, requests }) => ({
    name,
    at: requests.at(),
  }))
  if (!isDry) tryWithNewVersion(work.snapshot, sides.identity.version)
  const plan = await inSlices(planBackup(comparison, buckets, config.ignore))
  const { report, nodeError } = await backUpMissing(config, { ...work, plan, delegates }, isDry)
  return {
    report,
    problems: [
      ...(nodeError === null ? [] : [problemOf('node', nodeError)]),
      ...work.gateways.takeProblems(),
    ],
    isCutShort: !isDry && nodeError === null && report.pending.length > 0,
  }
}
