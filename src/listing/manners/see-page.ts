import { anyLength } from '../../domain/manners.ts'
import { isFine, type Window, wholeSeconds } from '../../domain/windows.ts'
import type { Answer } from '../ask.ts'
import type { Listing } from '../listing.ts'
import { loseGrid } from './bounds.ts'

/** Learns from an answer to a window what it shows in passing. */
export function seePage(listing: Listing, { page, asked }: Answer): void {
  const { odd, manners } = listing
  manners.pageSize = Math.max(manners.pageSize, page.shown)
  manners.largestPage = Math.max(manners.largestPage, page.shown)
  if (page.count > page.shown && !page.isDoubled) manners.foundHonest(anyLength)
  if (page.requests.some(({ created }) => created % 1000 !== 0)) manners.showsFractions = true
  // Whole seconds were only seen so far: what the half second promised does not hold.
  if (manners.grid?.exact && manners.showsFractions) loseGrid(listing, undefined)
  // A request outside the bounds it was asked for: the service goes by finer instants than it shows, or by none.
  const isFiner = isFine(asked) && manners.grid !== undefined && manners.grid !== wholeSeconds
  if (isFiner && page.requests.some(({ created }) => !isWithin(asked, created)))
    loseGrid(listing, wholeSeconds)
  odd.see(page, asked)
}

/** Inclusive: a bound may lie on a second, from before it was known that the half ones are honoured. */
function isWithin({ after, before }: Window, instant: number): boolean {
  return instant >= (after ?? Number.NEGATIVE_INFINITY) && instant <= (before ?? Number.POSITIVE_INFINITY)
}
