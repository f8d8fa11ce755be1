import type { OriginsOf } from '../../delegates/handed-origins.ts'
import type { NodeError } from '../../errors.ts'
import type { PinningInBulk } from '../../node/node.ts'
import type { BackupEvents, BackupOptions, DuePins, PinResults } from '../missing-pins.ts'
import { BulkBackup } from './bulk-backup.ts'

export interface BulkEdges extends PinResults, BackupEvents {
  readonly node: PinningInBulk
  readonly originsOf: OriginsOf
}

/**
 * Has a node that pins by itself bring about what it lacks: hands CIDs over, many at once, and follows how they stand, all
 * together, until each is pinned by all peers that are to have it, is in error, or shows no change for `stallTimeout`.
 *
 * - What the node has already is never handed over again: it is followed, and tried again (`recover`) where it is in error.
 * - A CID is given up after `attempts` tries. What a peer in trouble keeps from its end is held against no CID, and takes no
 *   other's place: it stays without a result, and the peer is named. Where nothing else is left to wait for, the backup ends.
 * - At the end of time, and on cancel, what is under way is left to the node, which goes on with it.
 *
 * @returns the fault of the whole node, or of peers of it, that kept CIDs from their end
 */
export function handOverAll(
  due: DuePins,
  edges: BulkEdges,
  options: BackupOptions,
): Promise<NodeError | null> {
  return new BulkBackup(due, edges, options).run()
}
