import { SnapshotError } from '../errors.ts'

/** What an error of SQLite means for a snapshot. */
export type SqliteFault =
  /** Another process holds the file. */
  | 'busy'
  /** The disk or the memory, and not the file, is at fault. */
  | 'resources'
  | 'other'

// https://www.sqlite.org/rescode.html
const busy = 5
const noMemory = 7
const ioError = 10
const full = 13

export function faultIn(error: unknown): SqliteFault {
  if (error instanceof SnapshotError) return faultIn(error.cause)
  // The extended codes of a primary one share its low byte.
  const code = ((error as { errcode?: number }).errcode ?? 0) % 256
  if (code === busy) return 'busy'
  return [noMemory, ioError, full].includes(code) ? 'resources' : 'other'
}
