import type { Agenda } from './agenda.ts'
import { longestPause } from './backoff.ts'
import type { CidKey, PinCid } from './cid.ts'
import { type LongWork, stepsAtATime } from './long-work.ts'
import type { Retry } from './reasons/classes.ts'

/** What the ledger knows of a CID that failed before. */
export interface KnownFailure {
  /** Not to be tried again before this instant, ms since the epoch. */
  readonly nextAttempt: number
  readonly retry: Retry
}

/**
 * Whether what failed may be tried again. A pause longer than the ledger makes comes of a clock that was ahead, and does
 * not count.
 * @param now ms since the epoch; `Infinity` tries everything, as a manual run does
 */
export function isDue({ nextAttempt, retry }: KnownFailure, now: number): boolean {
  return nextAttempt <= now || nextAttempt > now + longestPause(retry)
}

/** Indexes of an agenda. */
export interface Schedule {
  /** To be tried in this run, in this order: first what never failed, then what did. */
  readonly due: Uint32Array
  /** Failed before, and not to be tried again yet. */
  readonly resting: Uint32Array
}

/**
 * What to try in this run. What is known to fail comes last, so that it never holds up what may do well.
 * @param now see `isDue`
 */
export function* schedule(
  missing: Agenda<{ readonly cid: PinCid }>,
  failures: { readonly size: number; get(key: CidKey): KnownFailure | undefined },
  now: number,
): LongWork<Schedule> {
  const due = new Uint32Array(missing.length)
  const known: number[] = []
  const resting: number[] = []
  let fresh = 0
  for (let index = 0; index < missing.length; index++) {
    if (index % stepsAtATime === stepsAtATime - 1) yield
    const failure = failures.size === 0 ? undefined : failures.get(missing.keyAt(index))
    if (failure === undefined) due[fresh++] = index
    else if (isDue(failure, now)) known.push(index)
    else resting.push(index)
  }
  due.set(known, fresh)
  return { due: due.subarray(0, fresh + known.length), resting: Uint32Array.from(resting) }
}
