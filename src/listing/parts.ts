import { everything, spanOf, type Window, wholeSeconds, widened } from '../domain/windows.ts'
import { inSlices } from '../in-slices.ts'
import { fullPage } from '../service/pinning-service.ts'
import type { Part } from '../snapshot/bucket/timeline.ts'
import type { Listing } from './listing.ts'
import { gridFor } from './manners/bounds.ts'
import { readParts } from './read.ts'

/** A window of which nothing is known: it is taken to hold one page. */
export function unknownPart(window: Window): Part {
  return { window, count: fullPage }
}

/** Divides a window into parts of about a page each, as the snapshot has them. */
export async function partsOf(listing: Listing, window: Window): Promise<Part[]> {
  const { requests, manners } = listing
  const grid = await gridFor(listing)
  const page = Math.min(manners.pageSize || fullPage, fullPage)
  // Where windows overlap, a page also holds requests of the next part. A part that fills the page would need a
  // second one for its rest.
  const most = grid.exact ? page : Math.ceil(page * 0.9)
  return inSlices(requests.timeline.parts(window, most, grid), listing.signal)
}

/** The stretch of time that holds some instants, in parts of a page. */
export async function partsAround(listing: Listing, instants: readonly number[]): Promise<Part[]> {
  if (instants.length === 0) return []
  const { oldest, newest } = spanOf(instants)
  const { sure } = await gridFor(listing)
  return partsOf(listing, { after: oldest - sure, before: newest + sure })
}

/** Reads parts again whose bounds were chosen by the snapshot. */
export async function reread(listing: Listing, parts: readonly Part[]): Promise<void> {
  const { grid = wholeSeconds } = listing.manners
  const widen = ({ window, count }: Part) => ({ window: widened(window, grid), count })
  await readParts(listing, parts.map(widen))
}

/** Reads everything again, trusting nothing. */
export async function rereadAll(listing: Listing): Promise<void> {
  const parts = await partsOf(listing, everything)
  listing.state.isReadInVain = false
  listing.isRead = true
  await reread(listing, parts)
}
