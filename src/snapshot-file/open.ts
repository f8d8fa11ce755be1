import { dirname } from 'node:path'
import type { LongWork } from '../domain/long-work.ts'
import { SnapshotUnusableError } from '../errors.ts'
import { Snapshot } from '../snapshot/snapshot.ts'
import { isOpenToOthers } from './folder.ts'
import { openFile } from './locked-file.ts'

/**
 * Opens a mirror's snapshot, or makes it. A file that is no snapshot, is damaged, belongs to another mirror or has a
 * newer format is put aside with a warning, and a new one is made: all that is lost can be listed again, or will fail
 * again. A file of an older format is upgraded.
 * @param mirror see `mirrorId`
 * @throws SnapshotBusyError while another process holds it
 * @throws SnapshotUnusableError where none can be written, as on a full disk; a good file stays where it is
 */
export function* openSnapshot(
  path: string,
  mirror: string,
  warn: (message: string) => void,
): LongWork<Snapshot> {
  const db = yield* openFile(path, mirror, warn)
  try {
    const folder = dirname(path)
    if (isOpenToOthers(folder))
      warn(
        `others than this runner’s user may write to ${folder}, or to a folder above it, and so may plant a snapshot: take that right away (\`chmod go-w\`), or name another folder with \`snapshot-dir\``,
      )
    return new Snapshot(db)
  } catch (error) {
    db.close()
    throw new SnapshotUnusableError(path, error)
  }
}
