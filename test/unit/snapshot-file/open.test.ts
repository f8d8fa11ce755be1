import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { SnapshotUnusableError } from '../../../src/errors.ts'
import { applicationId, formatVersion } from '../../../src/snapshot/migrations.ts'
import { putAside } from '../../../src/snapshot-file/aside.ts'
import { openSnapshot, openUnderTest } from './open-under-test.ts'
import { OtherRun } from './other-run.ts'
import { Workspace, withoutWriting } from './workspace.ts'

/** Opens, hands over the warnings, and closes. */
function open(path: string, mirror = 'mirror'): { run: number; warnings: string[]; buckets: number } {
  const warnings: string[] = []
  using snapshot = openUnderTest(path, mirror, (warning) => warnings.push(warning))
  const row = snapshot.db.prepare('SELECT count(*) AS n FROM bucket').get() as { n: number }
  return { run: snapshot.run, warnings, buckets: row.n }
}

function fill(path: string): void {
  using snapshot = openUnderTest(path, 'mirror', () => {})
  const add = snapshot.db.prepare('INSERT INTO bucket (name) VALUES (?)')
  for (let n = 0; n < 2000; n++) add.run(`bucket number ${n}`)
}

const aside = (folder: string) => readdirSync(folder).filter((name) => name.includes('.aside-'))

describe('the snapshot of a mirror', () => {
  test('is made with its folder, which a checkout does not show', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()

    expect(open(path)).toEqual({ run: 1, warnings: [], buckets: 0 })

    expect(readFileSync(join(dirname(path), '.gitignore'), 'utf8')).toBe('*\n')
  })

  test('keeps what was written, and counts the runs', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    fill(path)

    expect(open(path)).toEqual({ run: 2, warnings: [], buckets: 2000 })
    expect(open(path)).toEqual({ run: 3, warnings: [], buckets: 2000 })
    expect(readdirSync(dirname(path)).sort()).toEqual(['.gitignore', 'snapshot.sqlite'])
  })

  test('says what it changed only where it did', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    open(path)
    using snapshot = openSnapshot(path, 'mirror', () => {})

    expect(snapshot.facts.get('changedInRun')).toBeUndefined()
    snapshot.markChanged()
    expect(snapshot.facts.get('changedInRun')).toBe(2)
    expect(snapshot.facts.get('endedRun')).toBe(1)
  })
})

describe('a file that is of no use', () => {
  const cases: { what: string; spoil: (path: string) => void; reason: RegExp }[] = [
    {
      what: 'no database',
      spoil: (path) => writeFileSync(path, 'not a database'),
      reason: /cannot be read as a snapshot/,
    },
    {
      what: 'no database, of many pages',
      spoil: (path) => writeFileSync(path, Buffer.alloc(100_000, 'x')),
      reason: /cannot be read as a snapshot/,
    },
    {
      what: 'a folder',
      spoil: (path) => mkdirSync(path, { recursive: true }),
      reason: /it is no regular file/,
    },
    {
      what: 'cut in the middle',
      spoil: (path) => {
        fill(path)
        truncateSync(path, Math.floor(statSync(path).size / 2))
      },
      reason: /malformed/,
    },
    {
      what: 'cut to its first page',
      spoil: (path) => {
        fill(path)
        truncateSync(path, 4096)
      },
      reason: /malformed/,
    },
    {
      what: 'overwritten from the second page on',
      spoil: (path) => {
        fill(path)
        const bytes = readFileSync(path)
        writeFileSync(path, bytes.fill(0xff, 4096))
      },
      reason: /malformed/,
    },
    {
      what: 'overwritten in one page of many',
      spoil: (path) => {
        fill(path)
        const bytes = readFileSync(path)
        const middle = Math.floor(bytes.length / 4096 / 2) * 4096
        writeFileSync(path, bytes.fill(0xff, middle, middle + 4096))
      },
      reason: /it is damaged\. /,
    },
    {
      what: 'with a spoilt schema',
      spoil: (path) => {
        fill(path)
        const bytes = readFileSync(path)
        writeFileSync(path, bytes.fill(0xff, 100, 4096))
      },
      reason: /damaged|cannot be read as a snapshot/,
    },
    {
      what: 'another mirror’s',
      spoil: (path) => open(path, 'other'),
      reason: /belongs to another mirror/,
    },
    {
      what: 'of a newer format',
      spoil: (path) => {
        fill(path)
        using db = new DatabaseSync(path)
        db.exec(`PRAGMA user_version = ${formatVersion + 1}`)
      },
      reason: new RegExp(`format ${formatVersion + 1} is newer`),
    },
    {
      what: 'another program’s database',
      spoil: (path) => {
        using db = new DatabaseSync(path)
        db.exec('CREATE TABLE cookies (name TEXT)')
      },
      reason: /it is another program’s database/,
    },
    {
      what: 'another program’s database that says it is a snapshot',
      spoil: (path) => {
        using db = new DatabaseSync(path)
        db.exec(`CREATE TABLE cookies (name TEXT); PRAGMA user_version = ${formatVersion}`)
        db.exec(`PRAGMA application_id = ${applicationId}`)
      },
      reason: /its tables are not those of its format/,
    },
  ]

  test.each(cases)('$what: is put aside with a warning, and one made anew', ({ spoil, reason }) => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    const folder = dirname(path)
    mkdirSync(folder, { recursive: true })
    spoil(path)
    const before = statSync(path).isFile() ? readFileSync(path) : undefined

    const { run, warnings, buckets } = open(path)

    expect({ run, buckets }).toEqual({ run: 1, buckets: 0 })
    expect(warnings).toEqual([expect.stringMatching(reason)])
    const [kept = ''] = aside(folder)
    expect(warnings[0]).toContain(join(folder, kept))
    if (before === undefined) expect(statSync(join(folder, kept)).isDirectory()).toBe(true)
    else expect(readFileSync(join(folder, kept)).length).toBe(before.length)
    expect(open(path)).toEqual({ run: 2, warnings: [], buckets: 0 })
  })

  test('is as good as none where it is empty', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')

    expect(open(path)).toEqual({ run: 1, warnings: [], buckets: 0 })
    expect(aside(dirname(path))).toEqual([])
  })

  test('takes its journal along', () => {
    using workspace = new Workspace()
    const path = join(workspace.path, 'snapshot.sqlite')
    for (const suffix of ['', '-wal', '-shm']) writeFileSync(path + suffix, `the file${suffix}`)

    const kept = putAside(path)

    for (const suffix of ['', '-wal', '-shm'])
      expect(readFileSync(kept + suffix, 'utf8')).toBe(`the file${suffix}`)
    expect(readdirSync(workspace.path)).toHaveLength(3)
  })

  test('is kept with the two before it, and no more', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    const warnings = Array.from({ length: 5 }, (_, n) => {
      open(path)
      writeFileSync(path, `spoilt for the time ${n}`)
      return open(path).warnings.join()
    })

    const texts = aside(dirname(path)).map((name) => readFileSync(join(dirname(path), name), 'utf8'))
    expect(warnings).not.toContain('')
    expect(texts.sort()).toEqual(['spoilt for the time 2', 'spoilt for the time 3', 'spoilt for the time 4'])
  })
})

describe('a place where none can be written', () => {
  test('is named, with what to do', () => {
    using workspace = new Workspace()
    const { path } = workspace.place({ snapshotDir: join(workspace.path, 'in-the-way') })
    writeFileSync(join(workspace.path, 'in-the-way'), '')

    expect(() => open(path)).toThrow(SnapshotUnusableError)
    expect(() => open(path)).toThrow(new RegExp(`${path}.*snapshot-dir`))
  })

  test('leaves a good snapshot where it is', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    fill(path)

    withoutWriting(dirname(path), () => expect(() => open(path)).toThrow(SnapshotUnusableError))

    expect(aside(dirname(path))).toEqual([])
    expect(existsSync(path)).toBe(true)
    expect(open(path)).toMatchObject({ warnings: [], buckets: 2000 })
  })

  test('leaves a good snapshot where it is also on a full disk', async () => {
    using workspace = new Workspace()
    const { path, mirror } = workspace.place()
    openSnapshot(path, mirror, expect.fail)[Symbol.dispose]()
    {
      // A copy from the cache has no journal yet: the first thing an opening does is to write.
      using db = new DatabaseSync(path)
      db.exec('PRAGMA journal_mode = DELETE')
    }
    const before = readFileSync(path)

    await using run = new OtherRun(path, mirror, 0)
    expect(await run.says()).toBe('SnapshotUnusableError')

    expect(aside(dirname(path))).toEqual([])
    expect(readFileSync(path)).toEqual(before)
  })
})
