import { allEnded } from '../../all-ended.ts'
import {
  type Grid,
  halfSeconds,
  isFine,
  milliseconds,
  type Window,
  wholeSeconds,
} from '../../domain/windows.ts'
import type { Page } from '../../service/answers.ts'
import { fullPage } from '../../service/pinning-service.ts'
import { ask, askFinely } from '../ask.ts'
import type { Listing } from '../listing.ts'

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

/**
 * The same without waiting. Until it is known, the service is taken to cut bounds to whole seconds: that only costs
 * reading a few requests twice.
 */
export function gridOrCoarse(listing: Listing, instants: readonly number[]): Grid {
  // An error is of no interest here: whoever cannot go on without the grid asks again, and meets it.
  void gridFor(listing, instants).catch(() => undefined)
  return listing.manners.grid ?? wholeSeconds
}

/**
 * Found out at an instant that holds requests: a window around it must show it and nothing else, and the window just
 * above must not show it.
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
  const [inside, above] = await allEnded([
    look(instant - sure, instant + sure),
    look(instant + sure, instant + sure + 1000),
  ])
  const isHonoured =
    inside?.every((created) => Math.abs(created - instant) <= sure) && above && !above.includes(instant)
  if (isHonoured && inside?.length === 0) {
    // A service that cuts bounds leaves it out. But it may also have moved or gone, and that tells nothing of bounds.
    const around = { after: instant - wholeSeconds.sure, before: instant + wholeSeconds.sure }
    const near = await ask(listing, { window: around, limit: fullPage })
    if (!instantsIn(near.page).includes(instant)) return wholeSeconds
  }
  // Finer instants came meanwhile: the next page decides.
  if (hoped.exact && manners.showsFractions) return wholeSeconds
  manners.grid = isHonoured && inside !== undefined && inside.length > 0 ? hoped : wholeSeconds
  return manners.grid
}

/**
 * Whether an instant can tell anything: bounds around it must miss it once their fractions are cut off. At the edge
 * of a second they do not.
 */
function tellsOf({ sure, exact }: Grid, instant: number): boolean {
  const fraction = instant - Math.floor(instant / 1000) * 1000
  return exact || (fraction >= sure && fraction + sure < 1000)
}

/** The service does not honour the bounds that it was asked by: what was read between them is to be read again. */
export function loseGrid({ manners, state }: Listing, instead: Grid | undefined): void {
  manners.grid = instead
  state.readInVain()
}

/** So many looks in a listing are enough: where a service has requests beyond their bounds, the first look shows it. */
const enoughLooks = 2

/**
 * Looks for a known request at the upper edge of a window that an answer showed whole, but without that request.
 * Either it is gone, or the service has it beyond the bound: because it keeps finer instants than it shows, or now
 * cuts bounds that it honoured. Then fine bounds are of no use. It is done in full listings too: what a page in order
 * left ends at such a bound, and no window that begins there is ever asked for.
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
