import { backUpMissing, unknownBackup, untriedBackup } from './back-up-missing.ts'
import type { DelegateConnector } from './delegates.ts'
import type { Found, Work } from './phase.ts'

/** Pins on the node what it lacks, unless the run is dry or the node is in doubt. */
export async function backupPhase(work: Work, found: Found, delegates: DelegateConnector): Promise<void> {
  const { config, ledger, record } = work
  const { sides, plan, trust } = found
  if (sides.identity === undefined) record.found.backup = unknownBackup
  else if (config.dryRun || !trust.isNodeBelieved) record.found.backup = untriedBackup(config, plan, ledger)
  else {
    const { report, nodeError } = await backUpMissing(config, { ...work, plan, delegates })
    record.found.backup = report
    if (nodeError !== null) record.fail('node', nodeError)
    else if (report.pending.length > 0) record.outOfTime = true
  }
}
