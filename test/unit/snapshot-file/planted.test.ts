import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { atOnce } from '../../../src/domain/long-work.ts'
import { migrations } from '../../../src/snapshot/migrations.ts'
import { rowRules } from '../../../src/snapshot/row-rules.ts'
import { makeUsable } from '../../../src/snapshot-file/fault.ts'
import { openFile } from '../../../src/snapshot-file/locked-file.ts'
import { restoreSnapshot } from '../../../src/snapshot-file/restore.ts'
import { patient } from './folder-cache.ts'
import { openSnapshot } from './open-under-test.ts'
import { plant, plantIn } from './plant.ts'
import { Workspace } from './workspace.ts'

function open(path: string): { run: number; warnings: string[] } {
  const warnings: string[] = []
  using snapshot = openSnapshot(path, 'mirror', (warning) => warnings.push(warning))
  return { run: snapshot.run, warnings }
}

/** Each once, whichever of its parts there were. */
const asides = (path: string) => [
  ...new Set(readdirSync(dirname(path)).flatMap((name) => /^.*\.aside-\d+/.exec(name) ?? [])),
]

/** It is said once, and from then on there is one that is made anew. */
function expectAside(path: string, reason: RegExp): void {
  expect(open(path)).toEqual({ run: 1, warnings: [expect.stringMatching(reason)] })
  expect(asides(path)).toHaveLength(1)
  expect(open(path)).toEqual({ run: 2, warnings: [] })
}

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
  readonly isNullable: boolean
}

/** Every table with its columns, as the migrations make them. */
function columns(): Column[] {
  using db = new DatabaseSync(':memory:')
  for (const step of migrations) db.exec(step)
  const all = db.prepare(
    `SELECT t.name AS "table", c.name AS "column", c.type, c."notnull" = 0 AND c.pk = 0 AS isNullable
     FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`,
  )
  return all.all().map((row) => ({ ...row, isNullable: row['isNullable'] === 1 })) as unknown as Column[]
}

test('every column has a rule', () => {
  const unruled = columns().filter(
    ({ table, column }) => !rowRules[table]?.some((rule) => new RegExp(`\\b${column}\\b`).test(rule)),
  )
  expect(unruled).toEqual([])
})

test('what runs write is no plant', () => {
  using workspace = new Workspace()
  const { path } = workspace.place()
  plant(path, 'mirror', () => {})
  expect(open(path)).toEqual({ run: 42, warnings: [] })
})

/** What no column of a type takes. */
const badOf: Readonly<Record<string, readonly string[]>> = {
  INTEGER: ['9223372036854775807', '-9223372036854775808', '1.5', '9e999', "'12'", "x'3132'"],
  TEXT: ['12', '1.5', "x'41'", 'CAST(zeroblob(1100000) AS TEXT)'],
  BLOB: ['12', "'a text of some length'", "x'70'", 'zeroblob(600)'],
  ANY: ['12', '1.5', "x'41'", 'CAST(zeroblob(1100000) AS TEXT)'],
}

describe('a row that no run has written', () => {
  test.each(columns().filter(({ table }) => table !== 'fact'))(
    '$table, column $column',
    ({ table, column, type, isNullable }) => {
      // A number of a row is none but such a number.
      const isRow = column === 'id'
      const values = isRow ? ['9223372036854775807', '0', '-1'] : (badOf[type] ?? [])
      for (const value of [...values, ...(isNullable || isRow ? [] : ['NULL'])]) {
        using db = new DatabaseSync(':memory:')
        // A key of a table cannot be NULL, whatever its text says.
        try {
          plantIn(db, 'mirror', () => db.exec(`UPDATE ${table} SET ${column} = ${value}`))
        } catch (error) {
          expect(`${value}: ${error}`).toContain('NULL: Error: NOT NULL constraint failed')
          continue
        }
        expect(atOnce(makeUsable(db, 'mirror')), value).toMatch(/damaged|what no run has written/)
      }
    },
  )

  test.each([
    ['a bucket that does not exist', 'UPDATE request SET bucket = 2'],
    ['a bucket that does not exist, in a window', 'UPDATE unread SET bucket = 2'],
    ['a status that is none', 'UPDATE request SET status = 4'],
    ['a CIDv0 of what has none', "UPDATE request SET cid = x'55120000' WHERE cid IS NOT NULL"],
    ['a CID that is none, as if it were one', 'UPDATE request SET cid_text = 1'],
    ['a run to come', 'UPDATE request SET vanished_in = 42'],
    ['a conclusion to come', 'UPDATE bucket SET finished_in = 42'],
    ['a date beyond all dates', 'UPDATE failure SET first_failed = 8640000000000001'],
    ['addresses that are no JSON', "UPDATE peered SET addrs = '[\"'"],
    ['addresses that are no list', `UPDATE peered SET addrs = '{"a":"b"}'`],
    ['addresses that are no texts', "UPDATE delegate_set SET addrs = '[1]'"],
    ['a run to come that is over', 'UPDATE run SET id = 42'],
    ['an end that is none', "UPDATE run SET conclusion = 'good'"],
    ['a retry that is none', "UPDATE failure SET retry = 'daily'"],
    ['a direction that is none', "UPDATE failure SET direction = 'sideways'"],
    [
      'more buckets than anybody has',
      `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 10002)
       INSERT INTO bucket (id, name, listed, finished_in, unaudited) SELECT i, 'bucket ' || i, 1, 0, 0 FROM n`,
    ],
  ])('%s', (_, sql) => {
    using db = new DatabaseSync(':memory:')
    plantIn(db, 'mirror', () => db.exec(sql))
    expect(atOnce(makeUsable(db, 'mirror'))).toMatch(/its table `\w+` holds what no run has written/)
  })
})

describe('a fact that no run has written', () => {
  test.each([
    ['run', "'41'"],
    ['run', '9007199254740991'],
    ['run', '9223372036854775807'],
    ['run', '-1'],
    ['run', '1.5'],
    ['run', '9e999'],
    ['endedRun', '42'],
    ['changedInRun', '42'],
    ['cachedRun', '42'],
    ['cachedAt', "'yesterday'"],
    ['cachedAt', '8640000000000001'],
    ['nodePins', "'many'"],
    ['nodePins', '-1'],
    ['nodeEmptySince', '17'],
    ['nodeEmptySince', "'no JSON'"],
    ['nodeEmptySince', `'{"here":"now","service":null}'`],
    ['nodeEmptySince', `'{"here":1e300,"service":null}'`],
    ['issue', "'7; DROP'"],
    ['issue', '0'],
    ['firstDelegates', "'{}'"],
    ['firstDelegates', "'null'"],
    ['firstDelegates', `'[{"peerId":7,"addrs":[]}]'`],
    ['firstDelegates', `'[{"peerId":"12D3","addrs":"/ip4/1.2.3.4"}]'`],
    ['firstDelegates', "x'5b5d'"],
    ['firstDelegates', 'NULL'],
    ['a fact of another name', "x'00'"],
  ])('%s = %s', (name, value) => {
    using db = new DatabaseSync(':memory:')
    plantIn(db, 'mirror', () =>
      db.exec(`INSERT OR REPLACE INTO fact (name, value) VALUES ('${name}', ${value})`),
    )
    expect(atOnce(makeUsable(db, 'mirror'))).toMatch(
      /holds what no run has written|is not what any run has written/,
    )
  })
})

describe('what is in the schema beside the tables', () => {
  test.each([
    ['a trigger', 'CREATE TRIGGER t AFTER UPDATE ON fact BEGIN INSERT INTO unread VALUES (1, 2, 3); END'],
    ['a view', 'CREATE VIEW v AS SELECT * FROM fact'],
    ['a table', 'CREATE TABLE more (a)'],
    ['an index', 'CREATE INDEX i ON request (name)'],
    ['an index by an expression', 'CREATE INDEX i ON request (hex(zeroblob(1000)))'],
    ['a virtual table', 'CREATE VIRTUAL TABLE words USING fts5(text)'],
    ['a column that is computed', 'ALTER TABLE request ADD COLUMN more TEXT AS (hex(zeroblob(10)))'],
    ['a default that is computed', 'ALTER TABLE request ADD COLUMN more INTEGER DEFAULT 7'],
    ['statistics', 'ANALYZE'],
  ])('%s', (_, sql) => {
    using db = new DatabaseSync(':memory:')
    plantIn(db, 'mirror', () => {})
    db.exec(sql)
    expect(atOnce(makeUsable(db, 'mirror'))).toBe('its tables are not those of its format')
  })

  test.each([-1, 0, 2147483647])('format %i', (format) => {
    using db = new DatabaseSync(':memory:')
    plantIn(db, 'mirror', () => {})
    db.exec(`PRAGMA user_version = ${format}`)
    expect(atOnce(makeUsable(db, 'mirror'))).toMatch(/its format/)
  })
})

/** Another program's database, and how to see that nobody touched it. */
function cookies(path: string): () => void {
  {
    using db = new DatabaseSync(path)
    db.exec("CREATE TABLE cookies (name TEXT); INSERT INTO cookies VALUES ('session')")
  }
  const look = () => {
    const { mtimeMs, size, mode, ino } = statSync(path)
    return {
      mtimeMs,
      size,
      mode,
      ino,
      bytes: readFileSync(path, 'latin1'),
      files: readdirSync(dirname(path)),
    }
  }
  const before = look()
  return () => expect(look()).toEqual(before)
}

describe('what would hold up or end every run', () => {
  const peers = 'replace(hex(zeroblob(200000)), \'00\', \'{"peerId":"a","addrs":[]},\')'
  test.each([
    [
      'a list too long to be parsed',
      `INSERT OR REPLACE INTO fact VALUES ('firstDelegates', '[' || ${peers} || '{"peerId":"a","addrs":[]}]')`,
    ],
    ['facts of other names', "INSERT INTO fact VALUES ('more', 'of them')"],
    [
      'lists of addresses too long to be read at once',
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90)
       INSERT INTO peered SELECT '12D3Node', 'p' || i, '["' || hex(zeroblob(490000)) || '"]' FROM n`,
    ],
    [
      'more lists of addresses than a run keeps',
      `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 20002)
       INSERT INTO delegate_set SELECT i, '["' || i || '"]' FROM n`,
    ],
  ])('%s', (_, sql) => {
    using db = new DatabaseSync(':memory:')
    plantIn(db, 'mirror', () => db.exec(sql))
    expect(atOnce(makeUsable(db, 'mirror'))).toMatch(/what no run has written|not what any run has written/)
  })

  test.each([
    ['so many views that SQLite reads them for minutes', "'CREATE VIEW v' || i || ' AS SELECT 1'", 30_000],
    ['views, a few more than there is room for', "'CREATE VIEW v' || i || ' AS SELECT 1'", 2000],
    ['a view with a long text', "'CREATE VIEW v' || i || ' AS SELECT ' || hex(zeroblob(20000))", 1],
  ])('%s, which it is not asked to', (_, sql, count) => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    plant(path, 'mirror', (db) => {
      db.enableDefensive(false)
      db.exec(`PRAGMA writable_schema = ON;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
        INSERT INTO sqlite_schema SELECT 'view', 'v' || i, 'v' || i, 0, ${sql} FROM n`)
    })
    expectAside(path, /more tables than a snapshot/)
  })

  test('pages of another size', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    plant(path, 'mirror', () => {})
    {
      using db = new DatabaseSync(path)
      db.exec('PRAGMA page_size = 65536; VACUUM')
    }
    expectAside(path, /pages are not of a snapshot’s size/)
  })
})

test('it never becomes larger than what the next run opens', () => {
  using workspace = new Workspace()
  const { path } = workspace.place()
  using db = atOnce(openFile(path, 'mirror', expect.fail))
  const [{ pages = 0, size = 0 } = {}] = db
    .prepare('SELECT max_page_count AS pages, page_size AS size FROM pragma_max_page_count, pragma_page_size')
    .all()
  expect(Number(pages) * Number(size)).toBe(1024 ** 3)
})

test('what is planted is put aside once', () => {
  using workspace = new Workspace()
  const { path } = workspace.place()
  plant(path, 'mirror', (db) => db.exec("UPDATE fact SET value = 9007199254740991 WHERE name = 'run'"))
  expectAside(path, /its fact `run` is not what any run has written/)
})

describe('what is not ours is not touched', () => {
  /** A place whose folder is there. */
  function place(workspace: Workspace): string {
    const { path } = workspace.place()
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return path
  }
  /** Somewhere else. */
  function elsewhere(workspace: Workspace): string {
    const folder = join(workspace.path, 'elsewhere')
    mkdirSync(folder)
    return join(folder, 'cookies.sqlite')
  }

  test.each(['snapshot.sqlite', 'snapshot.sqlite-wal', 'snapshot.sqlite-shm', 'snapshot.sqlite-journal'])(
    'a link to another program’s database in the place of %s',
    (name) => {
      using workspace = new Workspace()
      const path = place(workspace)
      const target = elsewhere(workspace)
      const isUntouched = cookies(target)
      symlinkSync(target, join(dirname(path), name))
      expectAside(path, /is a link|a journal lies beside it/)
      isUntouched()
    },
  )

  test.each(['snapshot.sqlite', 'snapshot.sqlite-wal', '.gitignore'])(
    'a link to nothing in the place of %s',
    (name) => {
      using workspace = new Workspace()
      const path = place(workspace)
      const target = elsewhere(workspace)
      symlinkSync(target, join(dirname(path), name))
      if (name === '.gitignore') expect(open(path).warnings).toEqual([])
      else expectAside(path, /is a link/)
      expect(readdirSync(dirname(target))).toEqual([])
    },
  )

  test('a hard link to another program’s database', () => {
    using workspace = new Workspace()
    const path = place(workspace)
    const target = elsewhere(workspace)
    const isUntouched = cookies(target)
    linkSync(target, path)
    expectAside(path, /has another name too/)
    isUntouched()
  })

  test('another program’s database itself, with its journal', () => {
    using workspace = new Workspace()
    const path = place(workspace)
    cookies(path)
    writeFileSync(`${path}-wal`, 'its journal')
    const before = readFileSync(path)
    expectAside(path, /it is another program’s database/)
    const [aside = ''] = asides(path)
    expect(readFileSync(join(dirname(path), aside))).toEqual(before)
    expect(readFileSync(join(dirname(path), `${aside}-wal`), 'utf8')).toBe('its journal')
  })

  test('a journal that names another file, which SQLite would delete', () => {
    using workspace = new Workspace()
    const path = place(workspace)
    plant(path, 'mirror', () => {})
    const victim = elsewhere(workspace)
    writeFileSync(victim, '')
    writeFileSync(`${path}-journal`, superJournal(victim))
    expectAside(path, /a journal lies beside it/)
    expect(lstatSync(victim).size).toBe(0)
  })

  test.each(['snapshot.sqlite', 'snapshot.sqlite-wal', 'snapshot.sqlite-journal'])(
    'a FIFO in the place of %s',
    (name) => {
      using workspace = new Workspace()
      const path = place(workspace)
      execFileSync('mkfifo', [join(dirname(path), name)])
      expectAside(path, /is no regular file|a journal lies beside it/)
    },
  )

  test.each(['-wal', '-shm', '-journal'])('a folder in the place of its %s', (suffix) => {
    using workspace = new Workspace()
    const path = place(workspace)
    mkdirSync(path + suffix)
    expectAside(path, /is no regular file|a journal lies beside it/)
  })

  test('a file larger than any snapshot', () => {
    using workspace = new Workspace()
    const path = place(workspace)
    plant(path, 'mirror', () => {})
    truncateSync(path, 5 * 1024 ** 3)
    expectAside(path, /larger than any snapshot/)
  })

  test.skipIf(process.geteuid?.() !== 0)('a file of another user', () => {
    using workspace = new Workspace()
    const path = place(workspace)
    plant(path, 'mirror', () => {})
    chownSync(path, 65534, 65534)
    expectAside(path, /belongs to another user/)
  })
})

/** A rollback journal of no pages that ends in the name of another journal, as SQLite writes it for several databases. */
function superJournal(name: string): Buffer {
  const header = Buffer.alloc(512)
  Buffer.from('d9d505f920a163d7', 'hex').copy(header)
  header.writeUInt32BE(0, 8)
  header.writeUInt32BE(0, 12)
  header.writeUInt32BE(1, 16)
  header.writeUInt32BE(512, 20)
  header.writeUInt32BE(4096, 24)
  const bytes = Buffer.from(name)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  const tail = Buffer.alloc(12)
  tail.writeUInt32BE(bytes.length, 0)
  tail.writeUInt32BE(sum, 4)
  return Buffer.concat([
    header,
    Buffer.from('00000001', 'hex'),
    bytes,
    tail.subarray(0, 8),
    header.subarray(0, 8),
  ])
}

describe('the folder and the files', () => {
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

  test('are for their owner only', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    const snapshot = openSnapshot(path, 'mirror', expect.fail)
    snapshot.markChanged()
    expect([dirname(dirname(path)), dirname(path)].map(mode)).toEqual(['700', '700'])
    expect(readdirSync(dirname(path)).map((name) => mode(join(dirname(path), name)))).toEqual([
      '600',
      '600',
      '600',
    ])
    snapshot[Symbol.dispose]()
    chmodSync(path, 0o666)
    expect(open(path)).toEqual({ run: 2, warnings: [] })
    expect(mode(path)).toBe('600')
  })

  test.each([
    ['the folder itself', (path: string) => dirname(path), 0o770],
    ['the folder above it', (path: string) => dirname(dirname(path)), 0o777],
    ['one farther up', (path: string) => dirname(dirname(dirname(path))), 0o777],
  ])('where others may write to %s, that is said', (_, folderOf, permissions) => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    open(path)
    chmodSync(folderOf(path), permissions)
    expect(open(path).warnings).toEqual([
      expect.stringMatching(/others than this runner’s user may write to .*chmod go-w/),
    ])
  })

  test('a folder above it as /tmp is no matter', () => {
    using workspace = new Workspace()
    const { path } = workspace.place()
    open(path)
    chmodSync(dirname(dirname(path)), 0o1777)
    expect(open(path).warnings).toEqual([])
  })
})

describe('from the cache', () => {
  /** Has a cache that holds what `make` puts in the place of the copy, and restores it. */
  async function restore(
    workspace: Workspace,
    make: (path: string, mirror: string) => void,
  ): Promise<string[]> {
    const place = workspace.place({ runId: '7' })
    const key = `${place.cacheKeyPrefixes[0]}6-1`
    const cache = {
      isFeatureAvailable: () => true,
      saveCache: () => Promise.resolve(1),
      restoreCache: () => {
        mkdirSync(dirname(place.cachedPath), { recursive: true })
        make(place.cachedPath, place.mirror)
        return Promise.resolve(key)
      },
    }
    const warnings: string[] = []
    const warn = (warning: string) => warnings.push(warning)
    const restored = await restoreSnapshot(place, cache, warn, patient)
    using snapshot = openSnapshot(place.path, place.mirror, warn)
    expect({ restored, run: snapshot.run }).toEqual(
      warnings.length === 0 ? { restored: key, run: 42 } : { restored: '', run: 1 },
    )
    return warnings
  }

  test('a row that no run has written', async () => {
    using workspace = new Workspace()
    const warnings = await restore(workspace, (path, mirror) =>
      plant(path, mirror, (db) => db.exec("UPDATE fact SET value = '41' WHERE name = 'run'")),
    )
    expect(warnings).toEqual([expect.stringMatching(/Actions cache is not used, as .*written/)])
  })

  test.each(['link', 'hard link'])('a %s to another program’s database', async (kind) => {
    using workspace = new Workspace()
    const target = join(workspace.path, 'elsewhere', 'cookies.sqlite')
    mkdirSync(dirname(target))
    const isUntouched = cookies(target)
    const warnings = await restore(workspace, (path) =>
      kind === 'link' ? symlinkSync(target, path) : linkSync(target, path),
    )
    expect(warnings).toEqual([
      expect.stringMatching(/Actions cache is not used, as it (is a link|has another name)/),
    ])
    isUntouched()
  })

  test('what lies beside the copy is not taken for its journal', async () => {
    using workspace = new Workspace()
    const victim = join(workspace.path, 'victim')
    writeFileSync(victim, '')
    const warnings = await restore(workspace, (path, mirror) => {
      plant(path, mirror, () => {})
      writeFileSync(`${path}-journal`, superJournal(victim))
    })
    expect(warnings).toEqual([])
    expect(lstatSync(victim).size).toBe(0)
  })
})
