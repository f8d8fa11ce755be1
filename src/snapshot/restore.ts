import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SnapshotBusyError, SnapshotUnusableError } from '../errors.ts'
import { putAside } from './aside.ts'
import { Facts } from './facts.ts'
import { faultOf, isEmpty } from './fault.ts'
import { makeFolder } from './folder.ts'
import type { SnapshotPlace } from './place.ts'
import { faultIn } from './sqlite-errors.ts'

/** The part of @actions/cache that the mirror uses. */
export interface CacheApi {
  isFeatureAvailable(): boolean
  restoreCache(paths: string[], key: string, restoreKeys: string[]): Promise<string | undefined>
  /** A number below 0: nothing was saved. */
  saveCache(paths: string[], key: string): Promise<number>
}

/**
 * Brings the snapshot from the Actions cache, where that has a newer one than the box.
 * @returns the key it was found under; empty for none that can be used
 * @throws SnapshotBusyError while another run holds the file on the box
 * @throws SnapshotUnusableError where it cannot be put in place
 */
export async function restoreSnapshot(
  place: SnapshotPlace,
  cache: CacheApi,
  warn: (message: string) => void,
): Promise<string> {
  const { cachedPath, mirror, path } = place
  const restored = await fetchCopy(place, cache, warn)
  if (restored === '') return ''
  try {
    const copy = lastRun(cachedPath, mirror)
    if (typeof copy === 'string') {
      warn(`the snapshot ${restored} from the Actions cache is not used, as ${copy}`)
      return ''
    }
    const onBox = existsSync(path) ? lastRun(path, mirror) : 0
    if (typeof onBox === 'string')
      warn(`the snapshot ${path} is put aside for the one from the Actions cache, as ${onBox}`)
    if (typeof onBox === 'string' || copy > onBox) moveInPlace(place)
    return restored
  } finally {
    rmSync(cachedPath, { recursive: true, force: true })
  }
}

async function fetchCopy(
  place: SnapshotPlace,
  cache: CacheApi,
  warn: (message: string) => void,
): Promise<string> {
  const { cachedPath, cacheKey, cacheKeyPrefix } = place
  try {
    if (!cache.isFeatureAvailable()) return ''
    makeFolder(dirname(cachedPath))
    rmSync(cachedPath, { recursive: true, force: true })
    const restored = await cache.restoreCache([cachedPath], cacheKey, [cacheKeyPrefix])
    return restored !== undefined && existsSync(cachedPath) ? restored : ''
  } catch (error) {
    warn(`the snapshot could not be restored from the Actions cache: ${(error as Error).message}`)
    return ''
  }
}

function moveInPlace({ path, cachedPath }: SnapshotPlace): void {
  try {
    makeFolder(dirname(path))
    // The cache's folder may be on another disk; a rename is whole or not at all.
    copyFileSync(cachedPath, `${path}.restored`)
    // With its journal: that of another file would be taken for this one's.
    if (existsSync(path)) putAside(path)
    renameSync(`${path}.restored`, path)
  } catch (error) {
    throw new SnapshotUnusableError(path, error)
  }
}

/** The number of the last run in a snapshot's file, or why it cannot be used. */
function lastRun(path: string, mirror: string): number | string {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    if (isEmpty(db)) return 'it is empty'
    return faultOf(db, mirror) ?? new Facts(db).get('run') ?? 0
  } catch (error) {
    const fault = faultIn(error)
    if (fault === 'busy') throw new SnapshotBusyError(path, error)
    if (fault === 'resources') throw new SnapshotUnusableError(path, error)
    return `it cannot be read as a snapshot (${(error as Error).message})`
  } finally {
    db?.close()
  }
}
