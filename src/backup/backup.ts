import type { DelegateConnector } from '../delegates/connector.ts'
import { planBackup } from '../domain/plan-backup.ts'
import { requestsAt } from '../snapshot/listed.ts'
import type { Found, Work } from '../work.ts'
import { backUpMissing, unknownBackup } from './back-up-missing.ts'

/** Pins on the node what it lacks, unless the run is dry or the node is in doubt. */
export async function backupPhase(work: Work, found: Found, delegates: DelegateConnector): Promise<void> {
  const { config, record, snapshot } = work
  const { sides, comparison, trust } = found
  if (sides.identity === undefined) record.found.backup = unknownBackup
  else {
    const buckets = sides.buckets.map(({ name, requests }) => ({
      name,
      at: requestsAt(snapshot.db, requests.id),
    }))
    const plan = planBackup(comparison, buckets, config.ignore)
    const isDry = config.dryRun || !trust.isNodeBelieved
    const { report, nodeError } = await backUpMissing(config, { ...work, plan, delegates }, isDry)
    record.found.backup = report
    if (isDry) return
    if (nodeError !== null) record.fail('node', nodeError)
    else if (report.pending.length > 0) record.outOfTime = true
  }
}
