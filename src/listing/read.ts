import { type Grid, isEverything, spread, type Window } from '../domain/windows.ts'
import type { Page } from '../service/answers.ts'
import { fullPage } from '../service/pinning-service.ts'
import { transaction } from '../snapshot/transaction.ts'
import type { Listing } from './listing.ts'
import { askWindow } from './pages.ts'
import { takePage } from './take.ts'

/** Windows asked for at once. */
const width = 16

/**
 * Reads windows until nothing of them is left, many at once. Each answer is in the snapshot before the next is asked
 * for, with the windows that remain: a listing that is killed goes on where it stopped.
 */
export async function readWindows(listing: Listing, windows: readonly Window[]): Promise<void> {
  const { db, state } = listing
  transaction(db, () => state.startUnread(windows))
  const waiting = [...windows]
  const asking = new Set<Promise<void>>()
  const stop = new AbortController()
  const within = { ...listing, signal: AbortSignal.any([listing.signal, stop.signal]) }
  try {
    while (waiting.length > 0 || asking.size > 0) {
      for (let window = takeNext(); window !== undefined; window = takeNext()) {
        const asked: Promise<void> = readWindow(
          within,
          window,
          () => width - asking.size - waiting.length,
        ).then((rest) => {
          asking.delete(asked)
          waiting.push(...rest)
        })
        asking.add(asked)
      }
      await Promise.race(asking)
    }
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(asking)
    throw error
  }

  function takeNext(): Window | undefined {
    return asking.size < width ? waiting.shift() : undefined
  }
}

/** Reads one window and returns what is left of it. `free` tells how many more could be asked for at once. */
async function readWindow(listing: Listing, window: Window, free: () => number): Promise<readonly Window[]> {
  const { page, shown, rest } = await askWindow(listing, window)
  const { state } = listing
  const left = spreadOut(rest, page, state.grid, free())
  takePage(listing, page.requests, shown, () => {
    state.removeUnread(window)
    state.addUnread(left)
  })
  const total = isEverything(window) ? page.count : undefined
  listing.onProgress({ bucket: listing.client.bucket, read: page.requests.length, total })
  return left
}

/** What a page in order left is one long window: divides it for those who could read at the same time. */
function spreadOut(
  rest: readonly Window[],
  page: Page,
  grid: Grid | undefined,
  free: number,
): readonly Window[] {
  const [only, ...others] = rest
  if (only === undefined || others.length > 0 || grid === undefined) return rest
  const instants = page.requests.map(({ created }) => created)
  const left = page.count - page.requests.length
  const pieces = Math.min(free + 1, Math.ceil(left / fullPage))
  return spread(only, instants, left, pieces, grid)
}
