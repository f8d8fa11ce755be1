import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { atOnce } from '../../../src/domain/long-work.ts'
import { SnapshotBusyError } from '../../../src/errors.ts'
import { transaction } from '../../../src/snapshot/transaction.ts'
import { openFile } from '../../../src/snapshot-file/locked-file.ts'
import { restoreSnapshot } from '../../../src/snapshot-file/restore.ts'
import { saveSnapshot } from '../../../src/snapshot-file/save.ts'
import { FolderCache, patient, saving } from './folder-cache.ts'
import { openSnapshot, openUnderTest } from './open-under-test.ts'
import { OtherRun, OtherStep } from './other-run.ts'
import { Workspace } from './workspace.ts'

const unexpected = (warning: string) => expect.fail(warning)

function rows(path: string, mirror: string): number {
  using snapshot = openUnderTest(path, mirror, unexpected)
  return (snapshot.db.prepare('SELECT count(*) AS n FROM request').get() as { n: number }).n
}

describe('a run that is killed in the middle of its writes', () => {
  test('leaves all that it had finished, and nothing by halves, time after time', async () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    for (let time = 1; time <= 4; time++) {
      await using run = new OtherRun(path, mirror)
      expect(await run.says()).toBe('open')
      let last = ''
      // Another number each time, so that the kill meets the journal in other states.
      for (let page = 0; page < time * 37; page++) last = (await run.says()) ?? ''
      last = (await run.kill()).at(-1) ?? last
      const told = Number(last.match(/^page (\d+)$/)?.[1])
      expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)

      const kept = rows(path, mirror)

      expect(kept % 100).toBe(0)
      expect(kept).toBeGreaterThanOrEqual((told + 1) * 100)
    }
  })

  test('leaves no lock, and at any moment of its start a file to go on with', async () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    for (let time = 0; time < 10; time++) {
      await using run = new OtherRun(path, mirror)
      await new Promise((resolve) => setTimeout(resolve, 90 + time * 6))
      await run.kill()
      expect(rows(path, mirror) % 100).toBe(0)
    }
  })

  test('is cached by the post step, journal and all, though it never said that it changed anything', async () => {
    using workspace = new Workspace()
    const { path, mirror, ...rest } = workspace.place()
    const place = { path, mirror, ...rest }
    const cache = new FolderCache(`${workspace.path}/cache`)
    let told = 0
    {
      await using run = new OtherRun(path, mirror)
      await run.says()
      for (let page = 0; page < 50; page++) await run.says()
      const lines = await run.kill()
      told = 50 + lines.filter((line) => line.startsWith('page')).length
    }

    expect(await saveSnapshot(place, cache, saving(1e12))).toMatch(/^The snapshot is cached as /)

    using elsewhere = new Workspace()
    const fresh = elsewhere.place({ runId: '2' })
    expect(await restoreSnapshot(fresh, cache, unexpected, patient)).toBe(place.cacheKey)
    expect(rows(fresh.path, mirror)).toBeGreaterThanOrEqual(told * 100)
    expect(await saveSnapshot(fresh, cache, saving(1e12))).toMatch(/has not changed/)
  })
})

describe('a restore that is killed', () => {
  test('in the middle of it, leaves what was on the box as it was', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    const cache = new FolderCache(join(workspace.path, 'cache'))
    const fill = (mark: string, rows: number) => {
      using snapshot = openUnderTest(place.path, place.mirror, unexpected)
      transaction(snapshot.db, () => {
        snapshot.db.exec("INSERT OR IGNORE INTO bucket (id, name) VALUES (1, 'main')")
        const add = snapshot.db.prepare(
          "INSERT INTO request (bucket, created, requestid, status, cid_text) VALUES (1, ?, ?, 2, 'no CID')",
        )
        for (let row = 0; row < rows; row++) add.run(row, `${mark} ${row}`)
      })
      snapshot.markChanged()
    }
    const found = () => {
      // Not counted as a run: the copy is to stay the newer one.
      using db = atOnce(openFile(place.path, place.mirror, unexpected))
      const [{ mark, n } = {}] = db
        .prepare('SELECT substr(requestid, 1, 5) AS mark, count(*) AS n FROM request GROUP BY 1')
        .all()
      return `${n} ${mark}`
    }
    fill('other', 1)
    fill('cache', 200_000)
    {
      using db = new DatabaseSync(place.path)
      db.exec("DELETE FROM request WHERE requestid LIKE 'other%'")
    }
    await saveSnapshot(place, cache, saving(1e12))
    rmSync(dirname(place.path), { recursive: true })
    fill('onbox', 100_000)
    const next = workspace.place({ runId: '2' })
    for (const written of [0.1e6, 1e6, 2e6, 3e6]) {
      await using step = new OtherStep('restore', next, cache)
      const journal = `${place.path}-wal`
      while ((statSync(journal, { throwIfNoEntry: false })?.size ?? 0) < written)
        await new Promise((resolve) => setTimeout(resolve, 1))
      await step.kill()
      const left = found()
      expect(left).toBeOneOf(['100000 onbox', '200000 cache'])
      // A busy machine may have looked so late that all was done.
      if (left === '200000 cache') return
    }
    await using step = new OtherStep('restore', next, cache)
    expect(await step.says()).toBe(place.cacheKey)
    expect(found()).toBe('200000 cache')
  })
})

describe('a disk that is full', () => {
  test('keeps the post step from its copy, of which nothing stays', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    const cache = new FolderCache(join(workspace.path, 'cache'))
    {
      using snapshot = openUnderTest(place.path, place.mirror, unexpected)
      snapshot.db.prepare('INSERT INTO delegate_set (addrs) VALUES (?)').run('x'.repeat(1e6))
      snapshot.markChanged()
    }

    await using step = new OtherStep('keep', place, cache, 200)

    expect(await step.says()).toMatch(/^Error: no copy can be made as .* room$/)
    expect(existsSync(place.cachedPath)).toBe(false)
    expect(cache.keys).toEqual([])
    expect(await saveSnapshot(place, cache, saving(1e12))).toMatch(/^The snapshot is cached/)
  })
})

describe('a disk that becomes full', () => {
  test('is named by the run that meets it, which keeps what it wrote', async () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    await using run = new OtherRun(path, mirror, 400)
    let said = await run.says()
    for (let next = said; next !== undefined; next = await run.says()) said = next

    expect(said).toBe('SnapshotUnusableError')
    expect(rows(path, mirror)).toBeGreaterThan(0)
  })
})

describe('two runs of one mirror at once', () => {
  test('one works, the other is told who is in its way', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    const { path, mirror } = place
    await using run = new OtherRun(path, mirror)
    expect(await run.says()).toBe('open')

    expect(() => openSnapshot(path, mirror, unexpected)).toThrow(SnapshotBusyError)
    expect(() => openSnapshot(path, mirror, unexpected)).toThrow(path)
    await using third = new OtherRun(path, mirror)
    expect(await third.says()).toBe('SnapshotBusyError')

    expect(await run.says()).toMatch(/^page/)
    await run.kill()
    expect(rows(path, mirror)).toBeGreaterThan(0)
    expect(readdirSync(dirname(path)).filter((name) => name.includes('aside'))).toEqual([])
  })

  test('starting at the same time, one gets it and only one', async () => {
    for (let time = 0; time < 20; time++) {
      using workspace = new Workspace()
      const { path, mirror } = workspace.place()
      await using one = new OtherRun(path, mirror)
      await using two = new OtherRun(path, mirror)

      expect([await one.says(), await two.says()].sort()).toEqual(['SnapshotBusyError', 'open'])
    }
  })

  test('neither the cache’s copy nor the post step gets between', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    const { path, mirror } = place
    const cache = new FolderCache(`${workspace.path}/cache`)
    {
      using snapshot = openSnapshot(path, mirror, unexpected)
      snapshot.markChanged()
    }
    await saveSnapshot(place, cache, saving(1e12))
    await using run = new OtherRun(path, mirror)
    expect(await run.says()).toBe('open')

    await expect(restoreSnapshot(place, cache, unexpected, patient)).rejects.toThrow(SnapshotBusyError)
    await expect(saveSnapshot(place, cache, saving(1e12))).rejects.toThrow(SnapshotBusyError)

    expect(await run.says()).toMatch(/^page/)
    expect(cache.keys).toEqual([place.cacheKey])
  })

  test('of different mirrors, each has its own', async () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    await using run = new OtherRun(path, mirror)
    expect(await run.says()).toBe('open')
    const other = workspace.place({ cacheKey: 'another' })

    expect(other.path).not.toBe(path)
    expect(rows(other.path, other.mirror)).toBe(0)
  })
})
