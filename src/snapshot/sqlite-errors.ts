import { SnapshotError, SnapshotUnusableError } from '../errors.ts'

/** What an error of SQLite means for the snapshot. */
export type SqliteFault =
  /** Another process holds the file. */
  | 'busy'
  /** The disk or the memory is at fault, not the file. */
  | 'resources'
  | 'other'

// https://www.sqlite.org/rescode.html
const busy = 5
const noMemory = 7
const ioError = 10
const full = 13

export function faultIn(error: unknown): SqliteFault {
  if (error instanceof SnapshotError) return faultIn(error.cause)
  // An extended code has its primary code in the low byte.
  const code = ((error as { errcode?: number } | undefined)?.errcode ?? 0) % 256
  if (code === busy) return 'busy'
  return [noMemory, ioError, full].includes(code) ? 'resources' : 'other'
}

/**
 * What ended a run, as its user can mend it: whatever was being written when the disk was full, it is the snapshot that
 * cannot be kept.
 */
export function asSnapshotError(error: unknown, path: string): unknown {
  const isRaw = !(error instanceof SnapshotError) && faultIn(error) === 'resources'
  return isRaw ? new SnapshotUnusableError(path, error) : error
}
