import { isFine, onSeconds, type Window, wholeSeconds } from '../domain/windows.ts'
import type { Page } from '../service/answers.ts'
import type { ListQuery } from '../service/pinning-service.ts'
import { isRefusalOfForm } from '../service/refusals.ts'
import type { Listing } from './listing.ts'

export type WindowQuery = ListQuery & { readonly window: Window }

/** An answer, and the window that was asked for: where the service takes no fine bounds, the next larger one. */
export interface Answer {
  readonly page: Page
  readonly asked: Window
}

/** Asks in a form that the service takes, as far as it is known; what it turns out not to take is remembered. */
export async function ask(listing: Listing, query: WindowQuery): Promise<Answer> {
  const { client, signal, manners } = listing
  const { window } = query
  if (isFine(window) && manners.grid !== undefined && manners.grid.sure < wholeSeconds.sure) {
    const page = await askFinely(listing, query)
    if (page !== undefined) return { page, asked: window }
    // What was read by finer bounds was honoured when it was.
    manners.grid = wholeSeconds
  }
  const asked = onSeconds(window)
  return { page: await client.list({ ...query, window: asked }, signal), asked }
}

/**
 * Asks with bounds that are finer than a second; `undefined` where the service does not take them. It may say so with
 * any error, or with what is no answer, and for a moment also for another reason.
 */
export async function askFinely(listing: Listing, query: WindowQuery): Promise<Page | undefined> {
  const { client, signal, manners } = listing
  const known = manners.grid
  const refused = (error: unknown) => {
    if (!isRefusalOfForm(error)) throw error
    return undefined
  }
  const page = await client.list(query, signal, true).catch(refused)
  if (page !== undefined) return page
  await client.list({ ...query, window: onSeconds(query.window) }, signal)
  // Another that was in flight may have found it out.
  if (manners.grid !== known && manners.grid === wholeSeconds) return undefined
  return client.list(query, signal, true).catch(refused)
}

/** How many requests the service counts in a window, of all statuses. */
export async function countIn(listing: Listing, window: Window): Promise<number> {
  return (await ask(listing, { window, limit: 1 })).page.count
}
