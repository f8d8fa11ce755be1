import { longestPause } from './backoff.ts'
import type { CidKey, PinCid } from './cid.ts'

/** What the ledger knows of a CID that failed before. */
export interface KnownFailure {
  /** Not to be tried again before this instant, ms since the epoch. */
  readonly nextAttempt: number
}

export interface Schedule<T> {
  /** To be tried in this run, in this order: first what never failed, then what did. */
  readonly due: readonly T[]
  /** Failed before, and not to be tried again yet. */
  readonly resting: readonly T[]
}

/**
 * What to try in this run. What is known to fail comes last, so that it never holds up what may do well.
 * A pause longer than the ledger makes comes of a clock that was ahead, and does not count.
 * @param now ms since the epoch; `Infinity` tries everything, as a manual run does
 */
export function schedule<T extends { readonly cid: PinCid }>(
  missing: readonly T[],
  failures: ReadonlyMap<CidKey, KnownFailure>,
  now: number,
): Schedule<T> {
  const fresh: T[] = []
  const known: T[] = []
  const resting: T[] = []
  for (const entry of missing) {
    const failure = failures.get(entry.cid.key)
    if (failure === undefined) fresh.push(entry)
    else if (failure.nextAttempt <= now || failure.nextAttempt > now + longestPause) known.push(entry)
    else resting.push(entry)
  }
  return { due: known.length === 0 ? fresh : fresh.concat(known), resting }
}
