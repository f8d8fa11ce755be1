import { day } from './moment.ts'
import type { Retry } from './reasons/classes.ts'

const firstDelay = 500
const longestDelay = 30_000

/**
 * How long to wait before a request is repeated, in ms. What the server asks for is honoured as it stands; else the
 * delay doubles from 0.5 s to 30 s, of which a random half is taken off so that clients do not come back in step.
 * @param attempt how many tries have failed, from 1
 * @param random in [0, 1)
 */
export function retryDelay(attempt: number, retryAfterMs: number | undefined, random: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs
  const delay = Math.min(longestDelay, firstDelay * 2 ** (attempt - 1))
  return Math.round(delay * (1 - random / 2))
}

const firstPause = 15 * 60_000
/** Trying again does not help by itself, but whoever runs the node or the service may have changed something. */
const longestPauses: Readonly<Record<Retry, number>> = { later: day, never: 30 * day }

/**
 * How long the ledger lets a CID rest after its failures, in ms: 15 minutes, doubling to 24 hours; 30 days where trying
 * again does not help.
 */
export function ledgerPause(failures: number, retry: Retry): number {
  const longest = longestPause(retry)
  return retry === 'never' ? longest : Math.min(longest, firstPause * 2 ** (failures - 1))
}

export function longestPause(retry: Retry): number {
  return longestPauses[retry]
}
