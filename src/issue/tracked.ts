import type { DelegateReport, FailedEntry, RunError, UnknownDelegateReport } from '../report/report.ts'
import type { LedgerDirection } from '../snapshot/ledger.ts'
import type { FailedRequest } from '../summary/tables.ts'

/** A peer of a cluster, and since when it has trouble. */
interface TroubledPeer {
  readonly peerId: string
  readonly name: string
  readonly trouble: string
  readonly since: string
}

/** What the tracking issue shows: the ledger, not one run. */
export interface Tracked {
  readonly failures: readonly (FailedEntry & { readonly direction: LedgerDirection })[]
  readonly failedRequests: readonly FailedRequest[]
  readonly unknownDelegates: readonly UnknownDelegateReport[]
  /** What is not believed before a later run, or a person, confirms it. */
  readonly doubts: readonly RunError[]
  /** Of a cluster, those that have trouble. */
  readonly troubledPeers: readonly TroubledPeer[]
  /** For the lines to paste, which replace the whole input. */
  readonly knownDelegates: readonly DelegateReport[]
  /** `false` after a run that did not see everything: what is not here may still stand. */
  readonly isWhole: boolean
}

/** Whether nothing is left to track: the issue may be closed. */
export function isSettled(tracked: Tracked): boolean {
  const { failures, failedRequests, unknownDelegates, doubts, troubledPeers } = tracked
  return [failures, failedRequests, unknownDelegates, doubts, troubledPeers].every(
    ({ length }) => length === 0,
  )
}

/** The oldest first, so that the same state always reads the same and what is new comes at the end. */
export function inOrder(tracked: Tracked): Tracked {
  return {
    ...tracked,
    failures: tracked.failures.toSorted(
      (a, b) =>
        compare(a.firstFailedAt, b.firstFailedAt) ||
        compare(a.cid, b.cid) ||
        compare(a.direction, b.direction),
    ),
    doubts: tracked.doubts.toSorted((a, b) => compare(a.where, b.where)),
    troubledPeers: tracked.troubledPeers.toSorted(
      (a, b) => compare(a.since, b.since) || compare(a.peerId, b.peerId),
    ),
    failedRequests: tracked.failedRequests.toSorted(
      (a, b) =>
        compare(a.created, b.created) || compare(a.requestid, b.requestid) || compare(a.bucket, b.bucket),
    ),
    unknownDelegates: tracked.unknownDelegates
      .map(withSortedAddresses)
      .toSorted((a, b) => compare(a.firstSeenAt, b.firstSeenAt) || compare(a.peerId, b.peerId)),
    knownDelegates: tracked.knownDelegates
      .map(withSortedAddresses)
      .toSorted((a, b) => compare(a.peerId, b.peerId)),
  }
}

function withSortedAddresses<T extends DelegateReport>(peer: T): T {
  return { ...peer, addrs: peer.addrs.toSorted() }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
