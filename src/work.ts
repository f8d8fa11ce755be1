import type { Config, KnownDelegate } from './config/types.ts'
import type { Comparison } from './domain/compare.ts'
import type { SeenDelegate } from './domain/delegate.ts'
import type { Node } from './node/node.ts'
import type { RunRecord } from './report/run-record.ts'
import type { RunTime } from './run-time.ts'
import type { RateLimit } from './service/rate-limit.ts'
import type { BothSides } from './sides/list-both-sides.ts'
import type { Trust } from './sides/trust.ts'
import type { DelegateBook } from './snapshot/delegates.ts'
import type { Ledger } from './snapshot/ledger.ts'
import type { Snapshot } from './snapshot-file/open.ts'
import type { Log } from './text/log.ts'

/** What the phases of a run work with; what they come to goes into the record. */
export interface Work {
  readonly config: Config
  readonly node: Node
  /** Of all requests to the service. */
  readonly gate: RateLimit
  readonly snapshot: Snapshot
  readonly ledger: Ledger
  readonly book: DelegateBook
  readonly log: Log
  readonly record: RunRecord
  /** When it ends. */
  readonly time: RunTime
}

/** What a run found before it changes anything. */
export interface Found {
  readonly sides: BothSides
  readonly comparison: Comparison
  readonly trust: Trust
  readonly seen: readonly SeenDelegate[]
  readonly known: readonly KnownDelegate[]
}
