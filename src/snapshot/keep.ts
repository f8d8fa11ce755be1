import { existsSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SnapshotBusyError } from '../errors.ts'
import { Facts } from './facts.ts'
import { isEmpty } from './fault.ts'
import { makeFolder } from './folder.ts'
import type { SnapshotPlace } from './place.ts'
import type { CacheApi } from './restore.ts'
import { faultIn } from './sqlite-errors.ts'

/** From this size on, a snapshot is large: 8 to 15 MB in the cache, by how full its pages are, of a repository's 10 GB. */
const large = 20 * 1024 * 1024
/** Large ones are saved no more often, ms. */
const largeEvery = 6 * 60 * 60_000

/**
 * Puts a clean copy of the snapshot in the Actions cache, where it changed since the last time. Works as well after a
 * run that was killed: the copy takes in the journal it left.
 * @returns what was done, as a line for the log
 * @throws SnapshotBusyError while another run holds it: that one keeps it
 */
export async function keepSnapshot(place: SnapshotPlace, cache: CacheApi, now: number): Promise<string> {
  const { path, cachedPath, cacheKey } = place
  if (!existsSync(path)) return 'There is no snapshot to keep.'
  if (!cache.isFeatureAvailable()) return 'There is no Actions cache here; the snapshot stays on the box.'
  using db = openLeft(path)
  if (isEmpty(db)) return 'There is no snapshot to keep.'
  const facts = new Facts(db)
  const changed = lastChange(facts)
  if (changed <= (facts.get('cachedRun') ?? 0))
    return 'The snapshot has not changed since it was last cached.'
  if (sizeOf(db) > large && now - (facts.get('cachedAt') ?? 0) < largeEvery)
    return 'The snapshot is large and was cached in the last hours; a later run will cache it.'
  try {
    copyTo(db, cachedPath, { cachedRun: changed, cachedAt: now })
    const { size } = statSync(cachedPath)
    const id = await cache.saveCache([cachedPath], cacheKey)
    if (id < 0) return 'The snapshot was not cached; the log above says why. The next run will try again.'
    facts.set('cachedRun', changed)
    facts.set('cachedAt', now)
    return `The snapshot is cached as ${cacheKey} (${(size / 1e6).toFixed(1)} MB before compression).`
  } finally {
    rmSync(cachedPath, { recursive: true, force: true })
  }
}

/** Opens the file that the main step left; one that it has only just left may still be held. */
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

/** The last run that changed the snapshot; one that was killed had no time to say whether it did. */
function lastChange(facts: Facts): number {
  const run = facts.get('run') ?? 0
  return facts.get('endedRun') === run ? (facts.get('changedInRun') ?? 0) : run
}

/** How much of the file is in use, in bytes. */
function sizeOf(db: DatabaseSync): number {
  const number = (pragma: string) => Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] as number
  return (number('page_count') - number('freelist_count')) * number('page_size')
}

/** A file without a journal, in order of its keys; it says of itself that it is cached. */
function copyTo(db: DatabaseSync, path: string, cached: { cachedRun: number; cachedAt: number }): void {
  makeFolder(dirname(path))
  rmSync(path, { recursive: true, force: true })
  db.prepare('VACUUM INTO ?').run(path)
  using copy = new DatabaseSync(path)
  const facts = new Facts(copy)
  facts.set('cachedRun', cached.cachedRun)
  facts.set('cachedAt', cached.cachedAt)
}
