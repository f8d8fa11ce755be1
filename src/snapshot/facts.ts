import type { DatabaseSync } from 'node:sqlite'

/** What the snapshot knows besides listings and ledger, each under a name of its own. */
interface FactTypes {
  /** Which mirror it belongs to: `mirrorId`. */
  mirror: string
  /** The number of the last run that opened it: of two copies, the higher is the newer. */
  run: number
  /** The last run that closed it: one that was killed did not. */
  endedRun: number
  /** The last run that changed what is worth keeping. */
  changedInRun: number
  /** The last such run whose changes are in the cache. */
  cachedRun: number
  /** When it was last put in the cache, ms since the epoch. */
  cachedAt: number
  /** How many pins the node had when it was last listed and believed. */
  nodePins: number
  /** Since when it lists none and is not believed: a JSON `Moment`. */
  nodeEmptySince: string
  /** The peers that a cluster is made of, as the last run left them: a JSON list of `WatchedPeer`. */
  nodePeers: string
  /** The tracking issue. */
  issue: number
  /** The peers that were taken as known as no `delegates` were told: a JSON list of `KnownDelegate`. */
  firstDelegates: string
}

export class Facts {
  readonly #db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  get<Name extends keyof FactTypes>(name: Name): FactTypes[Name] | undefined {
    const row = this.#db.prepare('SELECT value FROM fact WHERE name = ?').get(name)
    return row?.['value'] as FactTypes[Name] | undefined
  }

  forget(name: keyof FactTypes): void {
    this.#db.prepare('DELETE FROM fact WHERE name = ?').run(name)
  }

  set<Name extends keyof FactTypes>(name: Name, value: FactTypes[Name]): void {
    this.#db.prepare('INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)').run(name, value)
  }
}
