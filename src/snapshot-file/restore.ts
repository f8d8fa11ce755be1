import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { LongWork } from '../domain/long-work.ts'
import { SnapshotError, SnapshotUnusableError } from '../errors.ts'
import { inSlices } from '../in-slices.ts'
import { doubtListings } from '../snapshot/bucket/state.ts'
import { Facts } from '../snapshot/facts.ts'
import { faultIn } from '../snapshot/sqlite-errors.ts'
import { transaction } from '../snapshot/transaction.ts'
import { until } from '../until.ts'
import { isCopyAlone, removeCopy } from './copy.ts'
import { harden, isEmpty, makeUsable } from './fault.ts'
import { makeFolder } from './folder.ts'
import { openFile } from './locked-file.ts'
import type { SnapshotPlace } from './place.ts'
import { strangenessOf } from './whose.ts'

/** The part of @actions/cache that the mirror uses. */
export interface CacheApi {
  isFeatureAvailable(): boolean
  restoreCache(paths: string[], key: string, restoreKeys: string[]): Promise<string | undefined>
  /** A number below 0: nothing was saved. */
  saveCache(paths: string[], key: string): Promise<number>
}

/**
 * Takes the snapshot from the Actions cache, where that has a newer one than the box. Where the cache fails, hangs
 * until `signal` is aborted, or has a copy that is of no use, this costs a warning.
 * @returns the key under which it was found; empty where there is none that can be used
 * @throws SnapshotBusyError while another run holds the file on the box
 * @throws SnapshotUnusableError where it cannot be put in place
 */
export async function restoreSnapshot(
  place: SnapshotPlace,
  cache: CacheApi,
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const { cachedPath, mirror, path } = place
  try {
    const restored = await fetchCopy(place, cache, signal)
    if (restored === '') return ''
    const copy = await inSlices(lastRun(cachedPath, mirror), signal)
    if (typeof copy === 'string') {
      warn(`the snapshot ${restored} from the Actions cache is not used, as ${copy}`)
      return ''
    }
    using db = await inSlices(openFile(path, mirror, warn), signal)
    if (copy > (new Facts(db).get('run') ?? 0)) replaceContent(db, cachedPath)
    return restored
  } catch (error) {
    if (error instanceof SnapshotError) throw error
    if (faultIn(error) === 'resources') throw new SnapshotUnusableError(path, error)
    warn(`the snapshot could not be restored from the Actions cache: ${(error as Error).message}`)
    return ''
  } finally {
    removeCopy(cachedPath)
  }
}

async function fetchCopy(place: SnapshotPlace, cache: CacheApi, signal: AbortSignal): Promise<string> {
  const { cachedPath, cacheKey, cacheKeyPrefixes } = place
  if (!cache.isFeatureAvailable()) return ''
  makeFolder(dirname(cachedPath))
  removeCopy(cachedPath)
  const restored = await until(signal, () =>
    cache.restoreCache([cachedPath], cacheKey, [...cacheKeyPrefixes]),
  )
  return restored !== undefined && isCopyAlone(cachedPath) ? restored : ''
}

/** The number of the last run in a copy, or why it cannot be used. An older format is upgraded. */
function* lastRun(path: string, mirror: string): LongWork<number | string> {
  try {
    const strangeness = strangenessOf(path)
    if (strangeness !== undefined) return strangeness
    using db = new DatabaseSync(path)
    harden(db)
    if (isEmpty(db)) return 'it is empty'
    return (yield* makeUsable(db, mirror)) ?? new Facts(db).get('run') ?? 0
  } catch (error) {
    if (faultIn(error) === 'resources') throw error
    return `it cannot be read as a snapshot (${(error as Error).message})`
  }
}

/**
 * Copies all rows in one transaction of the locked file (a million requests: 0.5 s). If the copy were moved over the
 * file, it could meet the old journal, which SQLite would take for the new file's, or a run that has just opened the
 * file.
 */
function replaceContent(db: DatabaseSync, copy: string): void {
  const tables = db.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all()
  db.prepare('ATTACH ? AS copy').run(copy)
  transaction(db, () => {
    for (const { name } of tables)
      db.exec(`DELETE FROM main.${name}; INSERT INTO main.${name} SELECT * FROM copy.${name}`)
    doubtListings(db)
  })
  db.exec('DETACH copy')
}
