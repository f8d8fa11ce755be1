/**
 * How long one address of a name may take to connect before the next is tried, ms. Node gives each but the last 250 ms:
 * where the way takes longer and the last address is unreachable, no connection ever comes about.
 */
export const addressPatience = 3_000

/** How long all of them may take together, ms: the first four have their turn. */
export const connectPatience = 15_000
