import { expect, test } from 'vitest'
import { startHeartbeat } from '../sandbox/heartbeat.ts'
import { Cids } from '../sandbox/identity.ts'
import { added, Mirror, until } from './mirror.ts'

/** A mirror of which the node gets some CIDs at once, and the others not for a minute. */
async function withSlow(quick: number, slow: number) {
  const mirror = await Mirror.start()
  const all = new Cids(1).take(quick + slow)
  const [soon, late] = [all.slice(0, quick), all.slice(quick)]
  const photos = mirror.service.bucket('photos')
  photos.addAll(soon.map((cid) => ({ cid, created: '2024-02-01T00:00:00Z' })))
  photos.addAll(late.map((cid, index) => ({ cid, created: Date.UTC(2024, 0, 1) + index * 10_000 })))
  for (const cid of late) mirror.node.setContent(cid, { msPerBlock: 60_000 })
  const allSoonPinned = () => soon.every((cid) => mirror.node.pins.has(cid))
  const unslow = () => {
    for (const cid of late) mirror.node.setContent(cid, {})
  }
  return { mirror, soon, late, allSoonPinned, unslow }
}
const patient = { 'stall-timeout': '2m' }
const sorted = (entries: readonly { cid: string }[] | undefined) => entries?.map(({ cid }) => cid).toSorted()

test('out of time: what is left is pending, the job passes, and the next run goes on', async () => {
  const { mirror, soon, late, unslow } = await withSlow(30, 10)
  await using _ = mirror
  const ran = await mirror.run({
    inputs: { ...patient, 'time-limit': '8s', 'heartbeat-url': mirror.heartbeat.url },
  })
  expect(ran.exitCode).toBe(0)
  expect(ran.report).toMatchObject({
    conclusion: 'out-of-time',
    errors: [],
    backup: { missing: 40, failed: [] },
  })
  // A busy machine may not come to all that could be had soon.
  const [pinned = [], pending = []] = [ran.report.backup?.pinned, ran.report.backup?.pending].map(sorted)
  expect([...pinned, ...pending].toSorted()).toEqual([...soon, ...late].toSorted())
  expect(pending).toEqual(expect.arrayContaining(late))
  expect(pinned.length).toBeGreaterThan(1)
  expect(pinned.filter((cid) => !mirror.node.pins.has(cid))).toEqual([])
  expect(ran.asked.heartbeat.map(({ path }) => path.endsWith('/fail'))).toEqual([false])
  const headline = `${pinned.length} CIDs were pinned on the node, ${pending.length} are left for the next run`
  expect(ran.summary).toContain(`## ⏱️ Time ran out: ${headline}`)

  unslow()
  const left = [...soon, ...late].filter((cid) => !mirror.node.pins.has(cid))
  const next = await mirror.run()
  expect(next.report).toMatchObject({ conclusion: 'ok', buckets: [{ listing: { mode: 'incremental' } }] })
  expect(added(next).toSorted()).toEqual(left.toSorted())
})

/** A mirror of two buckets, of which the second falls silent once it has given so many answers. */
async function withSilentVideo(answers: number): Promise<Mirror> {
  const mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const [first = '', ...others] = new Cids(2).take(1 + 2000)
  mirror.service.bucket('photos').add({ cid: first })
  mirror.service.bucket('video').addAll(others.map((cid) => ({ cid, status: 'queued' as const })))
  mirror.node.pin(first)
  const video = mirror.bucketLines.split('\n')[1]?.slice('video='.length)
  let left = answers
  mirror.service.intercept = ({ headers }) =>
    headers.authorization === `Bearer ${video}` && left-- <= 0 ? 'hang' : undefined
  return mirror
}

test('out of time before a bucket or the node gave any answer: an error, as nothing says that it ever will', async () => {
  await using mirror = await withSilentVideo(0)
  mirror.node.intercept = () => 'hang'
  const ran = await mirror.run({ inputs: { 'time-limit': '5s', 'heartbeat-url': mirror.heartbeat.url } })
  expect(ran.exitCode).toBe(1)
  const message = expect.stringContaining('no answer came before the time of the run was over (time-limit)')
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    errors: [
      { where: 'bucket video', message },
      { where: 'node', message },
    ],
  })
  expect(ran.asked.heartbeat.map(({ path }) => path.endsWith('/fail'))).toEqual([true])
})

test('an inspection that is out of time before a bucket gave any answer is an error', async () => {
  await using mirror = await withSilentVideo(0)
  const inspected = new Cids(2).next()
  const ran = await mirror.run({ inputs: { inspect: inspected, 'time-limit': '5s' } })
  expect(ran.report).toMatchObject({ conclusion: 'error', errors: [{ where: 'bucket video' }] })
})

test('out of time in the listing: never taken for done', async () => {
  await using mirror = await withSilentVideo(1)
  const ran = await mirror.run({ inputs: { 'time-limit': '5s' } })
  expect(ran.report).toMatchObject({
    conclusion: 'out-of-time',
    errors: [],
    buckets: [{ listing: { complete: true } }, { listing: { complete: false } }],
    backup: { missing: 0 },
  })
  expect(ran.summary).toContain('## ⏱️ Time ran out before everything was listed')
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s in the middle of the pins: a report in time, and the next run goes on',
  async (signal) => {
    const { mirror, soon, late, allSoonPinned, unslow } = await withSlow(20, 40)
    await using _ = mirror
    const running = mirror.start({ inputs: { ...patient, 'heartbeat-url': mirror.heartbeat.url } })
    await until(allSoonPinned)
    running.kill(signal)
    const ran = await running.endsInTime()
    expect(ran.exitCode).toBe(1)
    expect(ran.report).toMatchObject({
      conclusion: 'cancelled',
      errors: [],
      backup: { missing: 60, failed: [] },
    })
    expect(sorted(ran.report.backup?.pinned)).toEqual(soon.toSorted())
    expect(sorted(ran.report.backup?.pending)).toEqual(late.toSorted())
    expect(ran.asked.heartbeat).toEqual([])
    expect(ran.summary).toContain('## ⏹️ Cancelled after 20 CIDs were pinned')

    unslow()
    const next = await mirror.run()
    expect(next.report.buckets[0]?.listing).toMatchObject({ mode: 'incremental', complete: true, added: 0 })
    expect(added(next).toSorted()).toEqual(late.toSorted())
  },
)

test('SIGTERM with more left than there is time to tell: the first 10,000 are listed, and all are counted', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const [soon = '', ...late] = new Cids(1).take(12_001)
  const created = (index: number) => Date.UTC(2024, 0, 1) + index * 10_000
  const rows = late.map((cid, index) => ({ cid, created: created(index) }))
  mirror.service.bucket('photos').addAll([...rows.slice(0, 5_000), { cid: soon, created: created(6_000) }])
  mirror.service.bucket('video').addAll(rows.slice(5_000))
  for (const cid of late) mirror.node.setContent(cid, { msPerBlock: 60_000 })
  const running = mirror.start({ inputs: patient })
  await until(() => mirror.node.pins.has(soon))
  running.kill('SIGTERM')
  const { report, outputs, summary } = await running.endsInTime()
  expect(report).toMatchObject({
    conclusion: 'cancelled',
    errors: [],
    backup: { missing: 12_001, unlisted: { pinned: 0, failed: 0, pending: 2_000 } },
  })
  expect(report.backup?.pinned.map(({ cid }) => cid)).toEqual([soon])
  expect(report.backup?.pending).toHaveLength(10_000)
  expect(outputs).toMatchObject({ pinned: '1', pending: '12000' })
  expect(summary).toContain('12,000')
  for (const left of ['5,000', '7,000']) expect(summary).toMatch(new RegExp(`${left} left for the next run`))
})

test('SIGINT while the service is silent', async () => {
  await using mirror = await Mirror.start()
  mirror.service.intercept = () => 'hang'
  const running = mirror.start()
  await until(() => mirror.service.requests.length > 0)
  running.kill('SIGINT')
  const ran = await running.endsInTime()
  expect(ran.exitCode).toBe(1)
  expect(ran.report).toMatchObject({
    conclusion: 'cancelled',
    errors: [],
    buckets: [{ listing: { complete: false } }],
  })
})

test('SIGINT while the cache is silent', async () => {
  await using mirror = await Mirror.start()
  await using cache = await startHeartbeat()
  cache.intercept = () => 'hang'
  const env = { ACTIONS_CACHE_URL: `${cache.origin}/`, ACTIONS_RUNTIME_TOKEN: 'x' }
  const running = mirror.start({ env })
  await until(() => cache.requests.length > 0)
  running.kill('SIGINT')
  const ran = await running.endsInTime()
  expect(ran.exitCode).toBe(1)
  expect(ran.report).toMatchObject({ conclusion: 'cancelled', errors: [], buckets: [] })
})

test('SIGINT while the service asks to be left alone for minutes', async () => {
  await using mirror = await Mirror.start()
  mirror.service.intercept = () => ({ status: 429, headers: { 'retry-after': '300' } })
  const running = mirror.start()
  await until(() => mirror.service.requests[0]?.status === 429)
  running.kill('SIGINT')
  const ran = await running.endsInTime()
  expect(ran.exitCode).toBe(1)
  expect(ran.report.conclusion).toBe('cancelled')
})

test.each([
  ['GitHub', (mirror: Mirror) => mirror.github],
  ['the monitor', (mirror: Mirror) => mirror.heartbeat],
] as const)('SIGINT while %s is silent: everything else is told all the same', async (_, serverOf) => {
  await using mirror = await Mirror.start()
  const cid = new Cids(3).next()
  const photos = mirror.service.bucket('photos')
  photos.add({ cid })
  photos.add({ cid: new Cids(4).next(), status: 'failed' })
  const server = serverOf(mirror)
  server.intercept = () => 'hang'
  const running = mirror.start({ inputs: { 'heartbeat-url': mirror.heartbeat.url } })
  await until(() => server.requests.length > 0)
  running.kill('SIGINT')
  const ran = await running.endsInTime()
  expect(ran.exitCode).toBe(1)
  expect(ran.report).toMatchObject({ conclusion: 'cancelled', backup: { pinned: [{ cid }] } })
  expect(ran.summary).toContain('## ⏹️ Cancelled after 1 CID was pinned')
})

test('SIGKILL in the middle of the pins: the next run finishes without listing anew', async () => {
  const { mirror, late, allSoonPinned, unslow } = await withSlow(20, 40)
  await using _ = mirror
  const running = mirror.start({ inputs: patient })
  await until(allSoonPinned)
  running.kill('SIGKILL')
  const killed = await running.ended
  expect(killed.exitCode).toBeNull()

  unslow()
  const next = await mirror.run()
  expect(next.report).toMatchObject({
    conclusion: 'ok',
    warnings: [],
    backup: { missing: 40, failed: [], pending: [] },
  })
  expect(next.report.buckets[0]?.listing).toMatchObject({ mode: 'incremental', complete: true, added: 0 })
  expect(next.report.buckets[0]?.listing.httpRequests).toBeLessThanOrEqual(4)
  expect(added(next).toSorted()).toEqual(late.toSorted())
})

test('two runs at once: the second says who holds the snapshot, and touches nothing', async () => {
  const { mirror, unslow } = await withSlow(5, 5)
  await using _ = mirror
  const running = mirror.start({ inputs: patient })
  await until(() => mirror.node.requests.filter(({ path }) => path.endsWith('/pin/add')).length === 10)
  const second = await mirror.run()
  expect(second.exitCode).toBe(1)
  expect(second.report.errors).toMatchObject([
    {
      where: 'snapshot',
      message: expect.stringContaining(
        `another run of this mirror is at work on this box and holds ${mirror.snapshotPath}`,
      ),
    },
  ])
  expect(second.report).toMatchObject({ buckets: [], node: null, backup: null })
  expect(second.asked.service).toEqual([])
  expect(second.asked.github).toEqual([])
  expect(added(second)).toEqual([])

  unslow()
  running.kill('SIGINT')
  const first = await running.endsInTime()
  expect(first.report).toMatchObject({
    conclusion: 'cancelled',
    warnings: [],
  })
})
