import type { Filling } from '../draft/draft.ts'
import { countsOf, idOf, kindOf } from './keys.ts'
import { fewKeysOf, nothingUnseen, type Told, type Unseen } from './told.ts'
import type { Kind, Tracked } from './tracked.ts'

export function unseenIn(tracked: Tracked, before: Told | undefined): Unseen {
  const { sight, knows } = tracked
  if (before === undefined || sight === 'whole') return nothingUnseen
  const mayStand = (kind: Kind, id?: string) => sight !== 'part' || !knows(kind, id)
  const few = new Set(fewKeysOf(tracked))
  const { failedRequests } = tracked
  if (before.keys !== null) {
    const isSeen = (key: string) =>
      few.has(key) || (kindOf(key) === 'request' && failedRequests.has(idOf(key)))
    const left = new Set(before.keys.filter((key) => !isSeen(key) && mayStand(kindOf(key), idOf(key))))
    return { ...nothingUnseen, keys: [...left].sort() }
  }
  // Which these were nobody knows any more: where fewer are seen than were told, so many are missing at the least.
  const seen = { ...countsOf([...few]), request: failedRequests.size }
  const now = Object.entries(seen) as [Kind, number][]
  const missing = now.map(([kind, count]) => [
    kind,
    mayStand(kind) ? Math.max(0, before.counts[kind] - count) : 0,
  ])
  return { keys: [], unnamed: Object.fromEntries(missing) }
}

export function isAnyUnseen(unseen: Unseen): boolean {
  return Object.values(countsOfUnseen(unseen)).some((count) => count > 0)
}

export function countsOfUnseen({ keys, unnamed }: Unseen): Readonly<Record<Kind, number>> {
  const named = Object.entries(countsOf(keys)) as [Kind, number][]
  return Object.fromEntries(named.map(([kind, count]) => [kind, count + unnamed[kind]])) as Record<
    Kind,
    number
  >
}

/** What a run knows that did not see everything: see `Tracked.knows`. */
export function knownIn({ buckets, node }: Pick<Filling, 'buckets' | 'node'>): Tracked['knows'] {
  const listed = new Set(buckets.filter(({ listing }) => !listing.brokeOff).map(({ name }) => name))
  const well = new Set(
    (node?.peers ?? []).filter(({ trouble }) => trouble === null).map(({ peerId }) => peerId),
  )
  return (kind, id = '') => {
    switch (kind) {
      // Those that could not be asked for are remembered.
      case 'bucket':
        return true
      case 'doubt':
        return id === 'node' ? node !== null : listed.has(id.replace(/^bucket /, ''))
      case 'peer':
        return well.has(id)
      // A request that is not there may be a tombstone, and its delegates with it.
      case 'request':
      case 'delegate':
        return false
    }
  }
}
