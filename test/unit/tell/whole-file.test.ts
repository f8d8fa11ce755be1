import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createZstdCompress, zstdDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeWhole } from '../../../src/tell/whole-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whole-'))
})
afterEach(() => rm(folder, { recursive: true }))

const through = () => [createZstdCompress()]
const signal = new AbortController().signal

function* brokenBy(breaks: () => void) {
  yield 'half of it'
  breaks()
  yield 'the other half'
}

test('what is written goes through what changes it', async () => {
  const path = join(folder, 'in', 'file')
  expect(await writeWhole(path, ['one ', 'two'], { signal, through: through() })).toBe(true)
  expect(zstdDecompressSync(await readFile(path)).toString()).toBe('one two')
})

test.each(['an error', 'a cancel'])(
  '%s in the midst leaves the file from before, and no half of one',
  async (what) => {
    const path = join(folder, 'file')
    await writeFile(path, 'from before')
    const cancel = new AbortController()
    const pieces = brokenBy(() => {
      if (what === 'a cancel') cancel.abort()
      else throw new Error('there is no more')
    })
    const writing = writeWhole(path, pieces, { signal: cancel.signal, through: through() })
    if (what === 'a cancel') expect(await writing).toBe(false)
    else await expect(writing).rejects.toThrow('there is no more')
    expect(await readdir(folder)).toEqual(['file'])
    expect(await readFile(path, 'utf8')).toBe('from before')
  },
)

test('where it cannot take its place, no half of it stays', async () => {
  const path = join(folder, 'taken')
  await mkdir(path)
  await expect(writeWhole(path, ['all'], { signal })).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['taken'])
})
