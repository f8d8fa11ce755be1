import { PinnedSince } from '../domain/pinned-since.ts'
import { planBackup } from '../domain/plan-backup.ts'
import type { Problem } from '../domain/problem.ts'
import { problemOf } from '../errors.ts'
import { inSlices } from '../in-slices.ts'
import type { DirectionReport, StorageReport } from '../report/report.ts'
import type { Findings } from '../study.ts'
import type { Work } from '../work.ts'
import { type BackupInput, type BackupOutcome, backUpMissing } from './back-up-missing.ts'
import { tryWithNewVersion } from './new-version.ts'

export interface BackupDone {
  /** `null` where the direction does not include it. */
  readonly report: DirectionReport | null
  readonly pinned: PinnedSince
  readonly storage: StorageReport | null
  readonly pinnedIn: BackupOutcome['pinnedIn']
  readonly heldBackBy: BackupOutcome['heldBackBy']
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
  const nothing = { ...nothingDone, pinned: new PinnedSince(comparison, []) }
  if (config.direction === 'update') return { ...nothing, report: null }
  if (sides.identity === undefined) return nothing
  const isDry = config.dryRun || !trust.isNodeBelieved
  const buckets = sides.buckets.map(({ name, requests }) => ({
    name,
    at: requests.at(),
  }))
  if (!isDry) tryWithNewVersion(work.snapshot, sides.identity.version)
  const plan = await inSlices(planBackup(comparison, buckets, config.ignore))
  const { nodeError, problems, pinned, ...outcome } = await backUpMissing(
    config,
    { ...work, plan, delegates },
    isDry,
  )
  const isStopped = isDry || nodeError !== null || (outcome.heldBackBy.length > 0 && !work.time.isOver)
  return {
    ...outcome,
    pinned: new PinnedSince(comparison, pinned),
    problems: [
      ...problems,
      ...(nodeError === null ? [] : [problemOf('node', nodeError)]),
      ...work.gateways.takeProblems(),
    ],
    isCutShort: !isStopped && outcome.report.pending.length > 0,
  }
}

/** One that did not come to it, as it is not known what the node lacks. */
const nothingDone = {
  report: { missing: 0, ignored: 0, resting: 0, pinned: [], failed: [], pending: [] },
  storage: null,
  pinnedIn: [],
  heldBackBy: [],
  problems: [],
  isCutShort: false,
} as const
