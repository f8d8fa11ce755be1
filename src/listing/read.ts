import { type Grid, piecesOf, spread, type Window, wholeSeconds } from '../domain/windows.ts'
import type { Page } from '../service/answers.ts'
import { fullPage } from '../service/pinning-service.ts'
import type { Part } from '../snapshot/bucket/timeline.ts'
import { decided, type Listing } from './listing.ts'
import { askWindow } from './pages.ts'
import { takePage } from './take.ts'

/** Of each bucket, so many answers may wait to be taken in, besides those that the rate brings on their way. */
const mostToTake = 8

/**
 * Reads windows until nothing of them is left, many at once. Each answer is in the snapshot before the next is asked
 * for, with the windows that remain: a listing that is killed goes on where it stopped.
 */
export async function readParts(listing: Listing, parts: readonly Part[]): Promise<void> {
  const { client, requests, state, manners, unsure } = listing
  requests.transaction(() => state.startUnread([...parts.map(({ window }) => window), ...unsure.all()]))
  unsure.areKept()
  const waiting = [...parts]
  const asking = new Set<Promise<void>>()
  let left = sum(parts)
  const stop = new AbortController()
  const within = { ...listing, signal: AbortSignal.any([listing.signal, stop.signal]) }
  // Kept here, as the race may hear of another one first: two may end in the same turn of the event loop.
  let failure: { readonly error: unknown } | undefined
  while (failure === undefined && (waiting.length > 0 || asking.size > 0)) {
    for (let part = takeNext(); part !== undefined; part = takeNext()) begin(part)
    await Promise.race(asking)
  }
  await Promise.all(asking)
  if (failure !== undefined) throw failure.error

  function begin(part: Part): void {
    const asked: Promise<void> = read(part)
      .catch((error: unknown) => {
        failure ??= { error }
        stop.abort(error)
      })
      .finally(() => asking.delete(asked))
    asking.add(asked)
  }

  function places(): number {
    return client.width + mostToTake
  }

  function takeNext(): Part | undefined {
    return asking.size < places() ? waiting.shift() : undefined
  }

  async function read({ window, count }: Part): Promise<void> {
    const { page, shown, rest } = await askWindow(within, window)
    decided(listing, 'read', window, page.count, page.requests.length)
    const remain = rest.length === 0 ? 0 : page.count - (shown === null ? 0 : page.requests.length)
    left += remain - count
    const share = { ofAll: left / places(), idle: places() - asking.size - waiting.length }
    const windows = spreadOut(rest, page, manners.grid ?? wholeSeconds, share)
    await takePage(listing, page.requests, shown, () => {
      state.removeUnread(window)
      state.addUnread(windows)
    })
    for (const one of windows) waiting.push({ window: one, count: remain / windows.length })
    listing.onProgress({
      bucket: client.bucket,
      read: page.requests.length,
      left: Math.max(0, Math.round(left)),
    })
  }
}

/**
 * A page in order leaves one long window. It is divided among those who read at the same time, so that none of them
 * still reads when the others have nothing left to do.
 * @param share how much of what is left each of them has to read, and how many have nothing
 */
function spreadOut(
  rest: readonly Window[],
  page: Page,
  grid: Grid,
  share: { readonly ofAll: number; readonly idle: number },
): readonly Window[] {
  const [only, ...others] = rest
  if (only === undefined || others.length > 0) return rest
  const instants = page.requests.map(({ created }) => created)
  const left = page.count - page.requests.length
  // Where the service does not tell how many there are, the window stays whole.
  if (left <= 0) return rest
  const wanted = Math.max(share.idle + 1, Math.round(left / share.ofAll))
  return spread(only, instants, left, piecesOf(left, fullPage, wanted), grid)
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, { count }) => total + count, 0)
}
