import { everything } from '../domain/windows.ts'
import { fullPage } from '../service/pinning-service.ts'
import type { Listing } from './listing.ts'
import { gridFor } from './manners/bounds.ts'
import { askWindow } from './pages.ts'
import { unknownPart } from './parts.ts'
import { readParts } from './read.ts'
import { takePage, upTo } from './take.ts'

/**
 * What the audited slice showed: nothing new; a change since it was counted; or a change that an equal count had
 * hidden.
 */
export type AuditResult = 'as-known' | 'changed' | 'hidden-change'

/**
 * Reads one page again although its count is right: the one that was not read for the longest time. So every run
 * checks a little of what a warm listing takes for granted, and no wrong row stays for ever.
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
  // What the page did not hold of the slice is audited next. Where that is more than one stretch of time, it is read
  // now.
  const isNext = only !== undefined && others.length === 0 && only.after === after
  state.auditedTo = isNext ? only.before : after
  let result = 'as-known' as AuditResult
  takePage(listing, upTo(newest, page.requests), shown, () => {
    // A changed name or delegate does no harm. A request that comes or goes behind an equal count does.
    if (changes.added === added && changes.vanished === vanished && changes.returned === returned) return
    // At the head, one request may have come and another one gone since it was counted.
    result = page.count === known && slice.before !== null ? 'hidden-change' : 'changed'
    // Noted at once: after a kill, too, everything is listed again.
    if (result === 'hidden-change') state.startUnread([everything])
  })
  if (result !== 'hidden-change' && rest.length > 0 && !isNext)
    await readParts(listing, rest.map(unknownPart))
  return result
}
