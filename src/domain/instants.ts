/*
 * The first and the last of some instants, in ms. An answer may hold more of them than a call takes as its arguments.
 */

/** `Infinity` where there are none. */
export function earliest(instants: readonly number[]): number {
  return instants.reduce((first, one) => Math.min(first, one), Number.POSITIVE_INFINITY)
}

/** `-Infinity` where there are none. */
export function latest(instants: readonly number[]): number {
  return instants.reduce((last, one) => Math.max(last, one), Number.NEGATIVE_INFINITY)
}
