/**
 * How long connecting to one address of a name may take before the next one is tried, ms. By default Node waits 250
 * ms for each but the last: on a slow network, with a last address that cannot be reached, it would never connect.
 */
export const addressPatience = 3_000

/** How long connecting may take in all, ms: enough for the first four addresses. */
export const connectPatience = 15_000
