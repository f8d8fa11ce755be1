import { execFileSync } from 'node:child_process'
import { mkdtempDisposableSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../../src/config/types.ts'
import { parseCid } from '../../../src/domain/cid.ts'
import { type Inputs, lines, problemsOf, read } from './step.ts'

const cidV0 = 'QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n'
const cidV1 = 'bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
const cidRaw = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

test.each<[Inputs, Partial<Config>]>([
  [{ inspect: `${cidV0}, x\n# no\ny  ${cidV0}` }, { inspect: [cidV0, 'x', 'y'] }],
])('good: %j', (inputs, expected) => {
  expect(read(inputs)).toMatchObject(expected)
})

test.each([', ,', '# bafy', '\n# none\n , \n#'])(
  'what is to be looked at holds nothing, which is bad: %j',
  (inspect) => {
    expect(problemsOf({ inspect })).toEqual([
      '`inspect` holds separators or comments alone: expected CIDs, or nothing at all where the run is to sync.',
    ])
  },
)

test('an input of spaces and lines alone is empty', () => {
  expect(read({ inspect: ' \n ', 'only-names': '\n', origins: ' ' })).toMatchObject({
    inspect: [],
    onlyNames: [],
    origins: 'auto',
  })
})

describe('ignore', () => {
  const keys = (...cids: string[]) => cids.map((cid) => parseCid(cid)?.key)

  test('is a set of CIDs, from lines and from files relative to the workspace', () => {
    using folder = mkdtempDisposableSync('/tmp/ignore-')
    writeFileSync(join(folder.path, 'dead.txt'), `\ufeff# gone since March\r\n\r\n${cidRaw}\r\n`)
    const { ignore } = read({ ignore: lines(cidV0, '@dead.txt', cidV1) }, { GITHUB_WORKSPACE: folder.path })
    expect([...ignore.keys()]).toEqual(keys(cidV0, cidRaw))
    expect([...read({ ignore: `@${folder.path}/dead.txt` }).ignore.values()]).toEqual([parseCid(cidRaw)])
  })

  test.each([
    ['x', 'line 1 is not a CID.'],
    [lines('#', 'x', cidV0, 'y'), 'lines 2 and 4 are not CIDs.'],
    ['a\nb\nc\nd\ne', 'lines 1, 2, 3, 4 and 5 are not CIDs.'],
    ['a\nb\nc\nd\ne\nf\ng', 'lines 1, 2, 3, 4, 5 and 2 more are not CIDs.'],
  ])('names bad lines by number: %j', (given, expected) => {
    using folder = mkdtempDisposableSync('/tmp/ignore-')
    writeFileSync(join(folder.path, 'f'), given)
    expect(problemsOf({ ignore: given })).toEqual([`\`ignore\` must hold one CID a line: ${expected}`])
    expect(problemsOf({ ignore: '@f' }, { GITHUB_WORKSPACE: folder.path })).toEqual([
      `\`ignore\` must hold one CID a line in "f": ${expected}`,
    ])
  })

  test('names a file that cannot be read', () => {
    using folder = mkdtempDisposableSync('/tmp/ignore-')
    const env = { GITHUB_WORKSPACE: folder.path }
    expect(problemsOf({ ignore: lines(cidV0, '@none.txt') }, env)).toEqual([
      '`ignore` line 2 names a file that cannot be read (ENOENT): "none.txt"; expected a path relative to the workspace.',
    ])
    expect(problemsOf({ ignore: '@.' }, env)).toEqual([expect.stringContaining('(EISDIR): "."')])
  })

  test('waits for nothing that somebody has put in the place of a file', () => {
    using folder = mkdtempDisposableSync('/tmp/ignore-')
    const env = { GITHUB_WORKSPACE: folder.path }
    symlinkSync('/dev/null', join(folder.path, 'device'))
    execFileSync('mkfifo', [join(folder.path, 'fifo')])
    writeFileSync(join(folder.path, 'huge'), '')
    truncateSync(join(folder.path, 'huge'), 2 ** 40)
    for (const [name, why] of [
      ['device', 'it is no regular file'],
      ['fifo', 'it is no regular file'],
      ['huge', 'it has more than 134217728 bytes'],
    ])
      expect(problemsOf({ ignore: `@${name}` }, env)).toEqual([
        expect.stringContaining(`names a file that cannot be read (${why}): "${name}"`),
      ])
  })
})
