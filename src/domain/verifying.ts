import { day } from './moment.ts'

/** Days since the epoch, UTC; from 1 on, as 0 stands for never. */
export type Day = number

export function dayOf(now: number): Day {
  return Math.max(1, Math.floor(now / day))
}

/** RFC 3339, of a day alone. */
export function dateOf(at: Day): string {
  return new Date(at * day).toISOString().slice(0, 10)
}

/** What was found whole is left alone for so many days: a small set is not read in every run. */
const freshFor = 7

/** What was found whole on this day, or before, is due. */
export function dueBy(today: Day): Day {
  return today - freshFor
}

/** What was found whole within so many days counts as verified. */
export const recentDays = 30

/** What was found broken is remembered with the day on which it was last whole. */
export function broken(at: Day): Day {
  return at < 0 ? at : -1 - at
}

/** So many DAGs are read at a time: a disk gives no more to more of them, and the node has other work. */
export const readAtOnce = 2

/**
 * A DAG of which more than this was read, in bytes, was begun with a first block that is whole: Kubo takes none of more
 * than 2 MiB, and gives it first.
 */
const surelyFirst = 4 * 1024 * 1024

/** Whether a DAG that was cut short may go on in parts: its first block needs no more reading. */
export function goesOnInParts(bytesRead: number): boolean {
  return bytesRead > surelyFirst
}

/** So many reads in a row that came to nothing, with none between that was whole, end the verification. */
export const tooManyUnread = 8

/** How far the pins of a bucket are verified. Bytes are those of pins of which the size is known. */
export interface Coverage {
  /** Pinned in the bucket and on the node; what several buckets have counts with the last of them. */
  readonly cids: number
  readonly bytes: number
  /** Found whole within the last `recentDays`. */
  readonly recent: number
  readonly recentBytes: number
  /** Never read to their end so far. */
  readonly never: number
  /** Found broken, and not whole since. */
  readonly broken: number
  /** The day on which the one was found whole that was so longest ago; `null` where none was. */
  readonly oldest: Day | null
}
