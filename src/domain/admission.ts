/** How much has come and may come, in bytes. */
export interface Accounts {
  /** Fetched in this run. */
  readonly fetched: number
  /** Still to come of pins that have begun, as far as their sizes are known. */
  readonly expected: number
  /** To be fetched in this run at most; `null` for no limit. */
  readonly maxBytes: number | null
  /** What may still come before the node has less free than is to be kept; `null` where that is not known. */
  readonly room: number | null
}

/**
 * Whether a pin may begin: `wait` until others have ended or shown that nothing comes of them; `too-large` where this
 * one finds no room, and smaller ones may; `keep-free` and `max-bytes` where nothing more may begin.
 */
export type Admission = 'begin' | 'wait' | 'too-large' | 'keep-free' | 'max-bytes'

/**
 * What has begun is let end, so that content which is larger than the limit of a run is fetched by some run after all.
 * @param size as the service says; `null` where it does not
 */
export function admission(size: number | null, { fetched, expected, maxBytes, room }: Accounts): Admission {
  if (maxBytes !== null && fetched >= maxBytes) return 'max-bytes'
  if (room !== null && room <= 0) return 'keep-free'
  if (room !== null && size !== null && size > room) return 'too-large'
  if (maxBytes !== null && fetched + expected >= maxBytes) return 'wait'
  const least = size ?? 1
  return room !== null && expected + least > room ? 'wait' : 'begin'
}
