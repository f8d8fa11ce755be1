import { everything, type Window, widened } from '../domain/windows.ts'
import { fullPage } from '../service/pinning-service.ts'
import type { Part } from '../snapshot/requests.ts'
import type { Listing } from './listing.ts'
import { gridFor } from './manners.ts'
import { readWindows } from './read.ts'

/** Parts of about a page each that make up a window, by what the snapshot knows of it. */
export async function partsOf(listing: Listing, window: Window): Promise<Part[]> {
  const { requests, state } = listing
  const newest = requests.newest()
  if (newest === undefined) return [{ window, count: 0 }]
  return requests.parts(window, Math.min(state.pageSize, fullPage), await gridFor(listing))
}

/** Reads again windows that lie between bounds of the snapshot. */
export async function reread(listing: Listing, windows: readonly Window[]): Promise<void> {
  const { grid } = listing.state
  await readWindows(listing, grid === undefined ? windows : windows.map((window) => widened(window, grid)))
}

/** Reads everything again, trusting nothing. */
export async function rereadAll(listing: Listing): Promise<void> {
  const parts = await partsOf(listing, everything)
  await reread(
    listing,
    parts.map(({ window }) => window),
  )
}
