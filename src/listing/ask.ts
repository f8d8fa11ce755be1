import { isFine, onSeconds, type Window, wholeSeconds } from '../domain/windows.ts'
import type { Page } from '../service/answers.ts'
import { fullPage, type ListQuery } from '../service/pinning-service.ts'
import { isRefusalOfForm } from '../service/refusals.ts'
import type { Listing } from './listing.ts'

export type WindowQuery = ListQuery & { readonly window: Window }

/**
 * An answer, and the window that was really asked for. Where the service takes no fine bounds, that is the next
 * larger one in whole seconds.
 */
export interface Reply {
  readonly page: Page
  readonly asked: Window
}

/** Asks in a form that the service is known to take. A form that it turns out not to take is remembered. */
export async function ask(listing: Listing, query: WindowQuery): Promise<Reply> {
  const { client, signal, manners } = listing
  const { window } = query
  if (isFine(window) && manners.grid !== undefined && manners.grid.sure < wholeSeconds.sure) {
    const page = await askFinely(listing, query)
    if (page !== undefined) return { page, asked: window }
    // What was read by finer bounds so far stays good: the service honoured them then.
    manners.grid = wholeSeconds
  }
  const asked = onSeconds(window)
  return { page: await client.list({ ...query, window: asked }, signal), asked }
}

/**
 * Asks with bounds that are finer than a second; `undefined` where the service does not take them. It may say so with
 * any error, or with an answer that makes no sense. As both also happen by chance, it is asked once more, after a
 * request with whole seconds went well.
 */
export async function askFinely(listing: Listing, query: WindowQuery): Promise<Page | undefined> {
  const { client, signal, manners } = listing
  const refused = (error: unknown) => {
    if (!isRefusalOfForm(error)) throw error
    return undefined
  }
  const page = await client.list(query, signal, true).catch(refused)
  if (page !== undefined) return page
  await client.list({ ...query, window: onSeconds(query.window) }, signal)
  // Another request that was in flight may have found this out meanwhile.
  if (manners.grid === wholeSeconds) return undefined
  return client.list(query, signal, true).catch(refused)
}

/** Asks for one request. Behind a row that is none there may be some that are, so then it asks for a full page. */
export async function askForAny(listing: Listing, query: Omit<WindowQuery, 'limit'>): Promise<Page> {
  const { page } = await ask(listing, { ...query, limit: 1 })
  return page.odd.length === 0 ? page : (await ask(listing, { ...query, limit: fullPage })).page
}

/** How many requests the service counts in a window, of all statuses. */
export async function countIn(listing: Listing, window: Window): Promise<number> {
  return (await ask(listing, { window, limit: 1 })).page.count
}
