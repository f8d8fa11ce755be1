import { readPlace, type SnapshotPlace } from '../../../src/snapshot-file/place.ts'
import { restoreSnapshot } from '../../../src/snapshot-file/restore.ts'
import { saveSnapshot } from '../../../src/snapshot-file/save.ts'
import { FolderCache, patient, saving } from './folder-cache.ts'

/** Restores or keeps a snapshot in a process of its own, and says what came of it. */
const [step, place = '', folder = ''] = process.argv.slice(2)
const at = readPlace(place) as SnapshotPlace
const cache = new FolderCache(folder)
try {
  console.log(
    step === 'restore'
      ? await restoreSnapshot(at, cache, console.log, patient)
      : await saveSnapshot(at, cache, saving(1e12)),
  )
} catch (error) {
  console.log(String(error))
}
