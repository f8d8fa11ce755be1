import { useManners } from '../listing/manners.ts'
import { silenceOf } from '../report/record-trouble.ts'
import { invalidInspected } from '../report/warnings.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import { stateOf } from '../snapshot/buckets.ts'
import { inspect } from './inspect.ts'
import { rememberedDelegates } from './known-delegates.ts'
import type { Work } from './phase.ts'

/** Looks up what the service and the node know of some CIDs, in the place of a sync. */
export async function inspectPhase(work: Work, clients: readonly BucketClient[]): Promise<void> {
  const { config, node, snapshot, record, log, time } = work
  record.isInspection = true
  const known = config.delegates ?? rememberedDelegates(snapshot) ?? []
  const knownPeerIds = new Set(known.map(({ peerId }) => peerId))
  for (const client of clients) {
    const state = stateOf(snapshot.db, client.bucket)
    if (state !== undefined) useManners(client, state)
  }
  const { results, errors, stopped } = await log.group(`Inspecting ${config.inspect.length} CIDs`, () =>
    inspect(config.inspect, { clients, node, knownPeerIds, signal: time.inTime }),
  )
  record.found.inspect = results
  for (const error of errors) record.errors.push(error)
  if (stopped)
    for (const client of clients) {
      const silence = silenceOf(client, time)
      if (silence !== undefined) record.errors.push(silence)
    }
  for (const warning of invalidInspected(results)) record.warnings.push(warning)
  record.outOfTime = stopped
  record.cancelled = time.wasCancelled
}
