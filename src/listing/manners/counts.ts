import { allEnded } from '../../all-ended.ts'
import { statuses } from '../../domain/pin.ts'
import { everything, spanOf, type Window, wholeSeconds } from '../../domain/windows.ts'
import { countsOf, type Page } from '../../service/answers.ts'
import { fullPage, type ListQuery } from '../../service/pinning-service.ts'
import { ask, askForAny } from '../ask.ts'
import type { Listing } from '../listing.ts'
import { isOddIn } from '../odd-rows.ts'

/** What of a bucket is asked for. It may take any number of pages. */
export type Filter = Pick<ListQuery, 'statuses'> & { readonly window: Window }

/** Whether a page holds all of what was asked for. */
export async function isWhole(listing: Listing, filter: Filter, page: Page): Promise<boolean> {
  const { manners } = listing
  if (page.count > page.shown && tellsOfCount(listing, filter))
    return isNothingCountedBeyond(listing, filter, page)
  if (page.shown < 2) return true
  // A `count` that was honest beyond a short page may go no further than the length of a longer one.
  if (manners.honestCount !== false && page.shown > (manners.honestUpTo ?? 0)) {
    const upTo = await honestyAt(listing, filter, page)
    if (upTo !== undefined) manners.foundHonest(upTo)
  }
  return tellsOfCount(listing, filter) || isUncut(listing, filter, page)
}

/** Whether `count` may tell how many requests match this filter. */
function tellsOfCount({ manners }: Listing, { statuses: asked = statuses }: Filter): boolean {
  return manners.honestCount !== false && !(manners.countsAnyStatus && asked.length < statuses.length)
}

/**
 * A page that holds less than it counts was cut. But where the service gives larger pages, and has nothing before or
 * after this one, it is the count that is wrong: it may be of every status, whatever was asked for, or any number.
 */
async function isNothingCountedBeyond(listing: Listing, filter: Filter, page: Page): Promise<boolean> {
  const { manners } = listing
  const isOfSome = filter.statuses !== undefined && filter.statuses.length < statuses.length
  const isSmall = page.shown < Math.min(manners.pageSize, manners.cutAt)
  if (page.isDoubled || page.odd.length > 0 || !isSmall || (page.shown === 0 && !isOfSome)) return false
  if (page.shown > 0 && (await isMoreAround(listing, filter, page))) {
    manners.cutAt = Math.min(manners.cutAt, page.shown)
    return false
  }
  if (isOfSome) return isNothingLeft(listing, filter, page)
  manners.foundLying()
  return true
}

/** A request may have changed its status just as it was counted. Then a second answer counts what it shows. */
async function isNothingLeft(listing: Listing, filter: Filter, { shown }: Page): Promise<boolean> {
  const { page } = await ask(listing, { ...filter, limit: fullPage })
  return (page.shown === shown && page.count === shown) || countsAnyStatus(listing, filter.window)
}

/**
 * Whether the service counts requests of every status, whatever status is asked for: then it counts the same for
 * each, and shows fewer of some. This is remembered, so call it only after an answer that already looks like it: then
 * it takes two.
 */
export async function countsAnyStatus(listing: Listing, window: Window): Promise<boolean> {
  const pages: Page[] = []
  for (const status of statuses)
    pages.push((await ask(listing, { window, statuses: [status], limit: fullPage })).page)
  const counts = countsOf(pages)
  const isAny = counts.length > 1 && new Set(counts).size === 1
  if (!isAny || pages.every(({ count, shown }) => count === shown)) return false
  listing.manners.countsAnyStatus = true
  return true
}

/** Services cap pages silently: where `count` tells nothing, only a page smaller than others was surely not cut. */
async function isUncut(listing: Listing, filter: Filter, page: Page): Promise<boolean> {
  const { manners } = listing
  const length = page.shown
  if (length < manners.largestPage) return true
  if (length >= manners.pageSize || length >= manners.cutAt) return false
  // It is smaller than a page of an earlier run only: the service may give smaller pages now.
  if (!(await isMoreAround(listing, filter, page))) return true
  manners.cutAt = Math.min(manners.cutAt, length)
  return false
}

/**
 * Up to which length of a page `count` is honest. 0 where it counts no more than this page has, and there is more;
 * `undefined` where that cannot be found out now.
 */
async function honestyAt(listing: Listing, filter: Filter, page: Page): Promise<number | undefined> {
  const all = { ...filter, window: everything }
  const length = page.shown
  // Not every service counts rows that are no requests, so that it may count as few as it was asked for.
  if (page.requests.length < 2) return undefined
  const one = await ask(listing, { ...all, limit: 1 })
  // An empty answer tells nothing: the bucket may be hidden for the moment.
  if (one.page.shown === 0) return undefined
  if (one.page.count > length) return one.page.count - 1
  if (one.page.count > 1 && !(await isMoreAround(listing, all, page))) return length
  // What is around the page may have come since.
  const again = await ask(listing, { ...all, limit: 1 })
  return again.page.count > length ? again.page.count - 1 : 0
}

/**
 * Whether what was asked for has anything older or newer than the requests of the page. The odd rows that the page shows
 * are no more, and may be there: when they were created is not known.
 */
async function isMoreAround(listing: Listing, filter: Filter, page: Page): Promise<boolean> {
  if (page.requests.length === 0) return false
  const { oldest, newest } = spanOf(page.requests.map(({ created }) => created))
  const { after, before } = filter.window
  const around = [
    { after, before: oldest - wholeSeconds.sure },
    { after: newest + wholeSeconds.sure, before },
  ].filter(isWindow)
  const found = await allEnded(around.map((window) => askForAny(listing, { ...filter, window })))
  return found.some(({ requests, odd }) => requests.length > 0 || odd.some((row) => !isOddIn(page, row)))
}

function isWindow({ after, before }: Window): boolean {
  return after === null || before === null || after < before
}
