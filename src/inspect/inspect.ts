import { rememberedDelegates } from '../delegates/known.ts'
import type { Problem } from '../domain/problem.ts'
import type { InspectReport } from '../report/inspect-report.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import { bucketProblems } from '../sides/bucket-trouble.ts'
import { silenceOf } from '../sides/trouble.ts'
import { count } from '../text/numbers.ts'
import { Counted, Progress } from '../text/progress.ts'
import type { Work } from '../work.ts'
import { lookUpCids } from './look-up-cids.ts'
import { invalidInspected } from './problems.ts'

/** Looks up what the service and the node know of some CIDs, in the place of a sync. Changes nothing. */
export async function inspect(
  work: Work,
  clients: readonly BucketClient[],
): Promise<{
  readonly results: readonly InspectReport[]
  readonly problems: readonly Problem[]
  /** Its time was over before all were looked up. */
  readonly isCutShort: boolean
}> {
  const { config, node, snapshot, log, time } = work
  const known = config.delegates ?? rememberedDelegates(snapshot) ?? []
  const knownPeerIds = new Set(known.map(({ peerId }) => peerId))
  for (const client of clients) {
    const state = snapshot.stateOf(client.bucket)
    if (state !== undefined) client.manners.begin(state.manners, state.listed)
  }
  const { length } = config.inspect
  const now = () => performance.now()
  const lookedUp = new Counted('CIDs looked up', now(), length)
  const { results, errors, stopped } = await log.group(`Looking up ${count(length, 'CID')}`, async () => {
    using _ = new Progress({ line: () => lookedUp.line(now()), log: (line) => log.info(line), now })
    const onLookedUp = () => lookedUp.add(now())
    return await lookUpCids(config.inspect, { clients, node, knownPeerIds, signal: time.inTime, onLookedUp })
  })
  const silent = stopped ? clients.flatMap((client) => silenceOf(client, time) ?? []) : []
  const problems = [
    ...errors,
    ...bucketProblems(silent, clients.length, 'asked'),
    ...invalidInspected(results),
  ]
  return { results, problems, isCutShort: stopped }
}
