import { anyLength } from '../../domain/manners.ts'
import { isFine, type Window, wholeSeconds } from '../../domain/windows.ts'
import type { Reply } from '../ask.ts'
import type { Listing } from '../listing.ts'
import { loseGrid } from './bounds.ts'

/** Learns what any answer to a window shows of the service by the way. */
export function seePage(listing: Listing, { page, asked }: Reply): void {
  const { manners } = listing
  manners.pageSize = Math.max(manners.pageSize, page.shown)
  manners.largestPage = Math.max(manners.largestPage, page.shown)
  if (page.count > page.shown && !page.isDoubled) manners.foundHonest(anyLength)
  if (page.requests.some(({ created }) => created % 1000 !== 0)) manners.showsFractions = true
  // Bounds at half seconds are exact only while all instants are whole seconds, as they were so far.
  if (manners.grid?.exact && manners.showsFractions) loseGrid(listing, undefined)
  // A request is outside of the bounds that were asked for: the service keeps finer instants than it shows, or
  // ignores bounds.
  const isFiner = isFine(asked) && manners.grid !== undefined && manners.grid !== wholeSeconds
  if (isFiner && page.requests.some(({ created }) => !isWithin(asked, created)))
    loseGrid(listing, wholeSeconds)
  seeOddRows(listing, { page, asked })
}

/** Such a row may become a request, or go as another one comes: then the counts stay equal, and show nothing. */
export function seeOddRows({ odd, unsure }: Listing, { page, asked }: Reply): void {
  odd.see(page)
  if (page.odd.length > 0) unsure.add(asked)
}

/**
 * The bounds themselves are inside: a bound may lie on a whole second, from the time before half seconds were known
 * to be honoured.
 */
function isWithin({ after, before }: Window, instant: number): boolean {
  return instant >= (after ?? Number.NEGATIVE_INFINITY) && instant <= (before ?? Number.POSITIVE_INFINITY)
}
