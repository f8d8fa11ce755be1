import type { DatabaseSync } from 'node:sqlite'

/** Single facts that the snapshot knows besides its tables. */
interface FactTypes {
  /** Which mirror it belongs to: `mirrorId`. */
  mirror: string
  /** The number of the last run that opened it. Of two copies, the one with the higher number is the newer. */
  run: number
  /** The last run that closed it. A run that was killed did not. */
  endedRun: number
  /** The last run that changed anything worth saving. */
  changedInRun: number
  /** The last run whose changes are in the cache. */
  cachedRun: number
  /** When it was last put in the cache, ms since the epoch. */
  cachedAt: number
  /** How many pins the node had when it was last listed and believed. */
  nodePins: number
  /** Since when the node lists no pins and is not believed: a `Moment` as JSON. */
  nodeEmptySince: string
  /** The tracking issue. */
  issue: number
  /** The peers that were taken as known because the input `delegates` is empty: a list of `KnownDelegate` as JSON. */
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
