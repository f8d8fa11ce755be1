import { lstatSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SnapshotBusyError } from '../errors.ts'
import { Facts } from '../snapshot/facts.ts'
import { faultIn } from '../snapshot/sqlite-errors.ts'
import { until } from '../until.ts'
import { removeCopy } from './copy.ts'
import { isEmpty } from './fault.ts'
import { makeFile, makeFolder } from './folder.ts'
import type { SnapshotPlace } from './place.ts'
import type { CacheApi } from './restore.ts'
import { strangenessOf } from './whose.ts'

/**
 * A snapshot of more bytes is large. So many make 8 to 15 MB in the cache, depending on how full its pages are; a
 * repository has 10 GB.
 */
const large = 20 * 1024 * 1024
/** The shortest time between two saves of a large one, ms. */
const largeEvery = 6 * 60 * 60_000

/** The time after which an unchanged one is saved, ms: also without changes, the audit of the listing goes on. */
const unchangedEvery = 24 * 60 * 60_000

/** What a snapshot says of its copy in the cache. */
interface Cached {
  readonly cachedRun: number
  readonly cachedAt: number
}

/** What the post step knows besides the place. */
export interface Saving {
  /** Whether the main step found a good copy in the cache: caches forget, and what is in them may be broken. */
  readonly inCache: boolean
  /** ms since the epoch */
  readonly now: number
  /** When to wait no longer for the cache. */
  readonly signal: AbortSignal
}

/**
 * Puts a clean copy of the snapshot in the Actions cache, where it changed since the last time. After a run that was
 * killed, the copy takes in the journal that it left.
 * @returns what was done, as a line for the log
 * @throws SnapshotBusyError while another run holds it: that run will save it
 */
export async function saveSnapshot(place: SnapshotPlace, cache: CacheApi, saving: Saving): Promise<string> {
  const { path, cachedPath, cacheKey } = place
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return 'There is no snapshot to keep.'
  const strangeness = strangenessOf(path)
  if (strangeness !== undefined) throw new Error(`what lies at ${path} is no snapshot, as ${strangeness}`)
  if (!cache.isFeatureAvailable())
    return `There is no Actions cache here; the snapshot stays on the box, as ${path}.`
  try {
    const copied = copyChanged(place, saving)
    if (typeof copied === 'string') return copied
    const { size } = statSync(cachedPath)
    const id = await until(saving.signal, () => cache.saveCache([cachedPath], cacheKey))
    if (id < 0) return 'The snapshot was not cached; the log above says why. The next run will try again.'
    const isNoted = noteLeft(path, copied)
    return `The snapshot is cached as ${cacheKey} (${(size / 1e6).toFixed(1)} MB before compression).${isNoted ? '' : ' The next run has begun and may cache it once more.'}`
  } finally {
    removeCopy(cachedPath)
  }
}

/** Makes the copy where there is a reason to, and says why not where there is none. */
function copyChanged({ path, cachedPath }: SnapshotPlace, { inCache, now }: Saving): Cached | string {
  using db = openLeft(path)
  if (isEmpty(db)) return 'There is no snapshot to keep.'
  const facts = new Facts(db)
  const changed = lastChange(facts)
  // The clock was ahead then: nobody knows how long ago it was.
  const cachedAt = facts.get('cachedAt') ?? 0
  const sinceCached = cachedAt > now ? Number.POSITIVE_INFINITY : now - cachedAt
  const hasChanged = changed > (inCache ? (facts.get('cachedRun') ?? 0) : 0)
  if (!hasChanged && sinceCached < unchangedEvery)
    return 'The snapshot has not changed since it was last cached.'
  if (sizeOf(db) > large && sinceCached < largeEvery && !isAnySentInDoubt(db))
    return 'The snapshot is large and was cached in the last hours; a later run will cache it.'
  const cached = { cachedRun: changed, cachedAt: now }
  try {
    makeFolder(dirname(cachedPath))
    removeCopy(cachedPath)
    makeFile(cachedPath)
    // The copy is a file without a journal, in the order of its keys, which itself says that it is cached.
    db.prepare('VACUUM INTO ?').run(cachedPath)
    using copy = new DatabaseSync(cachedPath)
    note(copy, cached)
    return cached
  } catch (error) {
    const { message } = error as Error
    throw new Error(`no copy can be made as ${cachedPath} (${message}); check that the disk has room`, {
      cause: error,
    })
  }
}

/** Opens the file that the main step left. It may still be held for a moment. */
function openLeft(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 2000 })
  try {
    db.exec('SELECT 1 FROM sqlite_schema')
    return db
  } catch (error) {
    db.close()
    throw faultIn(error) === 'busy' ? new SnapshotBusyError(path, error) : error
  }
}

/** The last run that changed the snapshot. One that was killed could not say whether it did, so it counts. */
function lastChange(facts: Facts): number {
  const run = facts.get('run') ?? 0
  return facts.get('endedRun') === run ? (facts.get('changedInRun') ?? 0) : run
}

/**
 * Whether the service may have taken in what no listing shows: without that note, the next run might pay for it
 * twice.
 */
function isAnySentInDoubt(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM sent LIMIT 1').get() !== undefined
}

/** How much of the file is in use, in bytes. */
function sizeOf(db: DatabaseSync): number {
  const number = (pragma: string) => Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] as number
  return (number('page_count') - number('freelist_count')) * number('page_size')
}

/**
 * Notes that the file was cached. It was closed during the upload, so that a run could start meanwhile; `false` where
 * one did.
 */
function noteLeft(path: string, cached: Cached): boolean {
  try {
    using db = openLeft(path)
    note(db, cached)
    return true
  } catch (error) {
    if (error instanceof SnapshotBusyError) return false
    throw error
  }
}

function note(db: DatabaseSync, { cachedRun, cachedAt }: Cached): void {
  const facts = new Facts(db)
  facts.set('cachedRun', cachedRun)
  facts.set('cachedAt', cachedAt)
}
