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
export const longestPause = 24 * 60 * 60_000

/** How long the ledger lets a CID rest after its failures, in ms: 15 minutes, doubling to 24 hours. */
export function ledgerPause(failures: number): number {
  return Math.min(longestPause, firstPause * 2 ** (failures - 1))
}
