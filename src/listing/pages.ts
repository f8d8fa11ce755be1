import type { Status } from '../domain/pin.ts'
import { type Grid, remainder, type Window, wholeSeconds } from '../domain/windows.ts'
import { ServiceError } from '../errors.ts'
import type { Page } from '../service/answers.ts'
import { ask } from './ask.ts'
import { askPage } from './asked-page.ts'
import type { Listing } from './listing.ts'
import { checkEdge, gridFor, gridOrCoarse } from './manners/bounds.ts'
import type { Filter } from './manners/counts.ts'
import { seeOddRows } from './manners/see-page.ts'

/**
 * Some services give more than the API's 1000 when they are asked for more. It is the only way to read a second that
 * holds more.
 */
const largestPage = 10_000

/** A window that an answer showed whole: a request that must lie inside it, and was not shown, is not there. */
export interface Shown {
  readonly window: Window
  /**
   * The grid as it was known when the answer was read. A finer one, found out later, must not be used for this
   * window.
   */
  readonly grid: Grid
  /** It came in one answer, so that all its statuses are of the same moment. */
  readonly isOneAnswer: boolean
}

/** An answer to a window, and what is to be done with it. */
export interface WindowAnswer {
  readonly page: Page
  readonly shown: Shown | null
  /** What of the window is still to be read. */
  readonly rest: readonly Window[]
}

/** Asks for one window, of some statuses or of all, and tells what the answer leaves. */
export async function askWindow(
  listing: Listing,
  window: Window,
  only?: readonly Status[],
): Promise<WindowAnswer> {
  const { manners } = listing
  const filter: Filter = only === undefined ? { window } : { window, statuses: only }
  const { page, order, isWhole, isOneAnswer } = await askPage(listing, filter)
  if (isWhole) {
    const shown = { window, grid: manners.grid ?? wholeSeconds, isOneAnswer }
    if (only === undefined) await checkEdge(listing, window, page)
    return { page, shown, rest: [] }
  }
  if (page.requests.length === 0) {
    if (page.odd.length === 0)
      leave(listing, window, window, `holds ${page.count} requests, and the service shows none of them`)
    return { page, shown: null, rest: [] }
  }
  const instants = page.requests.map(({ created }) => created)
  // A little less than a page each: a page in no order tells only roughly where the requests lie.
  const pieces = Math.max(2, Math.ceil(page.count / (0.75 * page.requests.length)))
  let grid = gridOrCoarse(listing, instants)
  let { shown, rest } = remainder(window, instants, grid, pieces, order)
  if (rest === null) {
    // With finer bounds it may be possible to divide it.
    grid = await gridFor(listing, instants)
    ;({ shown, rest } = remainder(window, instants, grid, pieces, order))
  }
  if (page.isDoubled) {
    // A request that is shown twice may have taken the place of another.
    leave(listing, window, shown, 'is shown with a request twice, and another may be missing')
    shown = null
  }
  if (rest !== null) {
    if (only === undefined && shown?.before === window.before) await checkEdge(listing, window, page)
    return { page, shown: shown && { window: shown, grid, isOneAnswer }, rest }
  }
  const larger = (await askForMore(listing, filter)) ?? page
  seeOddRows(listing, { page: larger, asked: window })
  // Where `count` tells nothing, no page can show that there is no more.
  const isAll = manners.honestCount === true && larger.shown >= larger.count
  if (isAll) return { page: larger, shown: { window, grid, isOneAnswer }, rest: [] }
  const given = larger.shown
  leave(
    listing,
    window,
    window,
    manners.honestCount === true
      ? `holds ${page.count} requests, and the service gives at most ${given} of them`
      : `may hold more than the ${given} requests that the service gives of it`,
  )
  return { page: larger, shown: null, rest: [] }
}

/** A page larger than the API's; `undefined` where the service refuses it. */
async function askForMore(listing: Listing, filter: Filter): Promise<Page | undefined> {
  try {
    // Its length is not taken for the usual page size: no other page will be as large.
    return (await ask(listing, { ...filter, limit: largestPage })).page
  } catch (error) {
    if (error instanceof ServiceError && (error.status === 400 || error.status === 422)) return undefined
    throw error
  }
}

/**
 * Something of a window may be missing. Where no count can ever prove a listing, each run reads everything anyway.
 * @param unsure what of the window this listing does not read again
 */
function leave(listing: Listing, window: Window, unsure: Window | null, why: string): void {
  listing.gaps.add(`${describe(window)} ${why}`)
  if (unsure !== null && listing.manners.honestCount !== false) listing.unsure.add(unsure)
}

function describe({ after, before }: Window): string {
  if (after === null && before === null) return 'the bucket'
  const text = (instant: number | null, none: string) =>
    instant === null ? none : new Date(instant).toISOString()
  return `the time from ${text(after, 'the first request')} to ${text(before, 'now')}`
}
