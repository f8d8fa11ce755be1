import type { PinCid } from '../domain/cid.ts'
import type { Why } from '../domain/reasons/classes.ts'
import type { TryEnding } from '../domain/round-tally.ts'

/** A CID that the service has pinned and the node lacks. */
export interface MissingPin {
  /** In the agenda. */
  readonly index: number
  readonly cid: PinCid
  /** At most 255 bytes. */
  readonly name: string | null
  readonly bucket: string
  /** Of its own request: multiaddrs as the service gave them, which need not parse. */
  readonly delegates: readonly string[]
  /** Bytes of its content; `null` where that is not known. */
  readonly size: number | null
}

/** A CID that could not be pinned, and why its last try failed, in the node's words or ours. */
export interface FailedPin extends Why {
  readonly entry: MissingPin
  /** In this run. */
  readonly tries: number
}

/** What to pin, in the order in which to try it: see `schedule`. */
export interface DuePins {
  readonly length: number
  at(place: number): MissingPin | undefined
}

/** Called as each result is known, so that it can be kept at once; an error that one throws ends the backup. */
export interface PinResults {
  readonly onPinned: (entry: MissingPin) => void
  readonly onFailed: (failure: FailedPin) => void
}

/** A try of a CID that has ended. */
interface Tried {
  readonly entry: MissingPin
  readonly round: number
  /** From when its turn came, ms. */
  readonly took: number
  readonly ending: TryEnding
  /** Why it was in vain. */
  readonly why: Why | null
}

/** What is told of a backup as it goes on; nobody need listen. */
export interface BackupEvents {
  /** A CID has its turn in a round. */
  readonly onTry?: ((round: number) => void) | undefined
  readonly onTried?: ((tried: Tried) => void) | undefined
  /** The node does not answer, and is asked again for so long, ms. */
  readonly onAway?: ((ms: number) => void) | undefined
}

/** How long, and how much at once: the same whatever way a node is brought to pin. */
export interface BackupOptions {
  readonly concurrency: number
  /** ms */
  readonly stallTimeout: number
  /** Tries of one CID. */
  readonly attempts: number
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
  /** Aborted when the run is cancelled, and when its time is over. */
  readonly inTime: AbortSignal
}
