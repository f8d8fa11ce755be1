import type { ReasonClass, Retry } from '../domain/reasons/classes.ts'
import type { DelegateReport, RunError, UnknownDelegateReport } from '../report/report.ts'
import type { Departure, LedgerDirection } from '../snapshot/ledger.ts'
import type { NamedRequests } from './failed-requests/named-requests.ts'

/** What is told by name besides the failures of the ledger, which are told in numbers. */
export const kinds = ['delegate', 'request', 'doubt', 'peer', 'bucket'] as const
export type Kind = (typeof kinds)[number]

/** How a CID of the ledger failed: to be pinned on the node or at the service, or to be read whole on the node. */
export const ledgerKinds = ['backup', 'update', 'verify'] as const satisfies readonly LedgerDirection[]

/** The same, or at the service with nobody who asks again, so that its request alone tells of it. */
export type FailureKind = LedgerDirection | 'request'

/** What failed alike; instants in ms. */
export interface FailedAlike {
  readonly kind: FailureKind
  readonly class: ReasonClass
  readonly retry: Retry
  readonly cids: number
  /** The largest first; a few of them. */
  readonly buckets: readonly { readonly name: string; readonly cids: number }[]
  readonly moreBuckets: number
  /** When the first of them failed first. */
  readonly oldest: number
  /** When the first of them is tried again; `null` where nobody does that. */
  readonly next: number | null
  /** The words of one of them. */
  readonly reason: string
  /** Some of the CIDs, the oldest first. */
  readonly first: readonly string[]
}

/** Whether it stays as it is unless a person does something: a corrupt block is never mended unasked. */
export function needsPerson({ class: reasonClass, retry }: Pick<FailedAlike, 'class' | 'retry'>): boolean {
  return retry === 'never' || reasonClass === 'corrupt-block'
}

/** What fails, in numbers. */
export interface Failures {
  /** What never heals first, then the largest; a few of them. */
  readonly alike: readonly FailedAlike[]
  /** With other reasons, which are too many to tell. */
  readonly others: Readonly<Record<FailureKind, { readonly reasons: number; readonly cids: number }>>
  /** How many failed in each bucket. */
  readonly places: readonly { readonly kind: FailureKind; readonly bucket: string; readonly cids: number }[]
}

/** Runs that end in an error, one after the other. */
export interface FailingRuns {
  /** RFC 3339 */
  readonly since: string
  readonly runs: number
  /** When the last run began that ended otherwise, RFC 3339; none where the snapshot knows of none. */
  readonly wellAt?: string | undefined
  /** Of the last. */
  readonly errors: readonly RunError[]
}

/** A peer of a cluster, and since when it has trouble. */
interface TroubledPeer {
  readonly peerId: string
  readonly name: string
  readonly trouble: string
  readonly since: string
}

/** What the tracking issue shows: the ledger, and how things stand, not one run. */
export interface Tracked {
  /** `null` where the last run did not fail. */
  readonly failing: FailingRuns | null
  readonly failures: Failures
  /** Of the ledger: the same while the same CIDs fail. */
  readonly ledgerDigest: string
  /** What left the ledger in this run, and why. */
  readonly departed: readonly Departure[]
  /** The requests that failed at the service, by their CIDs. */
  readonly failedRequests: NamedRequests
  readonly unknownDelegates: readonly UnknownDelegateReport[]
  /** What is not believed before a later run, or a person, confirms it. */
  readonly doubts: readonly RunError[]
  /** Of a cluster, those that have trouble. */
  readonly troubledPeers: readonly TroubledPeer[]
  /** Buckets of the account that nobody mirrors. */
  readonly unmirrored: readonly string[]
  /** For the lines to paste, which replace the whole input. */
  readonly knownDelegates: readonly DelegateReport[]
  /**
   * What the run saw. `whole`: what is not here is gone. `part`: what is not here may still stand, unless the run knows
   * of it. `blind`: it saw neither side, and knows the ledger alone. `unopened`: not even that, for want of the snapshot.
   */
  readonly sight: 'whole' | 'part' | 'blind' | 'unopened'
  /** Whether a run that saw a part knows how one of a kind, or any of it, stands: then it is gone where it is not here. */
  knows(kind: Kind, id?: string): boolean
  /** What of the ledger is newer than an instant, ms, and some of those CIDs. */
  newerThan(instant: number): Promise<{ readonly failures: Failures; readonly cids: readonly string[] }>
}

/** Whether nothing is left to track: the issue may be closed. */
export function isSettled(tracked: Tracked): boolean {
  const { failing, failures, failedRequests, unknownDelegates, doubts, troubledPeers, unmirrored } = tracked
  return (
    failing === null &&
    failedRequests.size === 0 &&
    [failures.places, unknownDelegates, doubts, troubledPeers, unmirrored].every(({ length }) => length === 0)
  )
}

/** The oldest first, so that the same state always reads the same and what is new comes at the end. */
export function inOrder(tracked: Tracked): Tracked {
  return {
    ...tracked,
    doubts: tracked.doubts.toSorted((a, b) => compare(a.where, b.where)),
    troubledPeers: tracked.troubledPeers.toSorted(
      (a, b) => compare(a.since, b.since) || compare(a.peerId, b.peerId),
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
