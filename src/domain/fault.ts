/** Who is at fault where a pin does not come about: its CID, or the node with all that stands before it. */
export type Fault = 'cid' | 'node'

/**
 * How a try ended that may be the node's fault. `refused`: in the node's own words; `broken`: without a whole answer of
 * its API (a reset, a proxy's page); `silent`: without a line for as long as it was waited for, though the node writes
 * one every half second.
 */
export type Suspicion = 'refused' | 'broken' | 'silent'

/** So many different CIDs in a row that end in suspicion, with none between that did well, are the node's fault. */
export function tooManyInARow(concurrency: number): number {
  return Math.max(8, 2 * concurrency)
}

/** So many times in a row connections may break though the node answers each time right after, and nobody does well. */
export const tooManyBreaks = 8

/** Of the last ones, so many may be refused for their own sake. */
const fewAtTheEnd = 2

/**
 * Whose fault is what ended in suspicion and stayed so to the end: who else did well decides. No content makes the node
 * silent. Its refusals are the node's where all fare alike since somebody last did well; of one CID alone, unless the
 * node shows that it stores what it is given. A broken answer is the CID's only where it is rare.
 */
export function blame(
  suspicion: Suspicion,
  {
    pinned,
    alike,
    isStoring,
  }: {
    /** CIDs that did well in this run. */
    readonly pinned: number
    /** CIDs that ended in the same suspicion. */
    readonly alike: number
    /** Whether the node stored a block of our own when it refused. */
    readonly isStoring: boolean
  },
): Fault {
  if (suspicion === 'refused' && pinned === 0) return alike === 1 && isStoring ? 'cid' : 'node'
  if (suspicion === 'silent' || pinned === 0) return 'node'
  if (suspicion === 'refused') return alike <= fewAtTheEnd ? 'cid' : 'node'
  return alike === 1 || alike * 10 <= pinned ? 'cid' : 'node'
}

/**
 * What to do with a pin that does not begin though the node has its first block, as while a garbage collection waits
 * for its lock: needs no network, so that the node holds it up. Unless it goes on with those that came later. Times in ms,
 * of one clock.
 */
export function heldUp(
  pin: {
    readonly started: number
    /** When it was first seen that the node has its block. */
    readonly seen: number
  },
  node: {
    /** When any pin last moved. */
    readonly lastMove: number
    /** When the latest of those that ever moved was started. */
    readonly newestMoved: number
    readonly now: number
  },
  stallTimeout: number,
): Fault | 'wait' {
  if (node.newestMoved > pin.seen) return 'cid'
  // A lock that came at the end of its time is not long yet.
  return node.now - Math.max(node.lastMove, pin.started, pin.seen) >= stallTimeout ? 'node' : 'wait'
}
