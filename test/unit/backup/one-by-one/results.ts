import type { FailedPin, MissingPin } from '../../../../src/backup/missing-pins.ts'
import { type BackupEdges, pinAll } from '../../../../src/backup/one-by-one/pin-all.ts'
import type { NodeError } from '../../../../src/errors.ts'

/** What a backup came to, by what it told while it lasted. */
export interface BackupResult {
  readonly pinned: readonly MissingPin[]
  readonly failed: readonly FailedPin[]
  /** That got no result, in their order. */
  readonly pending: readonly MissingPin[]
  readonly nodeError: NodeError | null
}

/** Backs up, and collects what it tells; each CID has one result at most. */
export async function resultOf(
  due: readonly MissingPin[],
  { onPinned, onFailed, ...edges }: BackupEdges,
  options: Parameters<typeof pinAll>[2],
): Promise<BackupResult> {
  const pinned: MissingPin[] = []
  const failed: FailedPin[] = []
  const open = new Set(due)
  const close = (entry: MissingPin) => {
    if (!open.delete(entry)) throw new Error(`${entry.cid.text} has two results`)
  }
  const told: BackupEdges = {
    ...edges,
    onPinned: (entry) => {
      close(entry)
      pinned.push(entry)
      onPinned(entry)
    },
    onFailed: (failure) => {
      close(failure.entry)
      failed.push(failure)
      onFailed(failure)
    },
  }
  const nodeError = await pinAll(due, told, options)
  return { pinned, failed, pending: [...open], nodeError }
}
