import { join } from 'node:path'
import type { Config } from '../config/types.ts'
import { mirrorId } from '../domain/mirror.ts'
import { formatVersion } from '../snapshot/migrations.ts'

/** Where a mirror's snapshot lies, and what it is called in the Actions cache. */
export interface SnapshotPlace {
  readonly mirror: string
  /** The file that runs work on. */
  readonly path: string
  /**
   * The copy that goes to and comes from the cache. Relative to the workspace, as a cache is found only under the very
   * path string it was saved with.
   */
  readonly cachedPath: string
  /** A new one for each run, as what is saved under a key cannot be changed. */
  readonly cacheKey: string
  /**
   * All keys of this mirror begin so: those of the present format with the first, those of older ones, newest first, with
   * the others. Of the first with which any begins, the newest is restored.
   */
  readonly cacheKeyPrefixes: readonly [string, ...string[]]
}

const folder = '.ipfs-pin-mirror'

export function placeOf(
  config: Pick<Config, 'cacheKey' | 'endpoint' | 'snapshotDir'> & {
    readonly github: Pick<Config['github'], 'workspace' | 'runId' | 'runAttempt'>
  },
): SnapshotPlace {
  const { github, snapshotDir, cacheKey, endpoint } = config
  const mirror = mirrorId(cacheKey, endpoint)
  const prefixOf = (format: number) => `${cacheKey}-${mirror}-v${format}-`
  const older = Array.from({ length: formatVersion - 1 }, (_, age) => prefixOf(formatVersion - 1 - age))
  return {
    mirror,
    path: join(snapshotDir ?? join(github.workspace, folder), mirror, 'snapshot.sqlite'),
    cachedPath: `${folder}/${mirror}/cached/snapshot.sqlite`,
    cacheKey: `${prefixOf(formatVersion)}${github.runId}-${github.runAttempt}`,
    cacheKeyPrefixes: [prefixOf(formatVersion), ...older],
  }
}

/** Reads what the main step left for the post step; `undefined` where it left nothing to keep. */
export function readPlace(state: string): SnapshotPlace | undefined {
  return state === '' ? undefined : (JSON.parse(state) as SnapshotPlace)
}
