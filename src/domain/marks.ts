/*
 * The marks of a CID. The flags come first; what is above them is the number of the last bucket, from 1, that has a
 * request for it.
 */
export const onNode = 1
export const pinnedAtService = 2
/** Pinned at the service, or on the way. */
export const liveAtService = 4
/** The node writes it as CIDv0. */
export const asV0 = 8
/** The same two of the bucket that is being gone through; what the one before left of them is taken off. */
export const pinnedHere = 16
export const liveHere = 32
export const lasting = 15
export const bucketShift = 64
