import { earliest, latest } from './instants.ts'

/**
 * Windows of time over a service's requests: how a listing asks for a part of them, and what remains to be asked
 * when an answer held only some. Pure: no clock, no requests.
 */

/** The span between two bounds, in ms since the epoch, as `after` and `before` of a query; `null` is unbounded. */
export interface Window {
  readonly after: number | null
  readonly before: number | null
}

export const everything: Window = { after: null, before: null }

/**
 * How near to a request a bound may lie and still be sure of it, found out once for each bucket.
 * `sure` ms beyond an instant, a bound surely includes it, and surely leaves out the next instant that is `2 · sure`
 * away. `exact` says that no request can lie within `sure` of a bound, so that windows may touch; else they overlap.
 */
export interface Grid {
  readonly sure: number
  readonly exact: boolean
}

/** `created` in whole seconds and bounds honoured to the half second: windows touch, strict or inclusive. */
export const halfSeconds: Grid = { sure: 500, exact: true }
/** `created` finer than a second and bounds honoured to the ms. */
export const milliseconds: Grid = { sure: 2, exact: false }
/** Bounds that the service cuts to whole seconds. */
export const wholeSeconds: Grid = { sure: 1000, exact: false }

/** Whether a bound of the window has a fraction of a second, which not every service takes. */
export function isFine({ after, before }: Window): boolean {
  return !isWholeSecond(after ?? 0) || !isWholeSecond(before ?? 0)
}

/** The shortest window with bounds on whole seconds that holds all of a window. */
export function onSeconds({ after, before }: Window): Window {
  return {
    after: after === null ? null : Math.floor(after / 1000) * 1000,
    before: before === null ? null : Math.ceil(before / 1000) * 1000,
  }
}

const isWholeSecond = (instant: number) => instant % 1000 === 0

/** The one that is sure of less. */
export function coarser(one: Grid, other: Grid): Grid {
  return one.sure >= other.sure ? one : other
}

/**
 * How far a window that is counted goes beyond the bound that it shares with the next, ms: where bounds are not exact, a
 * request may lie just on one, and a service that is strict on both sides would show it in neither.
 */
export function overlapOf({ exact, sure }: Grid): number {
  return exact ? 0 : sure
}

/** What a page says to a listing: when its requests were created, in the order of the answer. */
export type Instants = readonly number[]

/**
 * The part of a window that a page surely showed whole, in that all which is `surelyInside` it was on the page, and
 * what of the window is still to be read.
 */
export interface Remainder {
  readonly shown: Window | null
  /** Empty: the page held the rest. `null`: it cannot be divided, as one second (or less) holds more than a page. */
  readonly rest: readonly Window[] | null
}

/** So many different instants are not in order by chance: one in 720. */
const tooManyForChance = 6

/** In which order a page gives its requests, as far as a few could not be in it by chance. */
export type Order = 'newest-first' | 'oldest-first' | 'none'

export function orderOf(page: Instants): Order {
  if (new Set(page).size < tooManyForChance) return 'none'
  if (isSorted(page, (a, b) => a >= b)) return 'newest-first'
  return isSorted(page, (a, b) => a <= b) ? 'oldest-first' : 'none'
}

/**
 * What is left of a window after a page that did not hold all of it. A page in order leaves the side below (or above)
 * its last instant; one in no order leaves all of it, divided by what it showed.
 * @param pieces into how many windows to divide it, at most; it may rest on what a service says
 */
export function remainder(
  window: Window,
  page: Instants,
  grid: Grid,
  pieces = 2,
  order = orderOf(page),
): Remainder {
  const { oldest, newest } = spanOf(page)
  if (order === 'newest-first') {
    const rest = { after: window.after, before: boundAbove(oldest, page, grid) }
    if (isSmaller(rest, window))
      return { shown: { after: oldest + 1 - grid.sure, before: window.before }, rest: [rest] }
  } else if (order === 'oldest-first') {
    const rest = { after: boundBelow(newest, page, grid), before: window.before }
    if (isSmaller(rest, window))
      return { shown: { after: window.after, before: newest - 1 + grid.sure }, rest: [rest] }
  }
  return { shown: null, rest: divide(window, page, grid, pieces) }
}

/** Of a page so much may be read again for the sake of a bound on a whole second, which a service is surest to honour. */
const readAgain = 0.1

/** A bound just above the oldest instant of a page. */
function boundAbove(oldest: number, page: Instants, { sure }: Grid): number {
  const fine = oldest + sure
  const whole = Math.ceil(fine / 1000) * 1000
  const again = page.filter((created) => created > oldest && created <= whole).length
  return sure < halfSeconds.sure && again <= readAgain * page.length ? whole : fine
}

/** A bound just below the newest instant of a page. */
function boundBelow(newest: number, page: Instants, { sure }: Grid): number {
  const fine = newest - sure
  const whole = Math.floor(fine / 1000) * 1000
  const again = page.filter((created) => created < newest && created >= whole).length
  return sure < halfSeconds.sure && again <= readAgain * page.length ? whole : fine
}

/** The oldest and the newest of some instants; a page may hold more of them than a call takes arguments. */
export function spanOf(page: Instants): { readonly oldest: number; readonly newest: number } {
  return { oldest: earliest(page), newest: latest(page) }
}

function isSorted(page: Instants, inOrder: (a: number, b: number) => boolean): boolean {
  return page.every((instant, index) => index === 0 || inOrder(page[index - 1] as number, instant))
}

/** Windows that cover a window, divided as evenly as the instants of a page tell, where bounds allow. */
function divide(window: Window, instants: Instants, grid: Grid, wanted: number): readonly Window[] | null {
  const sorted = instants.toSorted((a, b) => a - b)
  // It rests on a number that the service says, and which may be any.
  const pieces = Math.min(wanted, sorted.length + 1)
  const cuts = Array.from({ length: pieces - 1 }, (_, index) => {
    const rank = Math.floor(((index + 1) * sorted.length) / pieces)
    return (sorted[rank] as number) + grid.sure
  })
  const windows = cutAll(window, cuts, grid)
  return windows.length > 1 ? windows : halve(window, sorted, grid)
}

/** Two windows that cover one, divided as near to the median of the instants as bounds allow. */
function halve(window: Window, sorted: Instants, grid: Grid): readonly [Window, Window] | null {
  // Above and below each: where the halves overlap, the cut above one may leave the newer half as long as the window.
  const halves = [...new Set(sorted)]
    .flatMap((instant) => [instant - grid.sure, instant + grid.sure])
    .map((cut) => cutAt(window, cut, grid))
    .filter(([older, newer]) => isSmaller(older, window) && isSmaller(newer, window))
  return halves[Math.floor(halves.length / 2)] ?? null
}

/** The windows that some cuts, oldest first, make of a window; cuts that bounds do not allow are left out. */
function cutAll(window: Window, cuts: readonly number[], grid: Grid): readonly Window[] {
  // Where windows overlap, narrow ones would be read several times over.
  const narrowest = grid.exact ? 1 : 4 * grid.sure
  const windows: Window[] = []
  let rest = window
  let last = afterOf(window)
  for (const cut of cuts) {
    const [older, newer] = cutAt(rest, cut, grid)
    if (cut - last < narrowest || !isSmaller(older, rest) || !isSmaller(newer, rest)) continue
    windows.push(older)
    rest = newer
    last = cut
  }
  return [...windows, rest]
}

function cutAt(window: Window, cut: number, grid: Grid): readonly [Window, Window] {
  return [{ after: window.after, before: cut }, widened({ after: cut, before: window.before }, grid)]
}

/** A window to be read next to another that ends where it begins: on most grids they overlap. */
export function widened({ after, before }: Window, grid: Grid): Window {
  return { after: after === null || grid.exact ? after : after - 2 * grid.sure, before }
}

/** Of a window, and what one new bound leaves of it. */
function isSmaller(part: Window, whole: Window): boolean {
  const isSome = afterOf(part) < beforeOf(part)
  return isSome && (afterOf(part) > afterOf(whole) || beforeOf(part) < beforeOf(whole))
}

const afterOf = (window: Window) => window.after ?? Number.NEGATIVE_INFINITY
const beforeOf = (window: Window) => window.before ?? Number.POSITIVE_INFINITY

/** A guess at where requests lie beyond a page goes no farther, nor where dates have no four digits for their year. */
const farthest = { span: 30 * 365 * 86_400_000, past: Date.UTC(1970), future: Date.UTC(9999) }

/** More at once is no use, whatever number a service says is left. */
const mostPieces = 1000

/** Of a page so much is counted on, as requests are not spread evenly and a page too many costs a whole answer. */
const fill = 0.9

/**
 * Into how many pieces to divide what is left, so that their last pages are well filled. A piece of three pages and a
 * bit takes four requests.
 * @param wanted at least so many readers have nothing else to do, as far as there is a page for each
 */
export function piecesOf(left: number, page: number, wanted: number): number {
  const most = Math.ceil(left / (fill * page))
  const least = Math.max(1, Math.min(wanted, most, mostPieces))
  const asked = (pieces: number) => pieces * Math.ceil(left / pieces / (fill * page))
  let best = least
  for (let pieces = least + 1; pieces <= Math.min(most, 2 * least, mostPieces); pieces++)
    if (asked(pieces) < asked(best)) best = pieces
  return best
}

/**
 * Divides what a page in order left into several windows of equal time, so that they can be read at once. Where the
 * window has no bound on its far side, its span is guessed from how dense the page was; the farthest piece stays
 * unbounded, so that nothing falls out when the guess is wrong.
 * @param left how many requests the rest holds
 */
export function spread(
  rest: Window,
  page: Instants,
  left: number,
  wanted: number,
  grid: Grid,
): readonly Window[] {
  const pieces = Math.min(wanted, mostPieces)
  const { oldest, newest } = spanOf(page)
  const shownSpan = Math.max(1000, newest - oldest)
  const guess = Math.min((shownSpan * left) / page.length, farthest.span)
  const from = rest.after ?? (rest.before === null ? null : Math.max(rest.before - guess, farthest.past))
  if (from === null) return [rest]
  const span = (rest.before ?? Math.min(from + guess, farthest.future)) - from
  const cuts = Array.from({ length: pieces - 1 }, (_, index) =>
    onGrid(from + (span * (index + 1)) / pieces, grid),
  )
  return cutAll(rest, cuts, grid)
}

function onGrid(instant: number, grid: Grid): number {
  return grid.exact ? Math.floor(instant / 1000) * 1000 + grid.sure : Math.round(instant)
}

/** Whether a request created at this instant is surely inside the window, however its bounds are taken. */
export function surelyInside(window: Window, instant: number, grid: Grid): boolean {
  return instant >= afterOf(window) + grid.sure && instant <= beforeOf(window) - grid.sure
}

/**
 * Whether comparing counts of stretches is dearer than reading all of some pages: of five at once, down to five pages
 * of which most are read, as it was measured.
 * @param differing how far their count is off, at least 1
 */
export function isCheaperToRead(pages: number, differing: number): boolean {
  const steps = 1.2 * Math.log2(Math.max(1, pages / differing)) + 2.4
  return differing * steps >= pages
}
