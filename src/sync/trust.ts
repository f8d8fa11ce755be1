import { listingError } from '../report/bucket-report.ts'
import type { BothSides } from './list-both-sides.ts'

/** What may be concluded from what was not found. */
export interface Trust {
  /** Every bucket is proved to hold what was listed, and nothing else. */
  readonly isProved: boolean
  /** A node that had thousands of pins and lists none may be another's, or look into an empty repository. */
  readonly isNodeBelieved: boolean
  /** Both sides were listed as well as they can be, and nothing is doubted: what is not seen is settled. */
  readonly isWhole: boolean
}

/** A node that had so many pins and now lists none is not believed at once. */
const manyPins = 1000

/** @param pinsBefore the node's, in the last run */
export function trustIn({ buckets, pins, identity }: BothSides, pinsBefore: number): Trust {
  const isDoubted = buckets.some(({ result }) => result === undefined || result.vanished > 0)
  const isNodeBelieved = identity === undefined || pinsBefore < manyPins || pins.size > 0
  return {
    isProved: !isDoubted && buckets.every(({ result }) => result?.complete === true),
    isNodeBelieved,
    isWhole:
      !isDoubted &&
      identity !== undefined &&
      isNodeBelieved &&
      buckets.every((bucket) => listingError(bucket) === undefined),
  }
}
