import type { Manners } from '../domain/manners.ts'
import type { Window } from '../domain/windows.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import type { BucketRequests } from '../snapshot/bucket/requests.ts'
import type { BucketState } from '../snapshot/bucket/state.ts'
import type { ShownStatuses } from './manners/statuses.ts'
import type { OddRows } from './odd-rows.ts'
import type { UnsureWindows } from './unsure-windows.ts'

/** A listing of one bucket under way: where it reads from, where it writes to, and what it has changed so far. */
export interface Listing {
  readonly client: BucketClient
  readonly requests: BucketRequests
  readonly state: BucketState
  /** The client's, which asks by them. */
  readonly manners: Manners
  /** The number of this run: tombstones carry it. */
  readonly run: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: ListingProgress) => void
  readonly onWindow: ((decision: WindowDecision) => void) | undefined
  /** `returned`: vanished before, and there again; these are among the changed. */
  readonly changes: { added: number; changed: number; vanished: number; returned: number }
  /** What the reader of the report should know. */
  readonly notes: Set<string>
  /** Why the listing cannot be complete, whatever the counts say. */
  readonly gaps: Set<string>
  /** Rows that are no requests. */
  readonly odd: OddRows
  /** Where something may be missing. */
  readonly unsure: UnsureWindows
  /** What answers to all statuses at once showed. */
  readonly shown: ShownStatuses
  /** All requests but the newest were read in this run, so that all statuses are of this run. */
  isRead: boolean
}

/** What was found out of a window of a bucket: told to who looks for a fault. */
export interface WindowDecision {
  readonly bucket: string
  readonly window: Window
  /**
   * Both sides count as many there, so that it is not read; they do not, so that it is, or its parts are counted; an
   * answer showed it, or a part of it; the same of what is read though its count is right.
   */
  readonly what: 'equal' | 'differs' | 'read' | 'audited'
  /** How many requests the service says to have there. */
  readonly theirs: number
  /** How many the snapshot has there; of a window that was read, how many were shown. */
  readonly ours: number
}

/** How far a listing has come. */
export interface ListingProgress {
  readonly bucket: string
  /** Requests read since the last time. */
  readonly read: number
  /** How many are still to be read, as far as it is known. */
  readonly left: number
}

export function decided(
  { client, onWindow }: Pick<Listing, 'client' | 'onWindow'>,
  what: WindowDecision['what'],
  window: Window,
  theirs: number,
  ours: number,
): void {
  onWindow?.({ bucket: client.bucket, window, what, theirs, ours })
}
