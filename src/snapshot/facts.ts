import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { farthest, longestFact, mostRuns } from './row-rules.ts'

const run = z.int().min(0).max(mostRuns)
const instant = z.int().min(-farthest).max(farthest)
const moment = z.object({ here: instant, service: instant.nullable() })
const watchedPeers = z.array(
  z.object({
    peerId: z.string(),
    name: z.string(),
    trouble: z.string().nullable(),
    since: instant.nullable(),
  }),
)
const delegates = z.array(z.object({ peerId: z.string(), addrs: z.array(z.string()) }))

/** Single facts that the snapshot knows besides its tables. */
const factTypes = z.object({
  /** Which mirror it belongs to: `mirrorId`. */
  mirror: z.string(),
  /** The number of the last run that opened it. Of two copies, the one with the higher number is the newer. */
  run,
  /** The last run that closed it. A run that was killed did not. */
  endedRun: run,
  /** The last run that changed anything worth saving. */
  changedInRun: run,
  /** The last run whose changes are in the cache. */
  cachedRun: run,
  /** When it was last put in the cache, ms since the epoch. */
  cachedAt: instant,
  /** Of the node that was last backed up to. */
  nodeVersion: z.string(),
  /** How many pins the node had at the end of the last run that believed it, but for what is nobody's content. */
  nodePins: z.int().min(0),
  /** Since when the node lists no pins and is not believed: a `Moment` as JSON. */
  nodeEmptySince: jsonOf(moment),
  /** The peers that a cluster is made of, as the last run left them: a list of `WatchedPeer` as JSON. */
  nodePeers: jsonOf(watchedPeers),
  /** Buckets of the account that are not mirrored, as the last run that asked left them: a list as JSON. */
  unmirrored: jsonOf(z.array(z.string())),
  /** The tracking issue. */
  issue: z.int().min(1),
  /** Which pins the table `verified` has: see `Verifiable.digest`. */
  verifiable: z.string(),
  /** The peers that were taken as known because the input `delegates` is empty: a list of `KnownDelegate` as JSON. */
  firstDelegates: jsonOf(delegates),
})

type FactTypes = z.infer<typeof factTypes>

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

  /** Names one that no run has written as it is; `undefined` for none. Its rows are to be such as `row-rules.ts` says. */
  findStrange(): string | undefined {
    const facts: Record<string, unknown> = {}
    // One by one, as there may be more of other names than the memory holds.
    for (const { name, value } of this.#db.prepare('SELECT name, value FROM fact').iterate()) {
      const known = Object.entries(factTypes.shape).find(([one]) => one === name)
      if (known === undefined || !known[1].safeParse(value).success) return String(name)
      facts[known[0]] = value
    }
    const { run: last = 0, ...others } = facts as Partial<FactTypes>
    return (['endedRun', 'changedInRun', 'cachedRun'] as const).find((name) => (others[name] ?? 0) > last)
  }
}

/** A list as it is kept: as many of its items, from the first on, as there is room for. */
export function listAsFact(items: readonly unknown[]): string {
  const kept: string[] = []
  let length = 2
  for (const item of items) {
    const text = JSON.stringify(item)
    length += Buffer.byteLength(text) + 1
    if (length > longestFact) break
    kept.push(text)
  }
  return `[${kept.join(',')}]`
}

function jsonOf(schema: z.ZodType): z.ZodType<string, string> {
  return z.string().refine((text) => {
    try {
      return schema.safeParse(JSON.parse(text)).success
    } catch {
      return false
    }
  })
}
