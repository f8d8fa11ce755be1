import { delegateReport } from '../report/delegate-report.ts'
import { backUpMissing, unknownBackup, untriedBackup } from './back-up-missing.ts'
import type { Found, Work } from './phase.ts'

/** Pins on the node what it lacks, unless the run is dry or the node is in doubt. */
export async function backupPhase(work: Work, { sides, plan, trust, seen, known }: Found): Promise<void> {
  const { config, ledger, record } = work
  if (sides.identity === undefined) record.found.backup = unknownBackup
  else if (config.dryRun || !trust.isNodeBelieved) record.found.backup = untriedBackup(config, plan, ledger)
  else {
    const { report, nodeError, delegates } = await backUpMissing(config, { ...work, plan, known })
    record.found.backup = report
    record.found.delegates = delegateReport(seen, known, delegates)
    if (nodeError !== null) record.fail('node', nodeError)
    else if (report.pending.length > 0) record.outOfTime = true
  }
}
