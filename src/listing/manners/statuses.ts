import { allEnded } from '../../all-ended.ts'
import { type PinRequest, type Status, statuses } from '../../domain/pin.ts'
import { everything, type Window, wholeSeconds } from '../../domain/windows.ts'
import type { Page } from '../../service/answers.ts'
import { fullPage } from '../../service/pinning-service.ts'
import { ask, askForAny } from '../ask.ts'
import type { Listing } from '../listing.ts'
import { countsAnyStatus } from './counts.ts'

export const unsettled: readonly Status[] = ['queued', 'pinning', 'failed']

/** What answers to filters by several statuses showed in this run. */
export class ShownStatuses {
  /** In answers to a filter by all. */
  readonly #ofAll = new Set<Status>()
  /** A filter by the unsettled ones was answered. */
  areUnsettledAsked = false
  /** A status was shown that was not asked for. */
  isStrangeShown = false

  see(asked: readonly Status[], { requests }: Page): void {
    const isOfAll = asked.length === statuses.length
    if (!isOfAll) this.areUnsettledAsked = true
    for (const { status } of requests) {
      if (isOfAll) this.#ofAll.add(status)
      this.isStrangeShown ||= !asked.includes(status)
    }
  }

  /** A status was shown that is neither the first of the list nor its last. */
  get isMiddleShown(): boolean {
    return this.#ofAll.has('pinning') || this.#ofAll.has('pinned')
  }

  get areSeveralShown(): boolean {
    return this.#ofAll.size > 1
  }
}

/**
 * Some services misread a filter by several statuses: as one word, as its first or last one, or as the default. They
 * then show a smaller bucket, or an empty one, with counts that agree. So each status is asked for alone, the first
 * time and whenever no answer of the run shows that the filter is read as a list. What that shows, the listing must
 * know.
 * @param isProved that the listing knows exactly what the filter by all shows
 * @param alone what each status alone has shown, where that was asked for before
 * @returns whether the service misreads it; from then on each status is asked for alone
 */
export async function misreadsStatuses(
  listing: Listing,
  isProved: boolean,
  alone: readonly ShownAlone[] | undefined,
): Promise<boolean> {
  const { state, manners } = listing
  if (manners.asksSingly === true) return false
  if (manners.asksSingly === false && (await isReadAsList(listing))) return false
  const first = alone ?? (await showAlone(listing))
  const looks = await allEnded(first.map((shown) => lookFor(listing, shown, isProved)))
  if (looks.includes('hidden')) {
    manners.asksSingly = true
    state.save(manners)
    return true
  }
  // An empty bucket tells nothing of how the filter is read.
  if (looks.includes('shown')) manners.asksSingly = false
  return false
}

/** A request that a filter by its status alone showed; none where there is none. */
export interface ShownAlone {
  readonly status: Status
  readonly request: PinRequest | undefined
}

/** Asks for one request of each status. */
export function showAlone(listing: Listing): Promise<ShownAlone[]> {
  return allEnded(statuses.map(async (status) => ({ status, request: await anyOf(listing, status) })))
}

/** So often another request is looked for, where one went away while it was looked for. */
const mostLooks = 3

/** @returns `hidden` where the filter by all does not show what the one by this status does, or where none stayed */
async function lookFor(
  listing: Listing,
  { status, request: first }: ShownAlone,
  isProved: boolean,
): Promise<'none' | 'shown' | 'hidden'> {
  for (let looks = 0; looks < mostLooks; looks++) {
    const request = looks === 0 ? first : await anyOf(listing, status)
    if (request === undefined) return 'none'
    // What is known from an earlier run need not be shown in this one.
    if (isProved && isKnown(listing, request)) return 'shown'
    const seen = await seenBy(listing, request)
    if (seen !== 'none') return seen === 'all' ? 'shown' : 'hidden'
  }
  return 'hidden'
}

/**
 * Whether the answers of this run show that a filter by all statuses is read as a list. Where they showed pinned
 * requests only, it may have been read as the default, which is `pinned`: then a filter by the other statuses shows
 * them too.
 */
async function isReadAsList(listing: Listing): Promise<boolean> {
  const { shown } = listing
  if (shown.areSeveralShown) return true
  if (!shown.isMiddleShown) return false
  if (!shown.areUnsettledAsked) {
    shown.see(unsettled, await askForAny(listing, { window: everything, statuses: unsettled }))
  }
  return !shown.isStrangeShown
}

async function anyOf(listing: Listing, status: PinRequest['status']): Promise<PinRequest | undefined> {
  const { requests, shown, count } = await askForAny(listing, { window: everything, statuses: [status] })
  if (shown === 0 && count > 0 && !listing.manners.countsAnyStatus) await countsAnyStatus(listing, everything)
  return requests.find((one) => one.status === status)
}

/**
 * Known with the very status that it was shown with now. With another one, the filter by all may have shown it before
 * its status changed, which tells nothing of how it is read.
 */
function isKnown({ requests }: Listing, request: PinRequest): boolean {
  return requests.statusOf(request) === request.status
}

/** By which filter a request is seen that the listing does not know: it may have come just now, or be gone by now. */
async function seenBy(
  listing: Listing,
  { created, requestid, status }: PinRequest,
): Promise<'all' | 'alone' | 'none'> {
  const window: Window = { after: created - wholeSeconds.sure, before: created + wholeSeconds.sure }
  const isAmong = ({ requests }: Page) => requests.some((one) => one.requestid === requestid)
  const all = await ask(listing, { window, limit: fullPage })
  if (isAmong(all.page)) return 'all'
  const alone = await ask(listing, { window, limit: fullPage, statuses: [status] })
  return isAmong(alone.page) ? 'alone' : 'none'
}
