import type { PinRequest } from '../domain/pin.ts'
import { coarser, wholeSeconds } from '../domain/windows.ts'
import type { Listing } from './listing.ts'
import type { Shown } from './pages.ts'

/**
 * Takes one answer into the snapshot, as one transaction.
 * @param shown what the answer showed whole: what it did not show there becomes a tombstone
 * @param also what belongs to the same transaction
 */
export function takePage(
  listing: Listing,
  page: readonly PinRequest[],
  shown: Shown | null,
  also: () => void = () => {},
): void {
  const { requests, changes, state, run, manners } = listing
  const before = { ...changes }
  const work = () => {
    const { added, changed, returned } = requests.take(page)
    changes.added += added
    changes.changed += changed
    changes.returned += returned
    if (shown !== null) {
      const grid = coarser(shown.grid, manners.grid ?? wholeSeconds)
      changes.vanished += requests.tombstones.vanish(shown.window, grid, page, run)
    }
    also()
    state.save(manners)
  }
  try {
    requests.transaction(work)
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
