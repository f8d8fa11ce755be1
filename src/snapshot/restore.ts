import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SnapshotBusyError } from '../errors.ts'
import { putAside } from './aside.ts'
import { Facts } from './facts.ts'
import { isBusy } from './open.ts'
import type { SnapshotPlace } from './place.ts'

/** The part of @actions/cache that the mirror uses. */
export interface CacheApi {
  isFeatureAvailable(): boolean
  restoreCache(paths: string[], key: string, restoreKeys: string[]): Promise<string | undefined>
  /** A number below 0: nothing was saved. */
  saveCache(paths: string[], key: string): Promise<number>
}

/**
 * Brings the snapshot from the Actions cache, where that has a newer one than the box.
 * @returns the key it was found under; empty for none
 * @throws SnapshotBusyError while another run holds the file on the box
 */
export async function restoreSnapshot(
  place: SnapshotPlace,
  cache: CacheApi,
  warn: (message: string) => void,
): Promise<string> {
  const onBox = lastRun(place.path)
  const restored = await fetchCopy(place, cache, warn)
  if (restored === '') return ''
  if (lastRun(place.cachedPath) > onBox) moveInPlace(place)
  rmSync(place.cachedPath, { force: true })
  return restored
}

async function fetchCopy(
  place: SnapshotPlace,
  cache: CacheApi,
  warn: (message: string) => void,
): Promise<string> {
  const { cachedPath, cacheKey, cacheKeyPrefix } = place
  try {
    if (!cache.isFeatureAvailable()) return ''
    rmSync(cachedPath, { force: true })
    const restored = await cache.restoreCache([cachedPath], cacheKey, [cacheKeyPrefix])
    return restored !== undefined && existsSync(cachedPath) ? restored : ''
  } catch (error) {
    warn(`the snapshot could not be restored from the Actions cache: ${(error as Error).message}`)
    return ''
  }
}

function moveInPlace({ path, cachedPath }: SnapshotPlace): void {
  mkdirSync(dirname(path), { recursive: true })
  // With its journal: that of another file would be taken for this one's.
  if (existsSync(path)) putAside(path)
  // The cache's folder may be on another disk; a rename is whole or not at all.
  copyFileSync(cachedPath, `${path}.restored`)
  renameSync(`${path}.restored`, path)
}

/** The number of the last run in a snapshot's file; 0 where there is none, or it is no good. */
function lastRun(path: string): number {
  if (!existsSync(path)) return 0
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    return new Facts(db).get('run') ?? 0
  } catch (error) {
    if (isBusy(error)) throw new SnapshotBusyError(path, error)
    return 0
  } finally {
    db?.close()
  }
}
