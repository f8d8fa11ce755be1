import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { DelegateBook } from '../../../src/snapshot/delegates.ts'
import { keepSnapshot } from '../../../src/snapshot/keep.ts'
import { Ledger } from '../../../src/snapshot/ledger.ts'
import { listedRequests } from '../../../src/snapshot/listed.ts'
import { openSnapshot } from '../../../src/snapshot/open.ts'
import { restoreSnapshot } from '../../../src/snapshot/restore.ts'
import { formatVersion } from '../../../src/snapshot/schema.ts'
import { FolderCache, keeping, patient } from './folder-cache.ts'
import { addresses, contentOf, makeFormat1 } from './format-1.ts'
import { OtherRun } from './other-run.ts'
import { Workspace } from './workspace.ts'

const aside = (folder: string) => readdirSync(folder).filter((name) => name.includes('.aside-'))

function formatOf(path: string): number {
  using db = new DatabaseSync(path)
  return db.prepare('PRAGMA user_version').get()?.['user_version'] as number
}

function tablesOf(path: string): unknown[] {
  using db = new DatabaseSync(path)
  return db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all()
}

describe('a snapshot of format 1', () => {
  it('becomes one of this format, with all its rows, and no different from a new one', () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    makeFormat1(path, mirror, { runs: 4 })
    const before = contentOf(path)
    expect(before['failure']).toHaveLength(2)
    for (const run of [5, 6]) {
      using snapshot = openSnapshot(path, mirror, expect.fail)
      expect(snapshot.run).toBe(run)
    }

    expect(formatOf(path)).toBe(formatVersion)
    expect(contentOf(path)).toEqual(before)
    const fresh = join(workspace.path, 'fresh.sqlite')
    openSnapshot(fresh, mirror, expect.fail)[Symbol.dispose]()
    expect(tablesOf(path)).toEqual(tablesOf(fresh))
    expect(aside(dirname(path))).toEqual([])
  })

  it('gives its ledger, its delegates and its listing as ever', () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    makeFormat1(path, mirror)

    using snapshot = openSnapshot(path, mirror, expect.fail)

    const ledger = new Ledger(snapshot.db, () => {})
    const entry = { reason: 'no provider', attempts: 3, requestCreated: null }
    expect([...ledger.get('backup').values()]).toEqual([
      expect.objectContaining({ ...entry, firstFailed: 1000, nextAttempt: 9000 }),
    ])
    expect([...ledger.get('update').values()]).toEqual([
      expect.objectContaining({ ...entry, firstFailed: 1001, nextAttempt: 9001 }),
    ])
    const [address = '', unparsed = ''] = addresses
    const seen = { exampleCid: 'bafkqaaa', buckets: ['main'] }
    expect(new DelegateBook(snapshot.db, 5000).seenIn([{ name: 'main', id: 1 }])).toEqual([
      { ...seen, address, peerId: address.split('/').at(-1), firstSeen: 100, lastSeen: 100 },
      { ...seen, address: unparsed, peerId: null, firstSeen: 101, lastSeen: 101 },
    ])
    // The third is a tombstone.
    expect([...listedRequests(snapshot.db, 1)].map(({ requestid }) => requestid)).toEqual([
      'request-2',
      'request-1',
    ])
  })

  it('is good however far its upgrade came when it was killed', { timeout: 60_000 }, async () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    const journal = `${path}-wal`
    // So many that the journal grows before the upgrade is finished.
    makeFormat1(path, mirror, { failures: 100_000 })
    const whole = `${path}.whole`
    copyFileSync(path, whole)
    const before = JSON.stringify(contentOf(path))
    const formats: number[] = []
    for (const written of [0, 0.1e6, 2e6, 4e6, 6e6]) {
      copyFileSync(whole, path)
      await using run = new OtherRun(path, mirror)
      while ((statSync(journal, { throwIfNoEntry: false })?.size ?? -1) < written)
        await new Promise((resolve) => setTimeout(resolve, 1))
      await run.kill()
      formats.push(formatOf(path))
      expect(JSON.stringify(contentOf(path)) === before).toBe(true)

      openSnapshot(path, mirror, expect.fail)[Symbol.dispose]()
      expect(formatOf(path)).toBe(formatVersion)
      expect(JSON.stringify(contentOf(path)) === before).toBe(true)
    }
    // On a busy machine one or the other comes too late.
    expect(formats).toContain(1)
  })

  it('is kept where the disk has no room for the upgrade', async () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    makeFormat1(path, mirror)
    const before = contentOf(path)

    await using run = new OtherRun(path, mirror, { onFullDisk: true })
    expect(await run.says()).toBe('SnapshotUnusableError')

    expect(aside(dirname(path))).toEqual([])
    expect(formatOf(path)).toBe(1)
    expect(contentOf(path)).toEqual(before)
  })

  const useless: { what: string; spoil: (path: string) => void; reason: RegExp }[] = [
    {
      what: 'damaged',
      spoil: (path) => {
        makeFormat1(path, 'mirror', { failures: 1000 })
        const bytes = readFileSync(path)
        writeFileSync(path, bytes.fill(0xff, bytes.length - 8192, bytes.length - 4096))
      },
      reason: /damaged/,
    },
    {
      what: 'another mirror’s',
      spoil: (path) => makeFormat1(path, 'another'),
      reason: /belongs to another mirror/,
    },
    {
      what: 'with a column more',
      spoil: (path) => {
        makeFormat1(path, 'mirror')
        using db = new DatabaseSync(path)
        db.exec('ALTER TABLE failure ADD COLUMN request_created INTEGER')
      },
      reason: /its tables are not those of its format/,
    },
    {
      what: 'with a table more',
      spoil: (path) => {
        makeFormat1(path, 'mirror')
        using db = new DatabaseSync(path)
        db.exec('CREATE TABLE older_failure (cid BLOB)')
      },
      reason: /its tables are not those of its format/,
    },
    {
      what: 'by its number only',
      spoil: (path) => {
        openSnapshot(path, 'mirror', expect.fail)[Symbol.dispose]()
        using db = new DatabaseSync(path)
        db.exec('PRAGMA user_version = 1')
      },
      reason: /its tables are not those of its format/,
    },
  ]

  it.each(useless)('$what: is put aside as it is', ({ spoil, reason }) => {
    using workspace = new Workspace()
    const path = join(workspace.path, 'snapshot.sqlite')
    spoil(path)
    const before = readFileSync(path)
    const warnings: string[] = []
    {
      using snapshot = openSnapshot(path, 'mirror', (warning) => warnings.push(warning))
      expect(snapshot.run).toBe(1)
    }

    expect(warnings).toEqual([expect.stringMatching(reason)])
    const [kept = ''] = aside(workspace.path)
    expect(readFileSync(join(workspace.path, kept)).equals(before)).toBe(true)
  })
})

describe('a copy of format 1 in the cache', () => {
  const sides = [
    { box: 'format 1', boxRuns: 3, cache: 'format 1', cacheRuns: 5, used: 'cache' },
    { box: 'format 1', boxRuns: 5, cache: 'format 1', cacheRuns: 3, used: 'box' },
    { box: 'format 2', boxRuns: 3, cache: 'format 1', cacheRuns: 5, used: 'cache' },
    { box: 'format 2', boxRuns: 5, cache: 'format 1', cacheRuns: 3, used: 'box' },
    { box: 'format 1', boxRuns: 3, cache: 'format 2', cacheRuns: 5, used: 'cache' },
    { box: 'format 1', boxRuns: 5, cache: 'format 2', cacheRuns: 3, used: 'box' },
    { box: 'none', boxRuns: 0, cache: 'format 1', cacheRuns: 5, used: 'cache' },
  ]

  it.each(sides)(
    'the newer is used: on the box $box after $boxRuns runs, in the cache $cache after $cacheRuns',
    async ({ box, boxRuns, cache: cached, cacheRuns, used }) => {
      using workspace = new Workspace()
      const place = workspace.place({ runId: '7' })
      const cache = new FolderCache(join(workspace.path, 'cache'))
      const make = (path: string, format: string, runs: number, mark: string) => {
        makeFormat1(path, place.mirror, { runs: format === 'format 2' ? runs - 1 : runs, mark })
        if (format === 'format 2') openSnapshot(path, place.mirror, expect.fail)[Symbol.dispose]()
      }
      make(place.cachedPath, cached, cacheRuns, 'cache')
      const prefix = cached === 'format 1' ? place.olderKeyPrefix : place.cacheKeyPrefix
      await cache.saveCache([place.cachedPath], `${prefix}6-1`)
      if (box !== 'none') make(place.path, box, boxRuns, 'box')

      expect(await restoreSnapshot(place, cache, expect.fail, patient)).toBe(`${prefix}6-1`)

      expect(readdirSync(dirname(place.cachedPath)).filter((name) => name !== '.gitignore')).toEqual([])
      using snapshot = openSnapshot(place.path, place.mirror, expect.fail)
      expect(snapshot.run).toBe(Math.max(boxRuns, cacheRuns) + 1)
      const ledger = new Ledger(snapshot.db, () => {})
      expect([...ledger.get('backup').values()]).toEqual([
        expect.objectContaining({ bucket: used, attempts: 3, requestCreated: null }),
      ])
    },
  )

  it('is not asked for where there is one of this format', async () => {
    using workspace = new Workspace()
    const place = workspace.place({ runId: '9' })
    const cache = new FolderCache(join(workspace.path, 'cache'))
    for (const [key, runs] of [
      [`${place.cacheKeyPrefix}5-1`, 5],
      [`${place.olderKeyPrefix}6-1`, 6],
    ] as const) {
      makeFormat1(place.cachedPath, place.mirror, { runs })
      await cache.saveCache([place.cachedPath], key)
      rmSync(place.cachedPath)
    }

    expect(await restoreSnapshot(place, cache, expect.fail, patient)).toBe(`${place.cacheKeyPrefix}5-1`)
  })

  it('goes back to it in this format', async () => {
    using workspace = new Workspace()
    const place = workspace.place({ runId: '7' })
    const cache = new FolderCache(join(workspace.path, 'cache'))
    makeFormat1(place.cachedPath, place.mirror)
    await cache.saveCache([place.cachedPath], `${place.olderKeyPrefix}6-1`)
    await restoreSnapshot(place, cache, expect.fail, patient)
    {
      using snapshot = openSnapshot(place.path, place.mirror, expect.fail)
      snapshot.markChanged()
    }

    expect(await keepSnapshot(place, cache, keeping(1e12))).toMatch(/^The snapshot is cached as .*-v2-7-1 /)
    expect(formatOf(cache.file(place.cacheKey, place.cachedPath))).toBe(formatVersion)
  })

  it('that is damaged costs a warning', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    const cache = new FolderCache(join(workspace.path, 'cache'))
    makeFormat1(place.cachedPath, place.mirror)
    writeFileSync(place.cachedPath, readFileSync(place.cachedPath).fill(0xff, 4096))
    await cache.saveCache([place.cachedPath], `${place.olderKeyPrefix}6-1`)
    makeFormat1(place.path, place.mirror, { mark: 'box' })
    const warnings: string[] = []

    expect(await restoreSnapshot(place, cache, (warning) => warnings.push(warning), patient)).toBe('')

    expect(warnings).toEqual([expect.stringMatching(/Actions cache.*damaged/)])
    using snapshot = openSnapshot(place.path, place.mirror, expect.fail)
    expect(new Ledger(snapshot.db, () => {}).get('backup').size).toBe(1)
  })
})

it('a file of a newer format is put aside, as it was', () => {
  using workspace = new Workspace()
  const { path, mirror } = workspace.place()
  makeFormat1(path, mirror)
  {
    using db = new DatabaseSync(path)
    db.exec(`PRAGMA user_version = ${formatVersion + 1}`)
  }
  const warnings: string[] = []
  openSnapshot(path, mirror, (warning) => warnings.push(warning))[Symbol.dispose]()

  expect(warnings).toEqual([expect.stringContaining(`its format ${formatVersion + 1} is newer`)])
  expect(formatOf(join(dirname(path), aside(dirname(path)).join()))).toBe(formatVersion + 1)
})
