import { backUp } from './backup/backup.ts'
import type { Config } from './config/types.ts'
import { connectDelegates } from './delegates/connect.ts'
import { delegatesIn } from './delegates/known.ts'
import { leftOutDelegates } from './delegates/problems.ts'
import { delegateReport } from './draft/delegate-report.ts'
import type { Draft } from './draft/draft.ts'
import { withPeers } from './draft/node-report.ts'
import { sidesReport } from './draft/sides-report.ts'
import { inspect } from './inspect/inspect.ts'
import { listBothSides } from './sides/list-both-sides.ts'
import { keepPeers, peersAtEnd } from './sides/peers.ts'
import { settledFailures } from './sides/settled-failures.ts'
import { rememberNodePins } from './sides/trust.ts'
import { study } from './study.ts'
import { update } from './update/update.ts'
import { type Edges, startWork } from './work.ts'

/**
 * The run: list both sides, hold them against each other, connect to the delegates, back up, update.
 * The draft of the report is filled as it goes, here and nowhere below. Throws only what nobody expected.
 * @returns what to call once people have been told: how both sides stood, for the next run to go by
 */
export async function run(config: Config, edges: Edges, draft: Draft): Promise<() => void> {
  using work = startWork(config, edges)
  const { snapshot, time, clients } = work
  const { direction, dryRun } = config

  if (config.inspect.length > 0) {
    draft.fill({ isInspection: true })
    const looked = await inspect(work, clients)
    draft.take(looked, { inspect: looked.results, cancelled: time.wasCancelled })
    return () => {}
  }

  const found = await study(work, await listBothSides(work))
  const { sides, trust, comparison } = found
  const isNodeListed = sides.identity !== undefined
  draft.take(found, {
    ...sidesReport({ sides, standing: comparison }, trust),
    delegates: delegateReport(found, null),
    doubts: found.doubts,
    isWhole: trust.isWhole,
  })
  const settled = settledFailures(work, found)
  if (isNodeListed && trust.isNodeBelieved && !dryRun) settled.forget()

  const delegates = await connectDelegates(work, found, dryRun ? undefined : sides.identity?.peerId)
  try {
    if (direction !== 'update') {
      const { report, storage, pinnedIn, heldBackBy, ...done } = await backUp(work, found, delegates)
      draft.take(done, { backup: report, storage, pinnedIn, heldBackBy })
    }
    if (direction !== 'backup') {
      const { after, report, inBuckets, ...sent } = await update(work, found, delegates.connector)
      draft.take(sent, { update: report, sentIn: inBuckets, ...(after && sidesReport(after, trust)) })
    }
    if (isNodeListed && !dryRun) {
      // Requests that were sent meanwhile carry delegates too.
      const now = delegatesIn(work, sides)
      const shown = delegateReport(now, { ...delegates, unkept: work.book.leftOut })
      draft.take(now, { delegates: shown })
      draft.note(...leftOutDelegates(shown.leftOut))
    }
  } finally {
    await delegates[Symbol.asyncDispose]()
    draft.take(delegates)
  }

  const peers = await peersAtEnd(work, sides.identity?.peers ?? null)
  if (peers !== null) draft.take(peers, { node: withPeers(draft.filling.node, peers.watched) })

  draft.fill({ cancelled: time.wasCancelled, stillFailing: isNodeListed && settled.areOthersLeft() })
  return () => {
    // A run that is killed before its end confirms nothing, and a dry one never does.
    if (isNodeListed && !dryRun) rememberNodePins(snapshot, sides, trust)
    if (peers !== null && !dryRun) keepPeers(snapshot, peers.watched)
  }
}
