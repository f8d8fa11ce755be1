export const hour = 3_600_000
export const day = 24 * hour
export const week = 7 * day

/**
 * A moment by two clocks, ms since the epoch: the box's own, which anyone may set, and the service's, which its answers
 * tell; `null` where none did.
 */
export interface Moment {
  readonly here: number
  readonly service: number | null
}

/**
 * Whether so much time has surely passed. A clock that jumped ahead proves nothing by itself: both must say so where
 * both are known. One that was ahead and was put back cannot tell, and leaves it to the other.
 */
export function hasPassed(ms: number, since: Moment, now: Moment): boolean {
  const here = between(since.here, now.here)
  const byService = between(since.service, now.service)
  if (here === null && byService === null) return false
  return (here === null || here >= ms) && (byService === null || byService >= ms)
}

/**
 * `null` where a clock cannot tell. One that is a little behind was not put back: answers tell whole seconds, and the
 * servers of a service do not agree to the second.
 */
function between(since: number | null, now: number | null): number | null {
  return since === null || now === null || now < since - hour ? null : Math.max(0, now - since)
}
