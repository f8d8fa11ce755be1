import { everything, isCheaperToRead, type Window } from '../domain/windows.ts'
import type { Part } from '../snapshot/requests.ts'
import type { Listing } from './listing.ts'
import { gridFor } from './manners.ts'
import { askWindow } from './pages.ts'
import { partsOf, reread } from './parts.ts'
import { readWindows } from './read.ts'
import { takePage } from './take.ts'

/** How far below the newest known request new ones are looked for, ms of the service's own time. */
const overlap = 10 * 60_000
const passes = 6

/** How it was proved that the snapshot holds what the service has: one answer also shows every status. */
export type Proof = 'by-counts' | 'by-one-answer' | 'none'

/**
 * Makes the snapshot agree with the service, and proves that it does: what is new is at the head, and where the total
 * `count` then equals the snapshot's, the rest is unchanged. Where it does not, the windows that differ are found by
 * halving and read again, until a pass finds all counts equal.
 */
export async function prove(listing: Listing): Promise<Proof> {
  const { client, requests, signal } = listing
  let theirs = 0
  let ours = 0
  for (let pass = 1; pass <= passes; pass++) {
    const { total, isAll } = await readHead(listing)
    theirs = total ?? (await client.list({ limit: 1 }, signal)).count
    ours = requests.count(everything)
    if (theirs === ours) return isAll ? 'by-one-answer' : 'by-counts'
    await reconcile(listing, everything, theirs)
  }
  listing.gaps.add(`the service counts ${theirs} requests, and ${ours} could be listed`)
  return 'none'
}

/** Reads what is new at the head; of a small bucket, all of it where one page holds it. */
async function readHead(listing: Listing): Promise<{ total: number | undefined; isAll: boolean }> {
  const { requests, state } = listing
  const newest = requests.newest()
  const isSmall = newest === undefined || requests.count(everything) <= state.pageSize
  const window = isSmall ? everything : await headWindow(listing, newest)
  const { page, shown, rest } = await askWindow(listing, window)
  takePage(listing, page.requests, shown)
  if (rest.length === 0)
    return { total: window === everything ? page.count : undefined, isAll: window === everything }
  // Equal counts do not excuse reading what is new: a request that was replaced leaves the count as it was.
  await readNewerThan(listing, newest, shown)
  const counted = requests.count(window)
  if (counted !== page.count) await reconcile(listing, window, page.count)
  return { total: window === everything && counted === page.count ? counted : undefined, isAll: false }
}

/** Reads all that was created since an instant, unless an answer has shown it. */
async function readNewerThan(
  listing: Listing,
  newest: number | undefined,
  shown: Window | null,
): Promise<void> {
  if (newest === undefined) return readWindows(listing, [everything])
  const isShown = shown !== null && shown.before === null && shown.after !== null && shown.after < newest
  if (isShown) return
  const { sure } = await gridFor(listing, [newest])
  await readWindows(listing, [{ after: newest - sure, before: null }])
}

/** The newest requests: those of the overlap, but no more than one answer shows. */
async function headWindow(listing: Listing, newest: number): Promise<Window> {
  const { requests, state } = listing
  const grid = await gridFor(listing, [newest])
  const below = requests.count({ after: null, before: newest - overlap })
  const rank = Math.max(below, requests.count(everything) - state.pageSize)
  return { after: requests.boundNear(everything, rank, grid) ?? null, before: null }
}

/** Reads again the parts of a window in which the service's counts differ from the snapshot's. */
async function reconcile(listing: Listing, window: Window, theirs: number): Promise<void> {
  await reread(listing, await differing(listing, await partsOf(listing, window), theirs))
}

/**
 * Finds the parts that differ by halving: the cost grows with what changed, not with the size.
 * @param theirs how many requests the service counts in the parts together
 */
async function differing(listing: Listing, parts: readonly Part[], theirs: number): Promise<Window[]> {
  const { client, state, signal } = listing
  const ours = parts.reduce((sum, { count }) => sum + count, 0)
  if (ours === theirs) return []
  if (theirs <= state.pageSize) return [spanOf(parts)]
  if (parts.length === 1 || isCheaperToRead(parts.length, Math.abs(ours - theirs))) {
    return parts.map(({ window }) => window)
  }
  const middle = Math.ceil(parts.length / 2)
  const [older, newer] = [parts.slice(0, middle), parts.slice(middle)]
  const { count } = await client.list({ window: spanOf(older), limit: 1 }, signal)
  const found = await Promise.all([
    differing(listing, older, count),
    differing(listing, newer, theirs - count),
  ])
  return found.flat()
}

/** The window that parts next to each other make together. */
function spanOf(parts: readonly Part[]): Window {
  return { after: parts[0]?.window.after ?? null, before: parts.at(-1)?.window.before ?? null }
}
