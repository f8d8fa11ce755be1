import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { SnapshotUnusableError } from '../../../src/errors.ts'
import { formatVersion } from '../../../src/snapshot/migrations.ts'
import { placeOf } from '../../../src/snapshot-file/place.ts'
import { type CacheApi, restoreSnapshot } from '../../../src/snapshot-file/restore.ts'
import { FolderCache, patient } from './folder-cache.ts'
import { openSnapshot, openUnderTest } from './open-under-test.ts'
import { Workspace } from './workspace.ts'

/** What there is on the box or in the cache: a snapshot after so many runs, something of no use, or nothing. */
type Found = number | 'none' | 'damaged' | 'another mirror’s' | 'newer format' | 'empty' | 'killed'

const runsOfKilled = 6
const noCache = { restoreCache: () => expect.fail(), saveCache: () => expect.fail() }

/** Makes such a file; `mark` is a bucket in it, by which it is known again. */
function make(path: string, mirror: string, found: Found, mark: string): void {
  if (found === 'none') return
  mkdirSync(dirname(path), { recursive: true })
  if (found === 'empty') {
    writeFileSync(path, '')
    return
  }
  const runs = typeof found === 'number' ? found : found === 'killed' ? runsOfKilled : 9
  const owner = found === 'another mirror’s' ? 'another' : mirror
  for (let run = 1; run < runs; run++) openSnapshot(path, owner, expect.fail)[Symbol.dispose]()
  const { db } = openUnderTest(path, owner, expect.fail)
  if (found === 'killed') {
    // Where a process is killed, the file and its journal stay as they are at that instant.
    db.prepare('INSERT INTO bucket (name) VALUES (?)').run(mark)
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, `${path}.then${suffix}`)
    db.close()
    for (const suffix of ['', '-wal']) copyFileSync(`${path}.then${suffix}`, path + suffix)
    return
  }
  db.prepare('INSERT INTO bucket (name) VALUES (?)').run(mark)
  if (found === 'newer format') db.exec(`PRAGMA user_version = ${formatVersion + 1}`)
  db.close()
  if (found === 'damaged') writeFileSync(path, readFileSync(path).fill(0xff, 4096))
}

const table: {
  box: Found
  cache: Found
  used: 'box' | 'cache' | 'neither'
  restored: boolean
  warned: RegExp[]
}[] = [
  { box: 'none', cache: 'none', used: 'neither', restored: false, warned: [] },
  { box: 3, cache: 'none', used: 'box', restored: false, warned: [] },
  { box: 'none', cache: 3, used: 'cache', restored: true, warned: [] },
  { box: 3, cache: 5, used: 'cache', restored: true, warned: [] },
  { box: 5, cache: 3, used: 'box', restored: true, warned: [] },
  { box: 4, cache: 4, used: 'box', restored: true, warned: [] },
  { box: 'killed', cache: runsOfKilled - 1, used: 'box', restored: true, warned: [] },
  { box: 'killed', cache: runsOfKilled + 1, used: 'cache', restored: true, warned: [] },
  { box: 'damaged', cache: 2, used: 'cache', restored: true, warned: [/is not used.*malformed/] },
  { box: 'newer format', cache: 2, used: 'cache', restored: true, warned: [/is not used.*newer/] },
  {
    box: 'another mirror’s',
    cache: 2,
    used: 'cache',
    restored: true,
    warned: [/is not used.*another mirror/],
  },
  { box: 'empty', cache: 2, used: 'cache', restored: true, warned: [] },
  { box: 2, cache: 'damaged', used: 'box', restored: false, warned: [/Actions cache.*malformed/] },
  {
    box: 2,
    cache: 'another mirror’s',
    used: 'box',
    restored: false,
    warned: [/Actions cache.*another mirror/],
  },
  { box: 2, cache: 'newer format', used: 'box', restored: false, warned: [/Actions cache.*newer/] },
  { box: 'none', cache: 'damaged', used: 'neither', restored: false, warned: [/Actions cache.*malformed/] },
  { box: 'none', cache: 'empty', used: 'neither', restored: false, warned: [/Actions cache.*empty/] },
  {
    box: 'damaged',
    cache: 'damaged',
    used: 'neither',
    restored: false,
    warned: [/Actions cache.*malformed/, /is not used.*malformed/],
  },
]

describe('of the snapshot on the box and the one in the cache, the newer is used', () => {
  test.each(table)('on the box: $box, in the cache: $cache', async ({ box, cache: cached, ...expected }) => {
    using workspace = new Workspace()
    const place = workspace.place({ runId: '7' })
    const cache = new FolderCache(join(workspace.path, 'cache'))
    make(place.cachedPath, place.mirror, cached, 'cache')
    const key = `${place.cacheKeyPrefixes[0]}6-1`
    if (cached !== 'none') await cache.saveCache([place.cachedPath], key)
    make(place.path, place.mirror, box, 'box')
    const warnings: string[] = []
    const warn = (warning: string) => warnings.push(warning)

    const restored = await restoreSnapshot(place, cache, warn, patient)

    expect(restored).toBe(expected.restored ? key : '')
    expect(existsSync(place.cachedPath)).toBe(false)
    using snapshot = openUnderTest(place.path, place.mirror, warn)
    const marks = snapshot.db.prepare('SELECT name FROM bucket').all()
    expect(marks).toEqual(expected.used === 'neither' ? [] : [{ name: expected.used }])
    expect(warnings).toEqual(expected.warned.map((text) => expect.stringMatching(text)))
  })

  test('a journal that a killed run left beside its copy is not taken for that of the next', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    const cache = new FolderCache(join(workspace.path, 'cache'))
    const journal = `${place.cachedPath}-journal`
    const fill = (mark: string) => {
      make(place.cachedPath, place.mirror, 5, mark)
      const db = new DatabaseSync(place.cachedPath)
      db.exec('PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1')
      const add = db.prepare('INSERT INTO delegate_set (addrs) VALUES (?)')
      for (let n = 0; n < 100; n++) add.run(JSON.stringify([`${mark} ${n}`.padEnd(1000, '.')]))
      return db
    }
    {
      using db = fill('killed')
      db.exec("BEGIN; UPDATE delegate_set SET addrs = 'changed ' || addrs")
      copyFileSync(journal, `${journal}.then`)
    }
    rmSync(place.cachedPath)
    fill('cache').close()
    await cache.saveCache([place.cachedPath], place.cacheKey)
    copyFileSync(`${journal}.then`, journal)

    expect(await restoreSnapshot(place, cache, expect.fail, patient)).toBe(place.cacheKey)

    using snapshot = openUnderTest(place.path, place.mirror, expect.fail)
    const lists = snapshot.db.prepare('SELECT DISTINCT substr(addrs, 3, 6) AS mark FROM delegate_set').all()
    expect(lists).toEqual([{ mark: 'cache ' }])
  })

  test('a journal that is left beside no file is not taken for that of the restored one', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    const cache = new FolderCache(join(workspace.path, 'cache'))
    make(place.cachedPath, place.mirror, 5, 'cache')
    await cache.saveCache([place.cachedPath], `${place.cacheKeyPrefixes[0]}6-1`)
    make(place.path, place.mirror, 'killed', 'box')
    rmSync(place.path)

    await restoreSnapshot(place, cache, expect.fail, patient)

    using snapshot = openUnderTest(place.path, place.mirror, expect.fail)
    expect(snapshot.db.prepare('SELECT name FROM bucket').all()).toEqual([{ name: 'cache' }])
    expect(snapshot.run).toBe(6)
  })
})

describe('the cache', () => {
  test('gives the newest of this mirror and format, and no other', async () => {
    using workspace = new Workspace()
    const place = workspace.place({ runId: '9' })
    const cache = new FolderCache(join(workspace.path, 'cache'))
    const other = workspace.place({ cacheKey: 'ipfs-pin-mirror-2' })
    for (const [key, runs] of [
      [`${place.cacheKeyPrefixes[0]}5-1`, 2],
      [`${place.cacheKeyPrefixes[0]}8-2`, 3],
      [`${place.cacheKeyPrefixes[0].replace(/v\d+-$/, `v${formatVersion + 1}-`)}8-3`, 4],
      [`${other.cacheKeyPrefixes[0]}8-4`, 5],
    ] as const) {
      make(place.cachedPath, place.mirror, runs, key)
      await cache.saveCache([place.cachedPath], key)
      rmSync(place.cachedPath)
    }

    expect(await restoreSnapshot(place, cache, expect.fail, patient)).toBe(`${place.cacheKeyPrefixes[0]}8-2`)
    using snapshot = openSnapshot(place.path, place.mirror, expect.fail)
    expect(snapshot.run).toBe(4)
  })

  test('that is not there, as on a server without one, is no trouble', async () => {
    using workspace = new Workspace()
    const cache: CacheApi = { ...noCache, isFeatureAvailable: () => false }

    expect(await restoreSnapshot(workspace.place(), cache, expect.fail, patient)).toBe('')
    expect(readdirSync(workspace.path)).toEqual([])
  })

  test('that fails costs a warning', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    make(place.path, place.mirror, 2, 'box')
    const cache: CacheApi = {
      ...noCache,
      isFeatureAvailable: () => true,
      restoreCache: () => Promise.reject(new Error('getaddrinfo ENOTFOUND cache.example.org')),
    }
    const warnings: string[] = []

    expect(await restoreSnapshot(place, cache, (warning) => warnings.push(warning), patient)).toBe('')

    expect(warnings).toEqual([expect.stringContaining('ENOTFOUND')])
    using snapshot = openSnapshot(place.path, place.mirror, expect.fail)
    expect(snapshot.run).toBe(3)
  })

  test.each([
    ['that hangs', () => AbortSignal.timeout(50), /timeout/],
    ['that hangs when the run is cancelled', () => AbortSignal.abort(), /aborted/],
  ])('%s is not waited for', async (_what, makeSignal, reason) => {
    using workspace = new Workspace()
    const place = workspace.place()
    make(place.path, place.mirror, 2, 'box')
    const cache: CacheApi = {
      ...noCache,
      isFeatureAvailable: () => true,
      restoreCache: () => new Promise(() => {}),
    }
    const warnings: string[] = []

    const restored = restoreSnapshot(place, cache, (warning) => warnings.push(warning), makeSignal())

    expect(await restored).toBe('')
    expect(warnings).toEqual([expect.stringMatching(reason)])
    expect(existsSync(place.cachedPath)).toBe(false)
  })

  test('whose copy does not fit costs a warning, and what is on the box stays whole', async () => {
    using workspace = new Workspace()
    const place = workspace.place()
    const cache = new FolderCache(join(workspace.path, 'cache'))
    make(place.cachedPath, place.mirror, 5, 'cache')
    {
      using db = new DatabaseSync(place.cachedPath)
      db.exec('DROP TABLE request')
    }
    await cache.saveCache([place.cachedPath], place.cacheKey)
    make(place.path, place.mirror, 2, 'box')
    const warnings: string[] = []

    expect(await restoreSnapshot(place, cache, (warning) => warnings.push(warning), patient)).toBe('')

    expect(warnings).toEqual([expect.stringContaining('its tables are not those of its format')])
    using snapshot = openUnderTest(place.path, place.mirror, expect.fail)
    expect(snapshot.db.prepare('SELECT name FROM bucket').all()).toEqual([{ name: 'box' }])
  })

  test('has what cannot be put in place: the error names where', async () => {
    using workspace = new Workspace()
    const place = workspace.place({ snapshotDir: join(workspace.path, 'in-the-way') })
    writeFileSync(join(workspace.path, 'in-the-way'), '')
    const cache = new FolderCache(join(workspace.path, 'cache'))
    make(place.cachedPath, place.mirror, 5, 'cache')
    await cache.saveCache([place.cachedPath], place.cacheKey)

    const restoring = restoreSnapshot(place, cache, expect.fail, patient)

    await expect(restoring).rejects.toThrow(SnapshotUnusableError)
    await expect(restoring).rejects.toThrow(place.path)
  })
})

describe('the place of a snapshot', () => {
  const github = { runId: '12', runAttempt: '3', workspace: '/work space' }
  const config = {
    cacheKey: 'key',
    endpoint: new URL('https://a.example/v1'),
    snapshotDir: undefined,
    github,
  }

  test('is in the workspace, or in the folder on the box; in the cache it is always the same path', () => {
    const there = placeOf(config)
    const onBox = placeOf({ ...config, snapshotDir: '/var/lib/mirror' })

    expect(there.path).toBe(`/work space/.ipfs-pin-mirror/${there.mirror}/snapshot.sqlite`)
    expect(onBox.path).toBe(`/var/lib/mirror/${there.mirror}/snapshot.sqlite`)
    expect(there.cachedPath).toBe(`.ipfs-pin-mirror/${there.mirror}/cached/snapshot.sqlite`)
    expect(onBox.cachedPath).toBe(there.cachedPath)
  })

  test('has a key of its own for each run and attempt', () => {
    const { cacheKey, cacheKeyPrefixes, mirror } = placeOf(config)

    expect(cacheKey).toBe(`key-${mirror}-v${formatVersion}-12-3`)
    expect(cacheKeyPrefixes).toEqual([`key-${mirror}-v3-`, `key-${mirror}-v2-`, `key-${mirror}-v1-`])
  })

  test('is another for another endpoint or key', () => {
    const mirrors = [
      config,
      { ...config, cacheKey: 'key2' },
      { ...config, endpoint: new URL('https://b.example/v1') },
    ].map((one) => placeOf(one).mirror)

    expect(new Set(mirrors).size).toBe(3)
  })
})
