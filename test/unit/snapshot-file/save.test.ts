import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { readPlace, type SnapshotPlace } from '../../../src/snapshot-file/place.ts'
import { type CacheApi, restoreSnapshot } from '../../../src/snapshot-file/restore.ts'
import { saveSnapshot } from '../../../src/snapshot-file/save.ts'
import { FolderCache, patient, saving } from './folder-cache.ts'
import { openSnapshot, openUnderTest, type SnapshotUnderTest } from './open-under-test.ts'
import { Workspace } from './workspace.ts'

const hour = 60 * 60_000
const start = Date.UTC(2024, 0, 1)

/** Run after run of one mirror: its cache and its clock. */
class Runs implements Disposable {
  readonly workspace = new Workspace()
  readonly cache = new FolderCache(join(this.workspace.path, 'cache'))
  now = start
  #run = 0

  /** A main step that does `work`, and its post step; returns what that said. */
  async run(work: (snapshot: SnapshotUnderTest) => void): Promise<string> {
    const place = this.next()
    const restored = await restoreSnapshot(place, this.cache, expect.fail, patient)
    {
      using snapshot = openUnderTest(place.path, place.mirror, expect.fail)
      work(snapshot)
    }
    return saveSnapshot(place, this.cache, saving(this.now, restored !== ''))
  }

  next(): SnapshotPlace {
    return this.workspace.place({ runId: String(++this.#run) })
  }

  [Symbol.dispose](): void {
    this.workspace[Symbol.dispose]()
  }
}

const nothing = () => {}
const change = (snapshot: SnapshotUnderTest) => snapshot.markChanged()
/** More than 20 MiB. */
const grow = (snapshot: SnapshotUnderTest) => {
  const add = snapshot.db.prepare(
    `INSERT INTO failure (direction, cid, cid_text, bucket, reason, class, retry, attempts, first_failed, next_attempt)
     VALUES ('backup', ?, 'a CID', 'photos', ?, 'stalled', 'later', 1, 0, 0)`,
  )
  for (let n = 0; n < 25; n++) add.run(Buffer.from(`CID ${n}`), '.'.repeat(1_000_000))
  snapshot.markChanged()
}

// Its files are of tens of megabytes, and disks are slow at times.
describe('the post step', () => {
  test('saves what did not change once a day, so that the audit gets on', async () => {
    using runs = new Runs()

    await runs.run(change)
    runs.now += 23 * hour
    expect(await runs.run(nothing)).toMatch(/has not changed/)
    runs.now += 2 * hour
    expect(await runs.run(nothing)).toMatch(/^The snapshot is cached as/)
    expect(await runs.run(nothing)).toMatch(/has not changed/)
  })

  test('saves what changed, once', async () => {
    using runs = new Runs()

    expect(await runs.run(change)).toMatch(/^The snapshot is cached as .*-1-1 \(0\.\d MB/)
    expect(await runs.run(nothing)).toMatch(/has not changed/)
    expect(await runs.run(nothing)).toMatch(/has not changed/)
    expect(await runs.run(change)).toMatch(/^The snapshot is cached as .*-4-1/)
    expect(runs.cache.keys).toHaveLength(2)
  })

  test('does not save again what came from the cache unchanged', async () => {
    using runs = new Runs()
    await runs.run(change)
    using fresh = new Workspace()
    const place = fresh.place({ runId: '2' })
    expect(await restoreSnapshot(place, runs.cache, expect.fail, patient)).not.toBe('')
    openSnapshot(place.path, place.mirror, expect.fail)[Symbol.dispose]()

    expect(await saveSnapshot(place, runs.cache, saving(start))).toMatch(/has not changed/)
    expect(runs.cache.keys).toHaveLength(1)
  })

  test('saves one clean file, and leaves none in the workspace', async () => {
    using runs = new Runs()
    await runs.run((snapshot) => {
      snapshot.db.exec("INSERT INTO bucket (name) VALUES ('main')")
      snapshot.markChanged()
    })
    const { cachedPath } = runs.next()

    expect(readdirSync(dirname(cachedPath))).toEqual(['.gitignore'])
    const file = runs.cache.file(runs.cache.keys.join(), cachedPath)
    using db = new DatabaseSync(file, { readOnly: true })
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    expect(db.prepare('SELECT name FROM bucket').all()).toEqual([{ name: 'main' }])
    // Bytes 18 and 19 of the header: 1 is a file without a write-ahead journal.
    expect([...readFileSync(file).subarray(18, 20)]).toEqual([1, 1])
  })

  test('saves a large one every 6 hours at the most, and then all that came since', async () => {
    using runs = new Runs()
    expect(await runs.run(grow)).toMatch(/^The snapshot is cached/)
    runs.now = start + 6 * hour - 1
    expect(await runs.run(change)).toMatch(/large/)
    expect(runs.cache.keys).toHaveLength(1)
    runs.now = start + 6 * hour
    expect(await runs.run(nothing)).toMatch(/^The snapshot is cached/)
    expect(await runs.run(nothing)).toMatch(/has not changed/)
  })

  test('saves a large one each time while something that was sent is in doubt', async () => {
    using runs = new Runs()
    await runs.run(grow)
    const send = (snapshot: SnapshotUnderTest) => {
      snapshot.db.exec("INSERT INTO bucket (id, name) VALUES (1, 'main')")
      snapshot.db.exec("INSERT INTO sent (bucket, cid, here) VALUES (1, x'550000', 0)")
      snapshot.markChanged()
    }
    expect(await runs.run(send)).toMatch(/^The snapshot is cached/)
    expect(await runs.run(change)).toMatch(/^The snapshot is cached/)
  })

  test('saves a small one as often as it changes', async () => {
    using runs = new Runs()
    for (const _ of [1, 2, 3]) expect(await runs.run(change)).toMatch(/^The snapshot is cached/)
  })

  test('does not count what was deleted', async () => {
    using runs = new Runs()
    await runs.run(grow)
    await runs.run((snapshot) => {
      snapshot.db.exec('DELETE FROM failure')
      snapshot.markChanged()
    })
    const { path } = runs.next()

    expect(statSync(path).size).toBeGreaterThan(20 * 1024 * 1024)
    expect(runs.cache.keys).toHaveLength(2)
  })

  test('saves in the next run what could not be saved', async () => {
    using runs = new Runs()
    const { path, mirror, ...rest } = runs.next()
    const place = { path, mirror, ...rest }
    {
      using snapshot = openSnapshot(path, mirror, expect.fail)
      snapshot.markChanged()
    }
    // A key is taken once for all.
    const taken: CacheApi = { ...methods(runs.cache), saveCache: async () => -1 }
    const broken: CacheApi = {
      ...methods(runs.cache),
      saveCache: () => Promise.reject(new Error('read ECONNRESET')),
    }

    expect(await saveSnapshot(place, taken, saving(start))).toMatch(/was not cached/)
    await expect(saveSnapshot(place, broken, saving(start))).rejects.toThrow('ECONNRESET')
    expect(existsSync(place.cachedPath)).toBe(false)
    expect(await runs.run(nothing)).toMatch(/^The snapshot is cached as .*-2-1/)
  })

  test('saves again what the cache has no more', async () => {
    using runs = new Runs()
    await runs.run(change)
    runs.cache.forget()

    expect(await runs.run(nothing)).toMatch(/^The snapshot is cached as .*-2-1/)
    expect(await runs.run(nothing)).toMatch(/has not changed/)
  })

  test('keeps no run out while it uploads', async () => {
    using runs = new Runs()
    const place = runs.next()
    const begin = () => openUnderTest(place.path, place.mirror, expect.fail)
    const first = begin()
    change(first)
    first[Symbol.dispose]()
    let next: SnapshotUnderTest | undefined
    const slow: CacheApi = {
      ...methods(runs.cache),
      saveCache: (paths, key) => {
        next = begin()
        return runs.cache.saveCache(paths, key)
      },
    }

    expect(await saveSnapshot(place, slow, saving(start))).toMatch(
      /^The snapshot is cached.*next run has begun/,
    )
    next?.[Symbol.dispose]()
    expect(await runs.run(nothing)).toMatch(/^The snapshot is cached as .*-2-1/)
  })

  test('waits for a cache that hangs no longer than it is told', async () => {
    using runs = new Runs()
    const place = runs.next()
    {
      using snapshot = openUnderTest(place.path, place.mirror, expect.fail)
      change(snapshot)
    }
    const hanging: CacheApi = { ...methods(runs.cache), saveCache: () => new Promise(() => {}) }

    const kept = saveSnapshot(place, hanging, { ...saving(start), signal: AbortSignal.timeout(50) })

    await expect(kept).rejects.toThrow('timeout')
    expect(existsSync(place.cachedPath)).toBe(false)
    expect(await runs.run(nothing)).toMatch(/^The snapshot is cached/)
  })

  test('has nothing to do where no snapshot was made, or only begun', async () => {
    using runs = new Runs()
    const place = runs.next()
    expect(await saveSnapshot(place, runs.cache, saving(start))).toMatch(/no snapshot/)
    mkdirSync(dirname(place.path), { recursive: true })
    writeFileSync(place.path, '')
    expect(await saveSnapshot(place, runs.cache, saving(start))).toMatch(/no snapshot/)
    expect(runs.cache.keys).toEqual([])
  })

  test('saves nothing that is damaged', async () => {
    using runs = new Runs()
    await runs.run(change)
    const place = runs.next()
    writeFileSync(place.path, 'not a database')

    await expect(saveSnapshot(place, runs.cache, saving(start))).rejects.toThrow('no SQLite database')
    expect(runs.cache.keys).toHaveLength(1)
  })

  test('does without a cache', async () => {
    using runs = new Runs()
    const place = runs.next()
    openSnapshot(place.path, place.mirror, expect.fail)[Symbol.dispose]()
    const none: CacheApi = { ...methods(runs.cache), isFeatureAvailable: () => false }

    expect(await saveSnapshot(place, none, saving(start))).toMatch(/no Actions cache/)
  })

  test('takes over what the main step left, and nothing where that left nothing', () => {
    using workspace = new Workspace()
    const place = workspace.place()

    expect(readPlace(JSON.stringify(place))).toEqual(place)
    expect(readPlace('')).toBeUndefined()
  })
})

function methods(cache: CacheApi): CacheApi {
  return {
    isFeatureAvailable: () => cache.isFeatureAvailable(),
    restoreCache: (paths, key, restoreKeys) => cache.restoreCache(paths, key, restoreKeys),
    saveCache: (paths, key) => cache.saveCache(paths, key),
  }
}
