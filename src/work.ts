import type { Config } from './config/types.ts'
import { Gateways } from './gateways/gateways.ts'
import type { Http } from './http/http.ts'
import { Intake } from './intake.ts'
import type { Node } from './node/node.ts'
import { openNode } from './node/open-node.ts'
import { RunTime } from './run-time.ts'
import { BucketClient } from './service/pinning-service.ts'
import { RateLimit } from './service/rate-limit.ts'
import type { DelegateBook } from './snapshot/delegates.ts'
import type { Ledger } from './snapshot/ledger.ts'
import type { Snapshot } from './snapshot/snapshot.ts'
import type { Log } from './text/log.ts'

/** What the run reaches the world through. */
export interface Edges {
  readonly http: Http
  readonly log: Log
  readonly snapshot: Snapshot
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal
}

/** What the phases of a run work with. */
export interface Work {
  readonly config: Config
  readonly http: Http
  readonly node: Node
  /** Of the buckets, in the input's order. */
  readonly clients: readonly BucketClient[]
  /** Sets the rate of all requests to the service. */
  readonly gate: RateLimit
  /** What comes to the node, and whether more may. */
  readonly intake: Intake
  readonly gateways: Gateways
  readonly snapshot: Snapshot
  readonly ledger: Ledger
  readonly book: DelegateBook
  readonly log: Log
  /** When it ends. */
  readonly time: RunTime
}

/** Its time runs from now on. */
export function startWork(config: Config, { http, log, snapshot, signal }: Edges): Work & Disposable {
  const time = new RunTime(signal, config.timeLimit)
  const gate = new RateLimit(config.requestsPerSecond)
  const intake = new Intake(config.maxBytes)
  const gateways = new Gateways(config.gateways, { http, intake, stallTimeout: config.stallTimeout })
  const { endpoint } = config
  return {
    config,
    http,
    log,
    snapshot,
    time,
    gate,
    intake,
    gateways,
    clients: config.buckets.map((bucket) => new BucketClient(bucket, { http, endpoint, gate })),
    node: openNode(config, http),
    ledger: snapshot.ledger,
    book: snapshot.delegates,
    [Symbol.dispose]() {
      gate[Symbol.dispose]()
      gateways[Symbol.dispose]()
      time[Symbol.dispose]()
    },
  }
}
