import type { DatabaseSync } from 'node:sqlite'
import { everything } from '../domain/windows.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import { BucketState } from '../snapshot/buckets.ts'
import type { BucketRequests } from '../snapshot/requests.ts'
import { audit } from './audit.ts'
import type { Listing, ListingProgress } from './listing.ts'
import { rereadAll } from './parts.ts'
import { prove } from './prove.ts'
import { readWindows } from './read.ts'
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
  /** Vanished, and not believed to be gone before a later run confirms it. */
  readonly vanished: number
  readonly notes: readonly string[]
}

export interface ListBucketOptions {
  readonly client: BucketClient
  readonly db: DatabaseSync
  readonly requests: BucketRequests
  /** The number of this run. */
  readonly run: number
  /** Trust nothing of the snapshot: read every window again. */
  readonly full: boolean
  readonly signal: AbortSignal
  readonly onProgress: (progress: ListingProgress) => void
}

/**
 * Brings the snapshot of a bucket up to date with the service, asking as little as proves it.
 * @throws what the client throws; what was read until then is in the snapshot, and the next run goes on from there
 */
export async function listBucket(options: ListBucketOptions): Promise<ListingResult> {
  const { client, db, requests, run, signal, onProgress } = options
  const state = new BucketState(db, requests.id)
  const changes = { added: 0, changed: 0, vanished: 0 }
  const listing: Listing = {
    client, db, requests, state, run, signal, onProgress, changes, notes: new Set(), gaps: new Set(),
  } // biome-ignore format: names only
  const knownBefore = requests.count(everything)
  let mode: ListingResult['mode'] = state.listed ? 'incremental' : 'cold'

  if (state.begun) await readWindows(listing, state.unread())
  else if (!state.listed) await readWindows(listing, [everything])
  if (state.listed && (options.full || state.honestCount === false)) {
    mode = 'full'
    await rereadAll(listing)
  }
  state.listed = true

  let isProved = false
  if (state.honestCount === false) {
    await settle(listing)
    listing.gaps.add(
      'the service’s `count` is only the length of the page, so that no listing of it can be proved',
    )
  } else {
    isProved = await proveAll(listing, () => {
      mode = 'full'
    })
  }
  return conclude(listing, { mode, isProved, knownBefore })
}

/** Proves the rows, then their statuses, then a slice of what was believed unread; again where that changed the rows. */
async function proveAll(listing: Listing, onFull: () => void): Promise<boolean> {
  const { changes } = listing
  const proof = await prove(listing)
  if (proof !== 'by-counts') return proof === 'by-one-answer'
  const rows = () => changes.added + changes.vanished
  const proved = rows()
  await settle(listing)
  const result = await audit(listing)
  if (result === 'hidden-change') {
    listing.notes.add(
      'the audit found a difference behind an equal count: requests became visible late, moved or were hidden; everything was listed again',
    )
    onFull()
    await rereadAll(listing)
  }
  return rows() === proved || (await prove(listing)) !== 'none'
}

function conclude(
  listing: Listing,
  { mode, isProved, knownBefore }: { mode: ListingResult['mode']; isProved: boolean; knownBefore: number },
): ListingResult {
  const { requests, state, changes, run, gaps, notes } = listing
  const unprovable = state.honestCount === false
  const complete = isProved && gaps.size === 0
  const moved = changes.added > 0 ? requests.dropMoved() : 0
  const vanishedNow = requests.vanished(run)
  const isLargeDrop = mode !== 'cold' && vanishedNow > 10 && vanishedNow > knownBefore / 10
  if (isLargeDrop) {
    notes.add(
      `${vanishedNow} of ${knownBefore} requests vanished at once: they are kept until a later run confirms that they are gone`,
    )
  }
  const isBelieved = complete && !isLargeDrop
  const removed = complete || unprovable ? requests.bury(run, isBelieved) : 0
  state.save()
  return {
    mode,
    complete,
    unprovable,
    added: changes.added - moved,
    removed,
    changed: changes.changed + moved,
    vanished: isBelieved ? 0 : vanishedNow,
    notes: [...gaps, ...notes],
  }
}
