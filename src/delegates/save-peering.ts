import { planSaved, type SeenPeer } from '../domain/saved-peering.ts'
import { NodeError } from '../errors.ts'
import type { PeeringNode } from '../node/node.ts'
import type { PeeringBook } from '../snapshot/peering-book.ts'

/** What became of the node's config. */
export interface PeeringWritten {
  readonly isWritten: boolean
  /** Peers that were not in it. */
  readonly added: number
  /** Peers of this mirror that have other addresses now. */
  readonly extended: number
  /** Peers of this mirror that made way for others. */
  readonly removed: number
}

const mostWrites = 3

/**
 * Brings this mirror's entries in the node's config up to date, and then reads the config again to see that they are
 * there: another mirror on this box, or a person, may write it at the same time. Throws a `NodeError`, or the
 * signal's reason.
 *
 * @param seen with addresses that Kubo can read only: for one bad address it refuses the whole list
 */
export async function savePeering(
  node: PeeringNode,
  book: PeeringBook,
  seen: readonly SeenPeer[],
  signal: AbortSignal,
): Promise<PeeringWritten & { readonly leftOut: number }> {
  const now = Date.now()
  const plan = async () => planSaved(await node.readPeering(signal), book.saved(), seen, now)
  const first = await plan()
  let next = first
  for (let writes = 0; next.isChanged; writes++) {
    if (writes === mostWrites)
      throw new NodeError(
        'bad-answer',
        `the node does not keep what is written to Peering.Peers of its config (written ${writes} times). Check whether another program writes it too.`,
      )
    // Only when the config is read again is it known whether it was written; after a kill, the next run does that.
    book.setSaved([...next.mineNow, ...next.mine])
    await node.writePeering(next.entries, signal)
    next = await plan()
  }
  book.setSaved(next.mine)
  const { isChanged: isWritten, added, extended, removed, leftOut } = first
  return { isWritten, added, extended, removed, leftOut }
}
