import { type LongWork, paused } from './long-work.ts'

/** What the store of a node takes, in bytes. */
export interface Storage {
  readonly used: number
  /** What its owner allows it to take; `null` where nobody said. */
  readonly most: number | null
  /** What its disk has left; `null` where that is not known. */
  readonly free: number | null
  /** Why it does not tell all of this; `null` where it does. */
  readonly untold: string | null
}

/** How much more fits in; `null` where that is not known. Less than 0 where it has outgrown what is allowed. */
export function roomIn({ used, most, free }: Omit<Storage, 'untold'>): number | null {
  const allowed = most === null ? null : most - used
  if (allowed === null || free === null) return allowed ?? free
  return Math.min(allowed, free)
}

/** How large some content is: that of known size together, and how many there are of unknown size. */
export interface Sizes {
  readonly bytes: number
  readonly unknown: number
}

/** Of some entries of an agenda. */
export function* sizesOf(
  indexes: Iterable<number>,
  sizeAt: (index: number) => number | null,
): LongWork<Sizes> {
  let bytes = 0
  let unknown = 0
  yield* paused(indexes, (index) => {
    const size = sizeAt(index)
    if (size === null) unknown++
    else bytes += size
  })
  return { bytes, unknown }
}
