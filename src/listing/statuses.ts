import { type PinRequest, statuses } from '../domain/pin.ts'
import { type Window, wholeSeconds } from '../domain/windows.ts'
import type { Page } from '../service/answers.ts'
import { fullPage } from '../service/pinning-service.ts'
import { ask } from './ask.ts'
import type { Listing } from './listing.ts'

/** Whether answers to a filter by all statuses showed in this run that the service reads it as a list. */
export class ShownStatuses {
  /** Neither the first of the list nor its last. */
  isMiddleShown = false

  see({ requests }: Page): void {
    this.isMiddleShown ||= requests.some(({ status }) => status === 'pinning' || status === 'pinned')
  }
}

/**
 * Services misread a filter by several statuses as one word, as its first or last, or as the default: what it shows then
 * is a smaller bucket, or an empty one, with counts that agree. So each status is asked for alone, at first and wherever
 * no answer of the run shows the filter to be read: what one shows, the listing must know.
 * @returns whether the service misreads it; from then on each status is asked for alone
 */
export async function misreadsStatuses(listing: Listing): Promise<boolean> {
  const { client, state } = listing
  if (client.asksSingly) {
    state.asksSingly = true
    return false
  }
  if (state.asksSingly === false && listing.shown.isMiddleShown) return false
  const found = await Promise.all(statuses.map((status) => anyOf(listing, status)))
  for (const request of found) {
    if (request === undefined || isKnown(listing, request) || (await isShown(listing, request))) continue
    client.asksSingly = true
    state.asksSingly = true
    state.save()
    return true
  }
  state.asksSingly = false
  return false
}

async function anyOf(listing: Listing, status: PinRequest['status']): Promise<PinRequest | undefined> {
  const { client, signal } = listing
  const { requests, shown, count } = await client.list({ statuses: [status], limit: 1 }, signal)
  if (shown === 0 && count > 0) client.countsAnyStatus = true
  return requests.find((one) => one.status === status)
}

function isKnown({ requests }: Listing, { created, requestid }: PinRequest): boolean {
  return requests.at(created).includes(requestid)
}

/** One that the listing does not know may have come just now, or have gone since. */
async function isShown(listing: Listing, { created, requestid, status }: PinRequest): Promise<boolean> {
  const window: Window = { after: created - wholeSeconds.sure, before: created + wholeSeconds.sure }
  const isAmong = ({ requests }: Page) => requests.some((one) => one.requestid === requestid)
  const all = await ask(listing, { window, limit: fullPage })
  if (isAmong(all.page)) return true
  const alone = await ask(listing, { window, limit: fullPage, statuses: [status] })
  return !isAmong(alone.page)
}
