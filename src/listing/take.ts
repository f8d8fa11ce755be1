import { setImmediate as turn } from 'node:timers/promises'
import type { PinRequest } from '../domain/pin.ts'
import { coarser, everything, type Window, wholeSeconds } from '../domain/windows.ts'
import type { Listing } from './listing.ts'
import type { Shown } from './pages.ts'

/** More rows are not written in one go. Some services give all that they have, whatever limit is asked for. */
const rowsInOneGo = 5000

/**
 * Takes one answer into the snapshot, as one transaction. A very long one takes several, so that others have their turn
 * in between; whoever is killed then reads everything again.
 * @param shown what the answer showed whole: what it did not show there becomes a tombstone
 * @param also what belongs to the same transaction, or to the last one
 */
export async function takePage(
  listing: Listing,
  page: readonly PinRequest[],
  shown: Shown | null,
  also: () => void = () => {},
): Promise<void> {
  const { requests, state, signal } = listing
  // Where nothing was known, nothing can be missed.
  const known = shown === null ? 0 : requests.count(shown.window)
  if (page.length + known <= 2 * rowsInOneGo)
    return write(listing, () => {
      takeRows(listing, page)
      if (shown !== null && known > 0) missIn(listing, page, shown, shown.window)
      also()
    })
  write(listing, () => state.addUnread([everything]))
  const next = async () => {
    await turn()
    signal.throwIfAborted()
  }
  for (let from = 0; from < page.length; from += rowsInOneGo) {
    write(listing, () => takeRows(listing, page.slice(from, from + rowsInOneGo)))
    await next()
  }
  if (shown !== null)
    for (const stretch of requests.timeline.stretches('all', shown.window)) {
      write(listing, () => missIn(listing, page, shown, stretch))
      await next()
    }
  write(listing, () => {
    state.removeUnread(everything)
    also()
  })
}

function takeRows({ requests, changes }: Listing, rows: readonly PinRequest[]): void {
  const { added, changed, returned } = requests.take(rows)
  changes.added += added
  changes.changed += changed
  changes.returned += returned
}

/** Makes tombstones of what was not shown in a stretch of what was shown whole. */
function missIn(
  { requests, changes, manners, run }: Listing,
  page: readonly PinRequest[],
  { window, grid }: Shown,
  stretch: Window,
): void {
  const sure = coarser(grid, manners.grid ?? wholeSeconds)
  changes.vanished += requests.tombstones.vanish({ window, grid: sure, stretch }, page, run)
}

/** One transaction; with it goes what is known of the service by then, and where something may be missing. */
function write({ requests, changes, state, manners, unsure }: Listing, work: () => void): void {
  const before = { ...changes }
  try {
    requests.transaction(() => {
      work()
      state.addUnread(unsure.unkept())
      state.save(manners)
    })
    unsure.areKept()
  } catch (error) {
    Object.assign(changes, before)
    throw error
  }
}

/**
 * Leaves out requests that are newer than the newest known one. Those may only be taken in where everything new is
 * read: the next run looks for new requests above the newest known one, and would miss what lies between.
 */
export function upTo(newest: number, requests: readonly PinRequest[]): readonly PinRequest[] {
  return requests.filter(({ created }) => created <= newest)
}
