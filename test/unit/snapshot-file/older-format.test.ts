import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { applicationId, formatOf, formatVersion, migrations } from '../../../src/snapshot/migrations.ts'
import { restoreSnapshot } from '../../../src/snapshot-file/restore.ts'
import { FolderCache, patient } from './folder-cache.ts'
import { openUnderTest } from './open-under-test.ts'
import { Workspace } from './workspace.ts'

const rowsOfFormat1 = readFileSync(new URL('format-1.sql', import.meta.url), 'utf8')
const dead = 'bafybeigkra4h2frhh4iydrifmugdcyoebm5s4skbc7otbe2v6afghz3inu'

/** A file as the version before verification left it. */
function plantOlder(path: string, mirror: string): void {
  mkdirSync(dirname(path), { recursive: true })
  using db = new DatabaseSync(path)
  db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`)
  db.exec(migrations[0] ?? '')
  db.exec(rowsOfFormat1)
  db.prepare("UPDATE fact SET value = ? WHERE name = 'mirror'").run(mirror)
}

function expectTakenOver(path: string, mirror: string): void {
  using snapshot = openUnderTest(path, mirror, expect.fail)
  expect(snapshot.run).toBe(3)
  expect(formatOf(snapshot.db)).toBe(formatVersion)
  expect([...snapshot.ledger.entries('backup')]).toMatchObject([
    [expect.anything(), { cid: { text: dead }, name: '3inu.jpg', class: 'no-block', attempts: 1 }],
  ])
  expect(snapshot.delegates.addresses(1)).toEqual([expect.stringContaining('/dns4/a.example/')])
  expect(snapshot.stateOf('photos')).toMatchObject({ listed: true })
  expect([...snapshot.bucket('photos').listed()]).toHaveLength(3)
  expect([...snapshot.verified.all()]).toEqual([])
}

test('a snapshot of an older format is taken over as it is on the box, with its ledger and its delegates', () => {
  using workspace = new Workspace()
  const { path, mirror } = workspace.place()
  plantOlder(path, mirror)
  expectTakenOver(path, mirror)
})

test('the same of one from the Actions cache, where there is none of the present format', async () => {
  using workspace = new Workspace()
  const place = workspace.place()
  const cache = new FolderCache(join(workspace.path, 'cache'))
  plantOlder(place.cachedPath, place.mirror)
  const key = `ipfs-pin-mirror-${place.mirror}-v1-8-1`
  await cache.saveCache([place.cachedPath], key)
  expect(await restoreSnapshot(place, cache, expect.fail, patient)).toBe(key)
  expectTakenOver(place.path, place.mirror)
})

test('a large drop that waits in a snapshot of an older format goes on waiting', () => {
  using workspace = new Workspace()
  const { path, mirror } = workspace.place()
  plantOlder(path, mirror)
  {
    using db = new DatabaseSync(path)
    db.exec('UPDATE bucket SET drop_run = 2, drop_here = 1700000000000')
  }
  using snapshot = openUnderTest(path, mirror, expect.fail)
  const drops = [{ run: 2, at: { here: 1_700_000_000_000, service: null } }]
  expect(snapshot.stateOf('photos')).toMatchObject({ drops })
})
