import { everything } from '../domain/windows.ts'
import { fullPage } from '../service/pinning-service.ts'
import type { Listing } from './listing.ts'
import { gridFor } from './manners/bounds.ts'
import { askWindow } from './pages.ts'
import { unknownPart } from './parts.ts'
import { readParts } from './read.ts'
import { takePage, upTo } from './take.ts'

/** What the audited slice told: all as known; changed since it was counted; or changed behind an equal count. */
export type AuditResult = 'as-known' | 'changed' | 'hidden-change'

/**
 * Reads again the page-sized slice that was unread for longest, though its count is right: the assumptions that a
 * warm listing rests on are checked a little in every run, and a wrong row cannot live for ever.
 */
export async function audit(listing: Listing): Promise<AuditResult> {
  const { requests, state, changes, manners } = listing
  const newest = requests.newest()
  if (newest === undefined) return 'as-known'
  const grid = await gridFor(listing)
  const top = { after: null, before: state.auditedTo }
  const rank = requests.count(top) - Math.floor(Math.min(manners.pageSize, fullPage) * 0.9)
  const after = rank > 0 ? (requests.timeline.boundNear(top, rank, grid) ?? null) : null
  const slice = { after, before: state.auditedTo }
  const known = requests.count(slice)
  const { added, vanished, returned } = changes
  const { page, shown, rest } = await askWindow(listing, slice)
  const [only, ...others] = rest
  // What of the slice a page did not hold is next; where it is not one stretch, it is read now.
  const isNext = only !== undefined && others.length === 0 && only.after === after
  state.auditedTo = isNext ? only.before : after
  let result = 'as-known' as AuditResult
  takePage(listing, upTo(newest, page.requests), shown, () => {
    // Names and delegates change without harm; what is there or not there against an equal count does not.
    if (changes.added === added && changes.vanished === vanished && changes.returned === returned) return
    // At the head one may have come as another went, since it was counted.
    result = page.count === known && slice.before !== null ? 'hidden-change' : 'changed'
    // Also a run that is killed now has everything listed again.
    if (result === 'hidden-change') state.startUnread([everything])
  })
  if (result !== 'hidden-change' && rest.length > 0 && !isNext)
    await readParts(listing, rest.map(unknownPart))
  return result
}
