import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Secrets } from '../../../src/secrets/secrets.ts'
import { writeReport } from '../../../src/tell/report-file.ts'
import { busyReport, report } from '../report/samples.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('makes its folder, replaces an older report, and leaves nothing else behind', async () => {
  const path = join(folder, 'ipfs-pin-mirror', 'step', 'report.json')
  await writeReport(path, report(), new Secrets())
  await writeReport(path, busyReport(), new Secrets())
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(busyReport())
  // A million entries must stay below the longest string.
  expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(busyReport())}\n`)
  expect(await readdir(join(folder, 'ipfs-pin-mirror', 'step'))).toEqual(['report.json'])
})
