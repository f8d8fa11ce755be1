import { allEnded } from '../all-ended.ts'
import { day, hasPassed, type Moment, week } from '../domain/moment.ts'
import { everything } from '../domain/windows.ts'
import { inSlices } from '../in-slices.ts'
import type { OddRow } from '../service/answers.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import type { BucketRequests } from '../snapshot/bucket/requests.ts'
import type { BucketState, Drop } from '../snapshot/bucket/state.ts'
import { audit } from './audit.ts'
import type { Listing, ListingProgress, WindowDecision } from './listing.ts'
import { misreadsStatuses, type ShownAlone, ShownStatuses, showAlone } from './manners/statuses.ts'
import { OddRows } from './odd-rows.ts'
import { rereadAll, unknownPart } from './parts.ts'
import { prove } from './prove.ts'
import { readParts } from './read.ts'
import { refreshStatuses } from './unsettled.ts'
import { UnsureWindows } from './unsure-windows.ts'

/** Requests that vanished at once. */
export interface LargeDrop {
  readonly vanished: number
  /** When that was first seen, ms. */
  readonly at: number
}

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
  /** Requests that are no longer listed, and not yet believed to be gone. */
  readonly vanished: number
  /** Those of them that vanished in large drops, which are still to be confirmed: the oldest first. */
  readonly drops: readonly LargeDrop[]
  readonly notes: readonly string[]
  /** Rows that are no requests: the listing is not complete then. */
  readonly odd: readonly OddRow[]
}

export interface ListBucketOptions {
  readonly client: BucketClient
  readonly requests: BucketRequests
  /** The number of this run. */
  readonly run: number
  /** Trust nothing of the snapshot: read every window again. */
  readonly full: boolean
  /** A person confirms that what an earlier run saw vanish is really gone. */
  readonly isConfirmed?: boolean
  readonly signal: AbortSignal
  readonly onProgress: (progress: ListingProgress) => void
  readonly onWindow?: ((decision: WindowDecision) => void) | undefined
}

/**
 * Brings the snapshot of a bucket up to date with the service, asking as little as proves it.
 * @throws what the client throws; what was read until then is in the snapshot, and the next run goes on from there
 */
export async function listBucket(options: ListBucketOptions): Promise<ListingResult> {
  const { requests } = options
  const listing = listingOf(options)
  const { state, manners } = listing
  const vanishedBefore = await inSlices(requests.tombstones.tally(), listing.signal)
  const listedBefore = requests.count(everything)
  const knownBefore = listedBefore + vanishedBefore.count(state.finishedIn, listing.run)
  let mode = modeOf(state, options.full)
  const isDoubted = options.full || manners.honestCount === false
  if (options.full) manners.forget()
  // A `count` that was found to be none is looked at again in every run.
  else if (isDoubted) manners.honestUpTo = undefined
  manners.hasShown ||= listedBefore > 0

  // A listing that was cut short goes on. If it began anew, a service that is doubted in every run would never be
  // read to its end.
  if (options.full || (isDoubted && !state.begun)) await rereadAll(listing)
  else if (state.begun) await readParts(listing, state.unread().map(unknownPart))
  else if (!state.listed) {
    await readParts(listing, [unknownPart(everything)])
    listing.isRead = true
  }
  state.listed = true
  state.save(manners)

  const onFull = () => {
    mode = 'full'
  }
  // Beside the proof, as these are round trips too.
  const isFirst = manners.asksSingly === undefined
  const [proved, alone] = await allEnded([
    proveAll(listing, onFull),
    isFirst ? showAlone(listing) : undefined,
  ])
  let isProved = proved
  const isUnprovable = () => manners.honestCount === false
  // Bounds that are not honoured, or counts that are no counts: what was read by them is read again.
  if (state.isReadInVain || (isUnprovable() && !listing.isRead)) {
    await rereadAll(listing)
    isProved = await proveAll(listing, onFull)
  }
  isProved = await proveAsRead(listing, isProved, onFull, alone)
  if (isUnprovable()) {
    if (mode !== 'cold') mode = 'full'
    listing.gaps.add(
      manners.isLying
        ? 'the service’s `count` is more than there is, so that no listing of it can be proved'
        : 'the service’s `count` is only the length of the page, so that no listing of it can be proved',
    )
  }
  return finish(listing, { mode, isProved, knownBefore, isConfirmed: options.isConfirmed === true })
}

/**
 * Lists a bucket a second time in the same run: for what came since, and for what became of requests that were not
 * settled. A request that is no longer there becomes a tombstone; only the next run decides whether it is gone.
 * @returns what changed since the run's first listing, and why this one is not proved (empty where it is)
 */
export async function relistBucket(
  options: Omit<ListBucketOptions, 'full' | 'isConfirmed'>,
): Promise<Pick<ListingResult, 'added' | 'changed'> & { readonly unproved: readonly string[] }> {
  const listing = listingOf(options)
  // Where the bucket was empty, this may be the first listing that shows how the service reads a filter.
  const isProved = await proveAsRead(listing, await proveAll(listing, () => {}), () => {})
  const { changes, gaps, odd, requests, state, run, manners, signal } = listing
  const moved = Math.min(await inSlices(requests.tombstones.dropMoved(), signal), changes.added)
  if (changes.vanished > 0) {
    // Nobody is told of these in this run. The next one must take them for new: it tells of them, and does not
    // believe a large drop at once.
    state.finishedIn = Math.min(state.finishedIn, run - 1)
  }
  // They cannot be told from those of a drop that this run saw first, so all of these wait from now on.
  const drops =
    changes.vanished > 0
      ? state.drops.map((drop) => (drop.run === run ? { run, at: listing.client.now } : drop))
      : state.drops
  requests.transaction(() => {
    state.saveDrops(drops)
    state.save(manners)
    state.addUnread(listing.unsure.unkept())
  })
  const why = [...gaps, odd.gap()].filter((gap) => gap !== undefined)
  return {
    added: changes.added - moved,
    changed: changes.changed + moved,
    unproved: isProved || why.length > 0 ? why : ['the service does not honour the bounds that it did'],
  }
}

function listingOf(options: Omit<ListBucketOptions, 'full' | 'isConfirmed'>): Listing {
  const { client, requests, run, signal, onProgress, onWindow } = options
  const state = requests.state()
  const { manners } = client
  manners.begin(state.manners, state.listed)
  const changes = { added: 0, changed: 0, vanished: 0, returned: 0 }
  return {
    client, requests, state, manners, run, signal, onProgress, onWindow, changes, notes: new Set(),
    gaps: new Set(), odd: new OddRows(), unsure: new UnsureWindows(), shown: new ShownStatuses(), isRead: false,
  } // biome-ignore format: names only
}

/** Which kind of listing a bucket needs. */
export function modeOf({ listed }: BucketState, full: boolean): ListingResult['mode'] {
  if (full) return 'full'
  return listed ? 'incremental' : 'cold'
}

/**
 * Proves which requests there are. Unless all of them were read in this run, it then brings their statuses up to date
 * and audits a slice; where that changed which requests there are, they are proved again.
 */
async function proveAll(listing: Listing, onFull: () => void): Promise<boolean> {
  const { changes } = listing
  if (listing.manners.honestCount === false) return false
  const proof = await prove(listing)
  if (proof === 'none') return false
  if (listing.isRead || proof === 'by-one-answer') return true
  const rows = () => changes.added + changes.vanished + changes.returned
  const proved = rows()
  await refreshStatuses(listing)
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

/**
 * Where the service misreads a filter by several statuses, only a part of the bucket was proved so far. Then
 * everything is listed again, each status alone.
 */
async function proveAsRead(
  listing: Listing,
  isProved: boolean,
  onFull: () => void,
  alone?: readonly ShownAlone[],
): Promise<boolean> {
  if (!(await misreadsStatuses(listing, isProved && listing.gaps.size === 0, alone))) return isProved
  listing.gaps.clear()
  listing.manners.forgetCounts()
  await rereadAll(listing)
  return proveAll(listing, onFull)
}

/**
 * Ends a listing: decides which of the requests that vanished are believed to be gone, and sums up. A large drop is
 * believed only when a run sees the same a day later, or a person confirms it: a service whose own node is down lists
 * nothing for a while.
 */
async function finish(
  listing: Listing,
  {
    mode,
    isProved,
    knownBefore,
    isConfirmed,
  }: { mode: ListingResult['mode']; isProved: boolean; knownBefore: number; isConfirmed: boolean },
): Promise<ListingResult> {
  const { client, requests, state, changes, run, gaps, notes, odd, manners, signal } = listing
  const unprovable = manners.honestCount === false
  if (manners.showsEmptyAs404) {
    notes.add(
      'the service answers an empty list with 404: that is taken for an empty list, as it gave others',
    )
  }
  const oddGap = odd.gap()
  if (oddGap !== undefined) gaps.add(oddGap)
  const complete = isProved && gaps.size === 0
  const moved = Math.min(await inSlices(requests.tombstones.dropMoved(), signal), changes.added)
  const tally = await inSlices(requests.tombstones.tally(), signal)
  const { now } = client
  let removed = 0
  const bury = async (after: number, upTo: number) => {
    const buried = tally.take(after, upTo)
    if (buried > 0) await inSlices(requests.tombstones.bury(after, upTo, now), signal)
    removed += buried
  }
  const drops: Drop[] = []
  let dropBefore = 0
  let buriedUpTo = 0
  // Each waits for its own day. Those in a row are buried together: each time, all tombstones are gone through.
  for (const drop of state.drops) {
    const mayConfirm = (complete || unprovable) && (isConfirmed || hasPassed(day, drop.at, now))
    if (!mayConfirm) {
      await bury(buriedUpTo, dropBefore)
      buriedUpTo = drop.run
      if (tally.count(dropBefore, drop.run) > 0) drops.push(drop)
    }
    dropBefore = drop.run
  }
  await bury(buriedUpTo, dropBefore)
  // Together with those of runs that were killed or not complete: nobody was told of them.
  const since = Math.max(state.finishedIn, drops.at(-1)?.run ?? 0)
  const vanishedNow = tally.count(since, run)
  const before = knownBefore > 0 ? knownBefore : requests.count(everything) + vanishedNow
  const isLargeDrop = vanishedNow > 10 && vanishedNow > before / 10
  // A request that vanished may be one of the rows that could not be read.
  if (complete || (unprovable && odd.size === 0)) {
    // Where no count proves that a request is gone, one more listing must miss it.
    const believed = complete && !isLargeDrop ? run : state.finishedIn
    await bury(dropBefore, believed)
    if (isLargeDrop) drops.push({ run, at: now })
    state.finishedIn = run
    if (listing.isRead) state.unaudited = 0
  }
  const isOver = (at: Moment) => hasPassed(week, at, now)
  await inSlices(requests.tombstones.forgetGone(isOver), signal)
  state.addUnread(listing.unsure.unkept())
  requests.transaction(() => {
    state.saveDrops(drops)
    state.save(manners)
  })
  const vanished = tally.count(0, run)
  const all = requests.count(everything) + vanished
  const told = drops.map(({ run, at }, index) => {
    return { vanished: tally.count(drops[index - 1]?.run ?? 0, run), at: at.here }
  })
  for (const drop of told)
    notes.add(
      `${drop.vanished} of ${all} requests vanished at once, first seen on ${new Date(drop.at).toISOString()}: they are kept until a run that sees the same a day later, or a person, confirms that they are gone`,
    )
  return {
    mode,
    complete,
    unprovable,
    added: changes.added - moved,
    removed,
    changed: changes.changed + moved,
    vanished,
    drops: told,
    notes: [...gaps, ...notes],
    odd: odd.told(),
  }
}
