import type { DatabaseSync } from 'node:sqlite'
import { day, hasPassed, week } from '../domain/moment.ts'
import { everything } from '../domain/windows.ts'
import type { OddRow } from '../service/answers.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import { BucketState } from '../snapshot/buckets.ts'
import type { BucketRequests } from '../snapshot/requests.ts'
import { audit } from './audit.ts'
import type { Listing, ListingProgress } from './listing.ts'
import { useManners } from './manners.ts'
import { OddRows } from './odd-rows.ts'
import { rereadAll, unknownPart } from './parts.ts'
import { prove } from './prove.ts'
import { readParts } from './read.ts'
import { misreadsStatuses, ShownStatuses } from './statuses.ts'
import { settle } from './unsettled.ts'

/** What a listing came to; the requests themselves are in the snapshot. */
export interface ListingResult {
  readonly mode: 'cold' | 'incremental' | 'full'
  /** Proved: the snapshot holds exactly the bucket's requests. */
  readonly complete: boolean
  /** The service can never prove a listing: its `count` is only the page's length. */
  readonly unprovable: boolean
  readonly added: number
  readonly removed: number
  readonly changed: number
  /** Vanished, and not believed to be gone yet. */
  readonly vanished: number
  /** When a large drop was seen first that is to be confirmed, ms; `null` for none. */
  readonly droppedAt: number | null
  readonly notes: readonly string[]
  /** Rows that are no requests: the listing is not complete then. */
  readonly odd: readonly OddRow[]
}

export interface ListBucketOptions {
  readonly client: BucketClient
  readonly db: DatabaseSync
  readonly requests: BucketRequests
  /** The number of this run. */
  readonly run: number
  /** Trust nothing of the snapshot: read every window again. */
  readonly full: boolean
  /** A person says that what an earlier run saw vanish is gone. */
  readonly isConfirmed?: boolean
  readonly signal: AbortSignal
  readonly onProgress: (progress: ListingProgress) => void
}

/**
 * Brings the snapshot of a bucket up to date with the service, asking as little as proves it.
 * @throws what the client throws; what was read until then is in the snapshot, and the next run goes on from there
 */
export async function listBucket(options: ListBucketOptions): Promise<ListingResult> {
  const { client, requests } = options
  const listing = listingOf(options)
  const { state } = listing
  const knownBefore =
    requests.count(everything) + requests.tombstones.vanished(state.concludedIn, listing.run)
  let mode = modeOf(state, options.full)
  // What was found out of the service is found out again where it is doubted: one wrong answer must not stay for ever.
  const isDoubted = options.full || state.honestCount === false
  if (options.full) {
    state.grid = undefined
    state.asksSingly = undefined
    state.countsAnyStatus = false
  }
  useManners(client, state)
  client.hasShown ||= requests.newest() !== undefined
  if (isDoubted) state.honestUpTo = undefined

  // One that was cut short goes on, or a service that is always doubted would never be read to its end.
  if (options.full || (isDoubted && !state.begun)) await rereadAll(listing)
  else if (state.begun) await readParts(listing, state.unread().map(unknownPart))
  else if (!state.listed) {
    await readParts(listing, [unknownPart(everything)])
    listing.isRead = true
  }
  state.listed = true
  state.save()

  const onFull = () => {
    mode = 'full'
  }
  let isProved = await proveAll(listing, onFull)
  const isUnprovable = () => state.honestCount === false
  // What was read between bounds that are none, or was to be proved by counts that are none, is read again.
  if (state.lostGrid || (isUnprovable() && !listing.isRead)) {
    await rereadAll(listing)
    isProved = await proveAll(listing, onFull)
  }
  isProved = await proveAsRead(listing, isProved, onFull)
  if (isUnprovable()) {
    if (mode !== 'cold') mode = 'full'
    listing.gaps.add(
      state.isLying
        ? 'the service’s `count` is more than there is, so that no listing of it can be proved'
        : 'the service’s `count` is only the length of the page, so that no listing of it can be proved',
    )
  }
  return conclude(listing, { mode, isProved, knownBefore, isConfirmed: options.isConfirmed === true })
}

/**
 * Lists a bucket once more in a run that has listed it: what came since, and what became of the unsettled. What is no
 * longer there becomes a tombstone, and only the next run concludes that it is gone.
 * @returns what changed since the run's first listing, and why this one is not proved; none where it is
 */
export async function relistBucket(
  options: Omit<ListBucketOptions, 'full' | 'isConfirmed'>,
): Promise<Pick<ListingResult, 'added' | 'changed'> & { readonly unproved: readonly string[] }> {
  const listing = listingOf(options)
  useManners(listing.client, listing.state)
  // Into a bucket that was empty, this may be the first that shows how the service reads a filter.
  const isProved = await proveAsRead(listing, await proveAll(listing, () => {}), () => {})
  const { client, changes, gaps, odd, requests, state, run } = listing
  const moved = Math.min(requests.tombstones.dropMoved(), changes.added)
  if (changes.vanished > 0) {
    // Nobody was told of these: the next run is to tell, and no run believes a large drop at once.
    state.concludedIn = Math.min(state.concludedIn, run - 1)
  }
  state.countsAnyStatus = client.countsAnyStatus
  state.save()
  state.addUnread(odd.windows())
  const why = [...gaps, odd.gap()].filter((gap) => gap !== undefined)
  return {
    added: changes.added - moved,
    changed: changes.changed + moved,
    unproved: isProved || why.length > 0 ? why : ['the service does not honour the bounds that it did'],
  }
}

function listingOf(options: Omit<ListBucketOptions, 'full' | 'isConfirmed'>): Listing {
  const { client, db, requests, run, signal, onProgress } = options
  const state = new BucketState(db, requests.id)
  const changes = { added: 0, changed: 0, vanished: 0, returned: 0 }
  return {
    client, db, requests, state, run, signal, onProgress, changes, notes: new Set(), gaps: new Set(),
    odd: new OddRows(), shown: new ShownStatuses(), isRead: false,
  } // biome-ignore format: names only
}

/** What kind of listing a bucket is in for. */
export function modeOf({ listed }: BucketState, full: boolean): ListingResult['mode'] {
  if (full) return 'full'
  return listed ? 'incremental' : 'cold'
}

/**
 * Proves the rows; then, unless they were all read in this run, their statuses and a slice of what was believed
 * unread; and the rows again where that changed them.
 */
async function proveAll(listing: Listing, onFull: () => void): Promise<boolean> {
  const { changes } = listing
  if (listing.state.honestCount === false) return false
  const proof = await prove(listing)
  if (proof === 'none') return false
  if (listing.isRead || proof === 'by-one-answer') return true
  const rows = () => changes.added + changes.vanished + changes.returned
  const proved = rows()
  await settle(listing)
  const result = await audit(listing)
  if (result === 'hidden-change') {
    listing.notes.add(
      'the audit found a difference behind an equal count: requests became visible late, moved, were hidden, or are for other CIDs than the snapshot had; everything was listed again',
    )
    onFull()
    await rereadAll(listing)
  }
  return rows() === proved || (await prove(listing)) !== 'none'
}

/** Where the service misreads a filter by several statuses, what was concluded so far was of a part of the bucket. */
async function proveAsRead(listing: Listing, isProved: boolean, onFull: () => void): Promise<boolean> {
  if (!(await misreadsStatuses(listing, isProved && listing.gaps.size === 0))) return isProved
  listing.gaps.clear()
  listing.state.forgetCounts()
  await rereadAll(listing)
  return proveAll(listing, onFull)
}

/**
 * Says what vanished. A large drop is kept until a run that sees the same a day later, or a person, confirms it: a
 * service whose own node is down lists nothing for a while.
 */
function conclude(
  listing: Listing,
  {
    mode,
    isProved,
    knownBefore,
    isConfirmed,
  }: { mode: ListingResult['mode']; isProved: boolean; knownBefore: number; isConfirmed: boolean },
): ListingResult {
  const { client, requests, state, changes, run, gaps, notes, odd } = listing
  const unprovable = state.honestCount === false
  state.countsAnyStatus = client.countsAnyStatus
  if (client.showsEmptyAs404) {
    notes.add(
      'the service answers an empty list with 404: that is taken for an empty list, as it gave others',
    )
  }
  const oddGap = odd.gap()
  if (oddGap !== undefined) gaps.add(oddGap)
  const complete = isProved && gaps.size === 0
  const moved = Math.min(requests.tombstones.dropMoved(), changes.added)
  const { now } = client
  let removed = 0
  if (state.drop !== undefined) {
    const mayConfirm = (complete || unprovable) && (isConfirmed || hasPassed(day, state.drop.at, now))
    if (mayConfirm) removed += requests.tombstones.bury(0, state.drop.run, now)
    if (requests.tombstones.vanished(0, state.drop.run) === 0) state.drop = undefined
  }
  // With those of runs that were killed or not complete: they were never said.
  const since = Math.max(state.concludedIn, state.drop?.run ?? 0)
  const vanishedNow = requests.tombstones.vanished(since, run)
  const before = knownBefore > 0 ? knownBefore : requests.count(everything) + vanishedNow
  const isLargeDrop = vanishedNow > 10 && vanishedNow > before / 10
  // What is odd now may be what is not seen any more.
  if (complete || (unprovable && odd.size === 0)) {
    // What no count proves to be gone waits for one more listing that does not show it.
    const believed = complete && !isLargeDrop ? run : state.concludedIn
    removed += requests.tombstones.bury(state.drop?.run ?? 0, believed, now)
    if (isLargeDrop) state.drop = { run, at: now }
    state.concludedIn = run
    if (listing.isRead) state.unaudited = 0
  }
  requests.tombstones.forgetGone((at) => hasPassed(week, at, now))
  // What holds a row that could not be read is not read: the next run begins there.
  state.addUnread(odd.windows())
  state.save()
  const vanished = requests.tombstones.vanished(0, run)
  const dropped = isLargeDrop ? vanished : requests.tombstones.vanished(0, state.drop?.run ?? 0)
  if (dropped > 0)
    notes.add(
      `${dropped} of ${requests.count(everything) + vanished} requests vanished at once: they are kept until a run that sees the same a day later, or a person, confirms that they are gone`,
    )
  return {
    mode,
    complete,
    unprovable,
    added: changes.added - moved,
    removed,
    changed: changes.changed + moved,
    vanished,
    droppedAt: state.drop?.at.here ?? null,
    notes: [...gaps, ...notes],
    odd: odd.told(),
  }
}
