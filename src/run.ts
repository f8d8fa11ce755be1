import { backUp } from './backup/backup.ts'
import type { Config } from './config/types.ts'
import { connectDelegates } from './delegates/connect.ts'
import { delegatesAtEnd } from './draft/delegate-report.ts'
import type { Draft } from './draft/draft.ts'
import { foundReport } from './draft/found-report.ts'
import { withPeers } from './draft/node-report.ts'
import { sidesReport } from './draft/sides-report.ts'
import { inspect } from './inspect/inspect.ts'
import { listBothSides } from './sides/list-both-sides.ts'
import { keepPeers, peersAtEnd } from './sides/peers.ts'
import { settledFailures } from './sides/settled-failures.ts'
import { troubleIn } from './sides/trouble.ts'
import { rememberNodePins } from './sides/trust.ts'
import { study } from './study.ts'
import { writeManifest } from './tell/manifest.ts'
import { update } from './update/update.ts'
import { verify } from './verify/verify.ts'
import { type Edges, startWork } from './work.ts'

/**
 * The run: list both sides, hold them against each other, connect to the delegates, back up, update, verify.
 * The draft of the report is filled as it goes, here and nowhere below. Throws only what nobody expected.
 * @returns what to call once people have been told: how both sides stood, for the next run to go by
 */
export async function run(config: Config, edges: Edges, draft: Draft): Promise<() => void> {
  using work = startWork(config, edges)
  const { snapshot, time, clients } = work
  const { direction, dryRun } = config

  if (config.isInspection) {
    const looked = await inspect(work, clients)
    draft.take(looked, { inspect: looked.results, cutOff: time.wasCancelled })
    return () => {}
  }

  const sides = await listBothSides(work)
  draft.take(troubleIn(sides, time, config.github.isHosted))
  const found = await study(work, sides)
  const { trust } = found
  const isNodeListed = sides.identity !== undefined
  draft.take(found, foundReport(found))
  const settled = settledFailures(work, found)
  if (isNodeListed && trust.isNodeBelieved && !dryRun) settled.forget()

  let pinned = 0
  const delegates = await connectDelegates(work, found, dryRun ? undefined : sides.identity?.peerId)
  try {
    const backup = await backUp(work, found, delegates)
    const { report: backedUp, storage, pinnedIn, heldBackBy } = backup
    draft.take(backup, { backup: backedUp, storage, pinnedIn, heldBackBy })
    pinned = backup.pinned.size
    if (direction !== 'backup') {
      const { after, report, inBuckets, ...sent } = await update(work, found, delegates.connector)
      draft.take(sent, { update: report, sentIn: inBuckets, ...(after && sidesReport(after, trust)) })
    }
    const verified = await verify(work, found, { connector: delegates.connector, pinned: backup.pinned })
    draft.take(verified, { verify: verified.report })
    const manifest = await writeManifest(work, found, backup)
    draft.take(manifest, { manifest: manifest.path })
    if (isNodeListed && !dryRun) {
      const shown = delegatesAtEnd(work, sides, delegates)
      draft.take(shown, { delegates: shown.report })
    }
  } finally {
    await delegates[Symbol.asyncDispose]()
    draft.take(delegates)
  }

  const peers = await peersAtEnd(work, sides.identity?.peers ?? null)
  if (peers !== null) draft.take(peers, { node: withPeers(draft.filling.node, peers.watched) })

  draft.fill({ cutOff: time.wasCancelled, stillFailing: isNodeListed && settled.areOthersLeft() })
  return () => {
    // A run that is killed before its end confirms nothing, and a dry one never does.
    if (isNodeListed && !dryRun) rememberNodePins(snapshot, sides, trust, pinned)
    if (peers !== null && !dryRun) keepPeers(snapshot, peers.watched)
  }
}
