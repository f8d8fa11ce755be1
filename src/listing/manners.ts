import { type Grid, halfSeconds, milliseconds, wholeSeconds } from '../domain/windows.ts'
import type { Page } from '../service/answers.ts'
import { fullPage } from '../service/pinning-service.ts'
import type { BucketState } from '../snapshot/buckets.ts'
import type { Listing } from './listing.ts'

/** Learns from an answer what it shows in passing. */
export function seePage(state: BucketState, page: Page): void {
  state.pageSize = Math.max(state.pageSize, page.requests.length)
  if (page.count > page.requests.length) state.honestCount = true
  // Whole seconds were only seen so far: what the half second promised does not hold.
  if (state.grid?.exact && page.requests.some(({ created }) => created % 1000 !== 0)) state.grid = undefined
}

/** Whether a page holds all of what was asked for. */
export async function isWhole(listing: Listing, page: Page): Promise<boolean> {
  const { state } = listing
  if (page.count > page.requests.length) return false
  if (page.requests.length < 2) return true
  state.honestCount ??= await isCountHonest(listing, page)
  // Services cap pages silently: where `count` tells nothing, only a page smaller than others was surely not cut.
  return state.honestCount || page.requests.length < state.pageSize
}

/** Whether `count` tells more than one request when one is asked for, and does not stop at a page's length. */
async function isCountHonest({ client, signal }: Listing, page: Page): Promise<boolean> {
  const one = await client.list({ limit: 1 }, signal)
  if (one.count < 2) return false
  if (page.requests.length < fullPage) return true
  const oldest = Math.min(...page.requests.map(({ created }) => created))
  const older = await client.list(
    { limit: 1, window: { after: null, before: oldest - wholeSeconds.sure } },
    signal,
  )
  return older.requests.length === 0
}

/**
 * Which bounds the service honours: found out once, at an instant that holds requests. A window around it must show
 * it and nothing else, and the window just above must not.
 */
export async function gridFor(listing: Listing, instants: readonly number[]): Promise<Grid> {
  const { client, state, signal } = listing
  if (state.grid !== undefined) return state.grid
  const instant = instants[Math.floor(instants.length / 2)] as number
  const hoped = instants.every((created) => created % 1000 === 0) ? halfSeconds : milliseconds
  const { sure } = hoped
  const around = { after: instant - sure, before: instant + sure }
  const above = { after: instant + sure, before: instant + sure + 1000 }
  const [inside, outside] = await Promise.all(
    [around, above].map((window) => client.list({ window, limit: fullPage }, signal)),
  )
  const near = ({ created }: { created: number }) => Math.abs(created - instant) <= sure
  const honoured =
    inside !== undefined &&
    inside.requests.length > 0 &&
    inside.requests.every(near) &&
    outside?.requests.some(({ created }) => created === instant) === false
  state.grid = honoured ? hoped : wholeSeconds
  return state.grid
}
