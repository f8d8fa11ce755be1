import { anyLength } from '../domain/manners.ts'
import { statuses } from '../domain/pin.ts'
import {
  everything,
  type Grid,
  halfSeconds,
  isFine,
  milliseconds,
  spanOf,
  type Window,
  wholeSeconds,
} from '../domain/windows.ts'
import { countsOf, type Page } from '../service/answers.ts'
import { fullPage, type ListQuery } from '../service/pinning-service.ts'
import { type Answer, ask, askFinely } from './ask.ts'
import type { Listing } from './listing.ts'

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

/** The service does not honour the bounds that it was asked by: what was read between them is to be read again. */
export function loseGrid({ manners, state }: Listing, instead: Grid | undefined): void {
  manners.grid = instead
  state.readInVain()
}

/** So many requests in a run that were gone: where a service has some beyond their bounds, the first is one of them. */
const enoughLooks = 2

/**
 * A known request at the edge of a window that an answer shows whole, and which is not among what it shows, is gone; or
 * the service goes by finer instants than it shows, or cuts bounds that it honoured, and has it beyond the bound: then
 * fine bounds are none. Also where everything is read: what a page in order left ends at such a bound, and no window that
 * begins there is asked for.
 */
export async function checkEdge(listing: Listing, { before }: Window, page: Page): Promise<void> {
  const { requests, manners } = listing
  if (manners.grid === undefined || before === null || !isFine({ after: null, before })) return
  if (manners.looksBeyond === enoughLooks) return
  const second = Math.floor(before / 1000) * 1000
  const shown = new Set(page.requests.map(({ requestid }) => requestid))
  const known = requests.timeline.between(second, before - manners.grid.sure)
  const missed = new Set(known.filter((requestid) => !shown.has(requestid)))
  if (missed.size === 0) return
  manners.looksBeyond++
  const around = { after: second - wholeSeconds.sure, before: second + wholeSeconds.sure }
  const found = await ask(listing, { window: around, limit: fullPage })
  const isThere = found.page.requests.some(
    ({ requestid, created }) => created >= second && created < before && missed.has(requestid),
  )
  if (isThere && manners.grid !== undefined && manners.grid.sure < wholeSeconds.sure)
    loseGrid(listing, wholeSeconds)
}

function isWindow({ after, before }: Window): boolean {
  return after === null || before === null || after < before
}

/** Inclusive: a bound may lie on a second, from before it was known that the half ones are honoured. */
function isWithin({ after, before }: Window, instant: number): boolean {
  return instant >= (after ?? Number.NEGATIVE_INFINITY) && instant <= (before ?? Number.POSITIVE_INFINITY)
}

/** What of a bucket is asked for, in whatever pages. */
export type Filter = Pick<ListQuery, 'statuses'> & { readonly window: Window }

/** Whether a page holds all of what was asked for. */
export async function isWhole(listing: Listing, filter: Filter, page: Page): Promise<boolean> {
  const { manners } = listing
  if (page.count > page.shown && tellsOfCount(listing, filter))
    return isNothingCountedBeyond(listing, filter, page)
  if (page.shown < 2) return true
  // What was honest of a short page may stop at the length of a longer one.
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
 * A page that holds less than it counts is cut; but where services give larger ones and have nothing around it, the
 * count is wrong: it may be of every status, whatever was asked for, or any number.
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

/** One may have settled just as it was counted: then there is nothing to be counted any more. */
async function isNothingLeft(listing: Listing, filter: Filter, { shown }: Page): Promise<boolean> {
  const { page } = await ask(listing, { ...filter, limit: fullPage })
  return (page.shown === shown && page.count === shown) || countsAnyStatus(listing, filter.window)
}

/**
 * Whether the service counts requests of every status, whatever status is asked for: then it counts as many of each, and
 * shows fewer of some. Remembered; call it where an answer lets it be thought, so that it takes two that say so.
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
  // Smaller than one of an earlier run: the service may have given less since.
  if (!(await isMoreAround(listing, filter, page))) return true
  manners.cutAt = Math.min(manners.cutAt, length)
  return false
}

/**
 * Up to which length of a page `count` is known to tell more than that: 0 where it tells no more than this page's, and
 * there is more; `undefined` where that cannot be told now.
 */
async function honestyAt(listing: Listing, filter: Filter, page: Page): Promise<number | undefined> {
  const all = { ...filter, window: everything }
  const length = page.shown
  const one = await ask(listing, { ...all, limit: 1 })
  // Nothing at all tells nothing: the bucket may be hidden for the moment.
  if (one.page.shown === 0) return undefined
  if (one.page.count > length) return one.page.count - 1
  if (one.page.count > 1 && !(await isMoreAround(listing, all, page))) return length
  // It may have come since.
  const again = await ask(listing, { ...all, limit: 1 })
  return again.page.count > length ? again.page.count - 1 : 0
}

/** Whether what was asked for has requests older or newer than those of the page. */
async function isMoreAround(listing: Listing, filter: Filter, page: Page): Promise<boolean> {
  if (page.requests.length === 0) return false
  const { oldest, newest } = spanOf(page.requests.map(({ created }) => created))
  const { after, before } = filter.window
  const around = [
    { after, before: oldest - wholeSeconds.sure },
    { after: newest + wholeSeconds.sure, before },
  ].filter(isWindow)
  const found = await Promise.all(around.map((window) => ask(listing, { ...filter, window, limit: 1 })))
  return found.some(({ page: beyond }) => beyond.shown > 0)
}

/**
 * Which bounds the service honours, found out once.
 * @param instants of requests that are there; by default the newest of the snapshot
 */
export async function gridFor(listing: Listing, instants?: readonly number[]): Promise<Grid> {
  const { requests, manners } = listing
  if (manners.grid !== undefined) return manners.grid
  if (manners.probe !== undefined) return manners.probe
  const probe = findGrid(listing, instants ?? requests.timeline.newestInstants(fullPage)).finally(() => {
    if (manners.probe === probe) manners.probe = undefined
  })
  manners.probe = probe
  return probe
}

/** The same without waiting for it: until it is known, bounds are taken for cut, and a few requests are read twice. */
export function gridOrCoarse(listing: Listing, instants: readonly number[]): Grid {
  // What goes wrong with it, whoever needs the grid to go on finds out anew.
  void gridFor(listing, instants).catch(() => undefined)
  return listing.manners.grid ?? wholeSeconds
}

/**
 * Found out at an instant that holds requests: a window around it must show it and nothing else, and the window just
 * above must not.
 */
async function findGrid(listing: Listing, instants: readonly number[]): Promise<Grid> {
  const { manners } = listing
  const hoped = instants.every((created) => created % 1000 === 0) ? halfSeconds : milliseconds
  const { sure } = hoped
  const telling = instants.filter((created) => tellsOf(hoped, created))
  const instant = telling[Math.floor(telling.length / 2)]
  if (instant === undefined) return wholeSeconds
  const instantsIn = ({ requests }: Page) => requests.map(({ created }) => created)
  const look = async (after: number, before: number) => {
    const page = await askFinely(listing, { window: { after, before }, limit: fullPage })
    return page && instantsIn(page)
  }
  const [inside, above] = await Promise.all([
    look(instant - sure, instant + sure),
    look(instant + sure, instant + sure + 1000),
  ])
  const isHonoured =
    inside?.every((created) => Math.abs(created - instant) <= sure) && above && !above.includes(instant)
  if (isHonoured && inside?.length === 0) {
    // Bounds that are cut leave it out; but it may also have moved or gone, and that would tell nothing.
    const around = { after: instant - wholeSeconds.sure, before: instant + wholeSeconds.sure }
    const near = await ask(listing, { window: around, limit: fullPage })
    if (!instantsIn(near.page).includes(instant)) return wholeSeconds
  }
  // Finer instants came meanwhile: the next page decides.
  if (hoped.exact && manners.showsFractions) return wholeSeconds
  manners.grid = isHonoured && inside !== undefined && inside.length > 0 ? hoped : wholeSeconds
  return manners.grid
}

/** Whether bounds around an instant would miss it, were their fractions cut off: at a second's edge they do not. */
function tellsOf({ sure, exact }: Grid, instant: number): boolean {
  const fraction = instant - Math.floor(instant / 1000) * 1000
  return exact || (fraction >= sure && fraction + sure < 1000)
}
