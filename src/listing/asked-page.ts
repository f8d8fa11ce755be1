import { type Status, statuses } from '../domain/pin.ts'
import { type Order, orderOf, spanOf } from '../domain/windows.ts'
import { type Page, pageOf } from '../service/answers.ts'
import { fullPage } from '../service/pinning-service.ts'
import { ask } from './ask.ts'
import type { Listing } from './listing.ts'
import { type Filter, isWhole } from './manners/counts.ts'
import { seePage } from './manners/see-page.ts'

/** A page of what was asked for. */
export interface AskedPage {
  readonly page: Page
  readonly order: Order
  /** The page holds all that was asked for. */
  readonly isWhole: boolean
  /** It came in one answer, so that all its statuses are of the same moment. */
  readonly isOneAnswer: boolean
}

/** Asks for a page: by one request, or, where the service does not take several statuses at once, by one for each. */
export async function askPage(listing: Listing, filter: Filter): Promise<AskedPage> {
  const { manners } = listing
  const asked = filter.statuses ?? statuses
  if (manners.asksSingly && asked.length > 1) return askSingly(listing, filter, asked)
  const answer = await ask(listing, { ...filter, limit: fullPage })
  // The client found this out just now, and put this answer together from several.
  if (manners.asksSingly && asked.length > 1) return askSingly(listing, filter, asked)
  const { page } = answer
  seePage(listing, answer)
  if (asked.length > 1) listing.shown.see(asked, page)
  return {
    page,
    order: orderOf(instantsOf(page)),
    isWhole: await isWhole(listing, filter, page),
    isOneAnswer: true,
  }
}

async function askSingly(listing: Listing, filter: Filter, asked: readonly Status[]): Promise<AskedPage> {
  const answers: AskedPage[] = []
  // One after the other, in the order of a request’s life. If they were asked for at the same time, each could miss a
  // request whose status changes just then.
  for (const status of asked) answers.push(await askPage(listing, { ...filter, statuses: [status] }))
  const pages = answers.map(({ page }) => page)
  const { client } = listing
  const merged = client.demandRequests(client.merge(pages))
  const cut = answers.filter((answer) => !answer.isWhole && answer.page.requests.length > 0)
  const isAll = answers.every((answer) => answer.isWhole)
  const orders = new Set(cut.map(({ order }) => order))
  const order = orders.size === 1 ? ([...orders][0] as Order) : 'none'
  if (order === 'none') return { page: merged, order, isWhole: isAll, isOneAnswer: false }
  return { page: upToCut(merged, cut, order), order, isWhole: isAll, isOneAnswer: false }
}

/**
 * Where a page was cut, what lies beyond its end is left to the next page, as it would be with one answer for all
 * statuses.
 */
function upToCut(merged: Page, cut: readonly AskedPage[], order: Exclude<Order, 'none'>): Page {
  const ends = cut.map(({ page }) => spanOf(instantsOf(page)))
  const newestEnd = spanOf(ends.map(({ oldest }) => oldest)).newest
  const oldestEnd = spanOf(ends.map(({ newest }) => newest)).oldest
  const isShown = (created: number) =>
    order === 'newest-first' ? created >= newestEnd : created <= oldestEnd
  const requests = merged.requests.filter(({ created }) => isShown(created))
  return { ...pageOf({ ...merged, requests }, merged.count), isDoubled: merged.isDoubled }
}

function instantsOf({ requests }: Page): number[] {
  return requests.map(({ created }) => created)
}
