import type { Manners } from '../domain/manners.ts'
import { everything } from '../domain/windows.ts'
import { fullPage } from '../service/pinning-service.ts'
import { tenths } from '../snapshot/bucket/state.ts'
import { decided, type Listing } from './listing.ts'
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

/** Of a bucket that came from the cache at least so many slices are read again: all of it, where it has no more. */
const fewSlices = 10
/** Of what pages hold it says itself, too. */
const mostSlices = 1000

/**
 * Reads again some of what was believed unread, though its count is right: a slice in every run; of what came from the
 * cache, where others may write, a tenth, in as many runs. Such a bucket says itself how far it was audited, so it
 * begins anywhere.
 */
export async function audit(listing: Listing): Promise<AuditResult> {
  const { requests, state, manners } = listing
  if (state.unaudited === 0) return auditSlice(listing)
  const all = requests.count(everything)
  if (state.unaudited === tenths) {
    const bound = requests.timeline.boundNear(
      everything,
      Math.floor(Math.random() * all),
      await gridFor(listing),
    )
    state.auditedTo = bound ?? null
  }
  const due = Math.min(all, Math.max(fewSlices * sliceOf(manners), Math.ceil(all / tenths)))
  let result = 'as-known' as AuditResult
  // Slices lie next to each other, and below the oldest is the newest: as many requests as there are, are all of them.
  for (let slices = 0, audited = 0; audited < due && slices < mostSlices; slices++) {
    const { auditedTo: before } = state
    const found = await auditSlice(listing)
    if (found === 'hidden-change') return found
    if (found === 'changed') result = found
    audited += requests.count({ after: state.auditedTo, before })
  }
  state.unaudited = due === all ? 0 : state.unaudited - 1
  return result
}

/** How many requests a page is sure to hold, with some that are new. */
function sliceOf({ pageSize }: Manners): number {
  return Math.max(1, Math.floor(Math.min(pageSize || fullPage, fullPage) * 0.9))
}

/**
 * Reads one page again although its count is right: the one that was not read for the longest time. So every run
 * checks a little of what a warm listing takes for granted, and no wrong row stays for ever.
 */
async function auditSlice(listing: Listing): Promise<AuditResult> {
  const { requests, state, changes, manners } = listing
  const newest = requests.newest()
  if (newest === undefined) return 'as-known'
  const grid = await gridFor(listing)
  const top = { after: null, before: state.auditedTo }
  const rank = requests.count(top) - sliceOf(manners)
  const after = rank > 0 ? (requests.timeline.boundNear(top, rank, grid) ?? null) : null
  const slice = { after, before: state.auditedTo }
  const known = requests.count(slice)
  const { added, vanished, returned } = changes
  const { page, shown, rest } = await askWindow(listing, slice)
  decided(listing, 'audited', slice, page.count, page.requests.length)
  const [only, ...others] = rest
  // What the page did not hold of the slice is audited next. Where that is more than one stretch of time, it is read
  // now.
  const isNext = only !== undefined && others.length === 0 && only.after === after
  state.auditedTo = isNext ? only.before : after
  const isOther = page.requests.some((request) => requests.isKnownAsOther(request))
  let result = 'as-known' as AuditResult
  await takePage(listing, upTo(newest, page.requests), shown, () => {
    // A changed name or delegate does no harm. A request that comes or goes behind an equal count does.
    if (!isOther && changes.added === added && changes.vanished === vanished && changes.returned === returned)
      return
    // At the head, one request may have come and another one gone since it was counted.
    result = isOther || (page.count === known && slice.before !== null) ? 'hidden-change' : 'changed'
    // Noted at once: after a kill, too, everything is listed again.
    if (result === 'hidden-change') state.startUnread([everything])
  })
  if (result !== 'hidden-change' && rest.length > 0 && !isNext)
    await readParts(listing, rest.map(unknownPart))
  return result
}
