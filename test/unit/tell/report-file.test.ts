import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { failedRequestEntries } from '../../../src/draft/failed-request-entries.ts'
import { Secrets } from '../../../src/secrets/secrets.ts'
import { writeReport } from '../../../src/tell/report-file.ts'
import { bucket, busyReport, report } from '../report/samples.ts'

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

test('lists that are made as they are read are written as lists, those of a bucket too', async () => {
  const path = join(folder, 'report.json')
  const listed = {
    ...{ requestid: 'r', text: 'a', key: undefined, name: null, delegates: null, size: null },
    ...{ status: 'failed' as const, created: 0, failureReason: null },
  }
  const buckets = [[listed, listed], []].map((requests) =>
    bucket({ failedRequests: failedRequestEntries(requests) }),
  )
  await writeReport(path, report({ buckets }), new Secrets())
  const readOut = buckets.map((one) => ({ ...one, failedRequests: [...one.failedRequests] }))
  expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(report({ buckets: readOut }))}\n`)
})

test('a cancel ends it while it is written, and leaves the one from before', async () => {
  const path = join(folder, 'report.json')
  await writeReport(path, report(), new Secrets())
  const cancel = new AbortController()
  const whole = busyReport()
  const entry = { cid: 'bafy', name: null, bucket: 'photos' }
  const pending = {
    length: 100_000,
    *[Symbol.iterator]() {
      for (let index = 0; index < 100_000; index++) {
        if (index === 50_000) cancel.abort()
        yield entry
      }
    },
  }
  const long = { ...whole, backup: whole.backup && { ...whole.backup, pending } }
  expect(await writeReport(path, long, new Secrets(), cancel.signal)).toBe(false)
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(report())
  expect(await writeReport(path, long, new Secrets())).toBe(true)
  expect(JSON.parse(await readFile(path, 'utf8')).backup.pending).toHaveLength(100_000)
  expect(await readdir(folder)).toEqual(['report.json'])
})

test.each(['a link to another file', 'a FIFO', 'a folder'])(
  '%s, where it is to be written, is not written to and not waited for',
  async (what) => {
    const [path, victim] = [join(folder, 'report.json'), join(folder, 'victim')]
    const planted = `${path}.${process.pid}.tmp`
    await writeFile(victim, 'as it was')
    if (what === 'a folder') await mkdir(planted)
    else if (what === 'a FIFO') execFileSync('mkfifo', [planted])
    else await symlink(victim, planted)
    await writeReport(path, report(), new Secrets())
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(report())
    expect(await readFile(victim, 'utf8')).toBe('as it was')
  },
)
