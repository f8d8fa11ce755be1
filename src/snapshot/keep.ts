import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Facts } from './facts.ts'
import type { SnapshotPlace } from './place.ts'
import type { CacheApi } from './restore.ts'

/** From this size of the file on, a snapshot is large: some 15 MB in the cache, of a repository's 10 GB. */
const large = 20 * 1024 * 1024
/** Large ones are saved no more often, ms. */
const largeEvery = 6 * 60 * 60_000

/**
 * Puts a clean copy of the snapshot in the Actions cache, where it changed since the last time. Works as well after a
 * run that was killed: the copy takes in the journal it left.
 * @returns what was done, as a line for the log
 */
export async function keepSnapshot(place: SnapshotPlace, cache: CacheApi, now: number): Promise<string> {
  const { path, cachedPath, cacheKey } = place
  if (!existsSync(path)) return 'There is no snapshot to keep.'
  if (!cache.isFeatureAvailable()) return 'There is no Actions cache here; the snapshot stays on the box.'
  using db = new DatabaseSync(path, { timeout: 2000 })
  const facts = new Facts(db)
  const changed = facts.get('changedInRun') ?? 0
  if (changed <= (facts.get('cachedRun') ?? 0))
    return 'The snapshot has not changed since it was last cached.'
  const sinceCached = now - (facts.get('cachedAt') ?? 0)
  copyTo(db, cachedPath, { cachedRun: changed, cachedAt: now })
  const { size } = statSync(cachedPath)
  if (size > large && sinceCached < largeEvery) {
    rmSync(cachedPath)
    return 'The snapshot is large and was cached in the last hours; the next runs will cache it.'
  }
  const id = await cache.saveCache([cachedPath], cacheKey)
  rmSync(cachedPath, { force: true })
  if (id < 0) return 'The snapshot was not cached; the log above says why. The next run will try again.'
  facts.set('cachedRun', changed)
  facts.set('cachedAt', now)
  return `The snapshot is cached as ${cacheKey} (${(size / 1e6).toFixed(1)} MB before compression).`
}

/** A file without a journal, in order of its keys; it says of itself that it is cached. */
function copyTo(db: DatabaseSync, path: string, cached: { cachedRun: number; cachedAt: number }): void {
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { force: true })
  db.prepare('VACUUM INTO ?').run(path)
  using copy = new DatabaseSync(path)
  const facts = new Facts(copy)
  facts.set('cachedRun', cached.cachedRun)
  facts.set('cachedAt', cached.cachedAt)
}
