import type { Direction } from '../config/types.ts'
import type { BucketEntries, CidEntries, Entries } from '../domain/entries.ts'
import type { Conclusion, PastRun } from '../domain/history.ts'
import type { Entry, Status } from '../domain/pin.ts'
import type { ReasonClass, Retry } from '../domain/reasons/classes.ts'
import type { Coverage } from '../domain/verifying.ts'
import type { InspectReport } from './inspect-report.ts'

export type { Conclusion }

export interface FailedEntry extends Entry {
  readonly reason: string
  /** What the reason has in common with others. */
  readonly class: ReasonClass
  /** `never`: trying again does not help, and is done by hand, for a new version of the node, or in a month. */
  readonly retry: Retry
  readonly attempts: number
  /** RFC 3339, as all instants of the report. */
  readonly firstFailedAt: string
  readonly nextAttemptAt: string
}

/**
 * How both sides stand at the end of the run, in distinct CIDs: in a bucket, or in all of them together, where one
 * that is in several counts once. Of a bucket that was not listed it is what is known from before.
 */
export interface Standing {
  /** Pinned at the service, but for ignored ones that the node lacks. */
  readonly atService: number
  /** Pinned on the node, and pinned or on the way at the service, or to be sent there. */
  readonly onNode: number
  /** Pinned on both. */
  readonly onBoth: number
}

/** Why work was left to a later run. */
export type LeftBy = 'time-limit' | 'max-bytes' | 'keep-free'

export interface BucketReport {
  readonly name: string
  /** Distinct CIDs with a request of any status. */
  readonly cids: number
  /** How many of those the node had when it was listed; `null` where it was not. */
  readonly onNode: number | null
  /** Its part of how both sides stand; `null` where the node was not listed. */
  readonly standing: Standing | null
  readonly requests: Readonly<Record<Status, number>>
  /** What is no request, or has no CID: as far as it can be read, and what is odd about it. */
  readonly invalid: readonly {
    readonly requestid: string
    readonly cid: string
    readonly problem: string
  }[]
  /** How many more there are than are told. */
  readonly moreInvalid: number
  readonly listing: {
    readonly mode: 'cold' | 'incremental' | 'full'
    readonly complete: boolean
    /** It came to no end in this run: what is told of the bucket is what earlier runs, and the beginning, found. */
    readonly brokeOff: boolean
    readonly httpRequests: number
    readonly added: number
    readonly removed: number
    readonly changed: number
    /** Requests that vanished in a drop too large to be believed before a run a day later, or a person, confirms it. */
    readonly vanished: number
    /** Those of them that vanished in such drops, the oldest first. */
    readonly drops: readonly DropReport[]
    /** Of the oldest of these. */
    readonly droppedAt: string | null
    readonly believedFrom: string | null
    /** What a reader should know: why it is not complete, a drop, a difference the audit found. */
    readonly notes: readonly string[]
  }
  /** Requests that failed at the service with no other request pinned for their CID. */
  readonly failedRequests: CidEntries<FailedRequest>
  readonly unlisted?: Unlisted<'failedRequests'>
}

interface DropReport {
  readonly vanished: number
  /** When it was first seen, and from when on a run that sees the same takes it for true. */
  readonly droppedAt: string
  readonly believedFrom: string
}

export interface FailedRequest {
  readonly requestid: string
  readonly cid: string
  readonly name: string | null
  readonly reason: string | null
  /** As that of a failed entry. */
  readonly class: ReasonClass
  readonly created: string
}

/** How many more than are told each list has: of a run that was cut off with many. */
type Unlisted<Name extends string> = Readonly<Partial<Record<Name, number>>>

export interface DirectionReport {
  readonly missing: number
  readonly ignored: number
  readonly pinned: BucketEntries<Entry>
  readonly failed: Entries<FailedEntry>
  /** How many of those were not tried in this run: they wait for their next try. */
  readonly resting: number
  readonly pending: BucketEntries<Entry>
  readonly unlisted?: Unlisted<'pinned' | 'failed' | 'pending' | 'unsent'>
}

export interface UpdateReport extends DirectionReport {
  readonly unsent: BucketEntries<Entry>
}

/** How far the pins of a bucket are verified. */
export interface BucketVerification extends Omit<Coverage, 'oldest'> {
  readonly name: string
  /** As a date. */
  readonly oldest: string | null
}

/** What was read again of what is pinned. */
export interface VerifyReport {
  /** CIDs of which this run knows whether they are whole. */
  readonly checked: number
  readonly whole: number
  /** Whole again, with blocks that this run fetched; they count as whole, too. */
  readonly mended: number
  /** That lack a block. */
  readonly missing: number
  /** With a block that is not what its CID says, or can't be read. */
  readonly corrupt: number
  /** The node did not come to their end. */
  readonly unread: number
  /** Read in this run. */
  readonly bytes: number
  /** That gateways gave to mend them. */
  readonly fetched: number
  readonly oldest: string | null
  /** All that is known to be broken, from earlier runs too. */
  readonly failed: Entries<FailedEntry>
  readonly unlisted?: Unlisted<'failed'>
  readonly buckets: readonly BucketVerification[]
}

export interface DelegateReport {
  readonly peerId: string
  readonly addrs: readonly string[]
}

export interface KnownDelegateReport extends DelegateReport {
  /** Under which the service shows it as well: an address may change, the peer is the same. */
  readonly otherAddrs: readonly string[]
}

export interface UnknownDelegateReport extends DelegateReport {
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  readonly exampleCid: string
  /** Where it was seen. */
  readonly buckets: readonly string[]
}

export interface RunError {
  /** What it concerns: `input`, `bucket NAME`, `node`, `service`, `snapshot`, … */
  readonly where: string
  readonly message: string
  /** What happened, in few words: see `Problem`. */
  readonly short?: string
  /** What a person has to do, in few words. */
  readonly todo?: string
}

export interface NodeReport {
  readonly kind: 'kubo' | 'cluster'
  readonly version: string
  readonly peerId: string
  readonly pins: number
  /** `false` for a node that had thousands of pins and lists none but what every new repository pins: nothing is pinned on it in this run. */
  readonly believed: boolean
  /** From when on a run that finds it as empty does believe it; `null` where it is believed. */
  readonly believedFrom: string | null
  /** Its recursive pins that no bucket has under any status. */
  readonly onlyHere: number
  /** `false` where not every bucket is proved: some of them may be there all the same. */
  readonly onlyHereProved: boolean
  /** Some of them. */
  readonly onlyHereExamples: readonly string[]
  /** Those that a cluster is made of; `null` for a node that is one alone. */
  readonly peers:
    | readonly {
        readonly peerId: string
        readonly name: string
        /** In the cluster's words; `null` where all is well with it. */
        readonly trouble: string | null
        /** When a run first saw that trouble. */
        readonly since: string | null
      }[]
    | null
  /** How the CIDs of a cluster stand, in numbers, when they were listed; `null` for a node that is one alone. */
  readonly replication: {
    /** On all peers that are to have them: these are the node's pins. */
    readonly pinned: number
    readonly pinning: number
    /** In error at a peer. */
    readonly failed: number
    /** A peer has them no more. */
    readonly lost: number
    /** A peer that is to have them does not say. */
    readonly partly: number
    readonly copies: readonly { readonly wanted: number; readonly cids: number }[]
  } | null
}

/** What a backup took of the node's disk and of the service's bill, in bytes. */
export interface StorageReport {
  /** Of what was missing, as far as the service says how large it is; what has blocks in common takes less. */
  readonly missing: number
  /** How many of the missing CIDs it does not say the size of. */
  readonly unknown: number
  /** What the node had room for before the first pin, beyond `keep-free`; `null` where that is not known. */
  readonly room: number | null
  /** What was fetched; `null` where the node does not tell. */
  readonly fetched: number | null
  /** What held pins back first, besides time; all that did is in `leftBy`. */
  readonly stoppedBy: 'keep-free' | 'max-bytes' | null
}

/** A run in a few figures. */
export interface RunReport extends Omit<PastRun, 'startedAt'> {
  readonly startedAt: string
}

/** The JSON report, version 1: its keys are the contract with whoever reads it. */
export interface Report {
  readonly version: 1
  readonly direction: Direction
  readonly dryRun: boolean
  /** The service's name: that of its provider where it is known, else its host. */
  readonly service: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly conclusion: Conclusion
  readonly errors: readonly RunError[]
  /** What went wrong without ending the run: an issue that could not be written, a cache that could not be read. */
  readonly warnings: readonly RunError[]
  /** `null` until the node was listed. */
  readonly node: NodeReport | null
  readonly buckets: readonly BucketReport[]
  /** All buckets together; `null` where a side was not listed. */
  readonly standing: Standing | null
  /** What `check-buckets` found; `null` where it was not asked for, or the run did not come to it. */
  readonly account: {
    /** Buckets of the account that neither `buckets` nor `ignore-buckets` names. */
    readonly unmirrored: readonly string[]
    /** `false` where not every account told its buckets: there may be more. */
    readonly complete: boolean
  } | null
  readonly backup: DirectionReport | null
  /** Of the backup; `null` where there was none, and where nothing was missing. */
  readonly storage: StorageReport | null
  readonly update: UpdateReport | null
  /** `null` where nothing was to be verified, or could not be. */
  readonly verify: VerifyReport | null
  /** Path of the manifest; `null` where none was asked for, or it could not be written. */
  readonly manifest: string | null
  /** All that left work to a later run, but for errors and a cancel. */
  readonly leftBy: readonly LeftBy[]
  readonly delegates: {
    readonly known: readonly KnownDelegateReport[]
    readonly unknown: readonly UnknownDelegateReport[]
    readonly peered: readonly {
      readonly peerId: string
      readonly connected: boolean
      readonly reason: string | null
      /** Whether it was connected at any time in this run. */
      readonly answered: boolean
    }[]
    /** What `peering: save` wrote into the node's config, in peers; `null` where it was not to, or could not. */
    readonly saved: {
      readonly isWritten: boolean
      readonly added: number
      readonly extended: number
      readonly removed: number
    } | null
    /** What a service names beyond bounds; each is counted up to 10,000. */
    readonly leftOut: {
      /** That are not kept. */
      readonly addresses: number
      /** With which the node is not peered. */
      readonly peers: number
      /** Addresses that are not dialled, as they are not of the Internet. */
      readonly notPublic: number
    }
  }
  readonly inspect: readonly InspectReport[]
  /** The last 10 runs, oldest first, this one included; dry runs and inspections are not among them. */
  readonly history: readonly RunReport[]
  /** When the first of the last runs that all ended `ok` began; `null` where the last did not. */
  readonly inStepSince: string | null
  /** The runs that ended in an error one after the other, up to this one; `null` where this one did not. */
  readonly failing: { readonly since: string; readonly runs: number } | null
}
