import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { added, Mirror, type Ran } from './mirror.ts'

/** A mirror with CIDs that nobody has among those that can be had, and a first run over them. */
async function withDead(live: number, dead: number) {
  const mirror = await Mirror.start()
  const cids = new Cids(1)
  const [alive, lost] = [cids.take(live), cids.take(dead)]
  const photos = mirror.service.bucket('photos')
  // The dead are the newest, so that they come first.
  photos.addAll(alive.map((cid) => ({ cid, created: '2024-01-01T00:00:00Z' })))
  const rows = lost.map((cid, index) =>
    photos.add({ cid, name: `lost ${index}`, created: '2024-02-01T00:00:00Z' }),
  )
  for (const cid of lost) mirror.node.setContent(cid, nowhere)
  return { mirror, alive, lost, rows, cids }
}

test('dead CIDs do not hold up live ones, and fail with the reason', async () => {
  const { mirror, alive, lost } = await withDead(30, 6)
  await using _ = mirror
  const first = await mirror.run({ inputs: { concurrency: '4', attempts: '2' } })
  expect(first.exitCode).toBe(0)
  expect(first.report).toMatchObject({ conclusion: 'failed-pins', backup: { missing: 36, pending: [] } })
  expect(first.report.backup?.pinned.map(({ cid }) => cid).toSorted()).toEqual(alive.toSorted())
  const failed = first.report.backup?.failed ?? []
  expect(failed.map(({ cid }) => cid).toSorted()).toEqual(lost.toSorted())
  for (const entry of failed) {
    expect(entry).toMatchObject({ bucket: 'photos', attempts: 1, reason: 'no block of it came within 2 s' })
    expect(Date.parse(entry.nextAttemptAt) - Date.parse(entry.firstFailedAt)).toBe(15 * 60_000)
  }
  // Two tries each, and the second ones after all first ones.
  expect(added(first).slice(-6).toSorted()).toEqual(lost.toSorted())
  expect(added(first)).toHaveLength(42)
  expect(first.summary).toContain('### Not pinned on the node: 6 CIDs')
  expect(first.summary).toContain('no block of it came within 2 s')
})

test('the ledger lets them rest, a run by hand does not, and the pause grows', async () => {
  const { mirror, lost } = await withDead(2, 2)
  await using _ = mirror
  const first = await mirror.run()
  const [entry] = first.report.backup?.failed ?? []

  const resting = await mirror.run()
  expect(added(resting)).toEqual([])
  expect(resting.report.conclusion).toBe('failed-pins')
  expect(resting.report.backup).toMatchObject({ missing: 2, pinned: [], pending: [] })
  expect(resting.report.backup?.failed.toSorted(byCid)).toEqual(first.report.backup?.failed.toSorted(byCid))

  const byHand = await mirror.run({ event: 'workflow_dispatch' })
  expect(added(byHand).toSorted()).toEqual(lost.toSorted())
  const again = byHand.report.backup?.failed.find(({ cid }) => cid === entry?.cid)
  expect(again).toMatchObject({ attempts: 2, firstFailedAt: entry?.firstFailedAt })
  expect(minutesOfRest(byHand, again)).toBe(30)

  mirror.endPauses()
  const third = await mirror.run()
  expect(added(third).toSorted()).toEqual(lost.toSorted())
  expect(minutesOfRest(third, third.report.backup?.failed[0])).toBe(60)

  mirror.endPauses()
  mirror.node.setContent(lost[0] ?? '', {})
  const found = await mirror.run()
  expect(found.report.backup).toMatchObject({
    missing: 2,
    pinned: [{ cid: lost[0] }],
    failed: [{ cid: lost[1] }],
  })
})

test('a CID leaves the ledger when somebody pins it, when it is ignored, and when it is proved gone', async () => {
  const { mirror, lost, rows } = await withDead(0, 4)
  await using _ = mirror
  await mirror.run()
  const inLedger = () =>
    mirror.inSnapshot((db) =>
      db
        .prepare('SELECT name FROM failure ORDER BY name')
        .all()
        .map(({ name }) => name),
    )
  expect(inLedger()).toEqual(['lost 0', 'lost 1', 'lost 2', 'lost 3'])

  mirror.node.pin(lost[0] ?? '')
  mirror.service.bucket('photos').remove(rows[1]?.requestid ?? '')
  const next = await mirror.run({ inputs: { ignore: lost[2] ?? '' } })
  expect(inLedger()).toEqual(['lost 3'])
  expect(next.report.backup).toMatchObject({ missing: 1, ignored: 1, failed: [{ cid: lost[3] }] })
})

test('a CID whose request is queued again, or failed, is not gone: it stays in the ledger', async () => {
  const { mirror, lost, rows } = await withDead(0, 2)
  await using _ = mirror
  const first = await mirror.run()
  for (const [index, status] of (['queued', 'failed'] as const).entries()) {
    const photos = mirror.service.bucket('photos')
    photos.remove(rows[index]?.requestid ?? '')
    photos.add({ cid: lost[index] ?? '', status, created: Date.now() + 1000 })
  }
  const second = await mirror.run()
  expect(second.report).toMatchObject({ conclusion: 'failed-pins', backup: { missing: 0, failed: [] } })
  expect(second.summary).toContain('CIDs that failed before are not in this listing')
  const photos = mirror.service.bucket('photos')
  for (const cid of lost) photos.add({ cid, created: Date.now() + 2000 })
  const third = await mirror.run()
  const since = (ran: typeof first) =>
    ran.report.backup?.failed.map((entry) => entry.firstFailedAt).toSorted()
  expect(since(third)).toEqual(since(first))
})

test('a CID is not taken for gone while a listing is not proved', async () => {
  const { mirror, lost } = await withDead(0, 1)
  await using _ = mirror
  await mirror.run()
  mirror.service.intercept = () => ({ status: 401, body: '{"error":{"reason":"ERR_INVALID_TOKEN"}}' })
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    backup: { missing: 1, failed: [{ cid: lost[0] }] },
  })
})

test('`fail-on: failed-pins` fails the job also for what only rests', async () => {
  const { mirror } = await withDead(1, 1)
  await using _ = mirror
  expect((await mirror.run()).exitCode).toBe(0)
  const ran = await mirror.run({ inputs: { 'fail-on': 'failed-pins' } })
  expect(ran.report.conclusion).toBe('failed-pins')
  expect(ran.exitCode).toBe(1)
  expect(ran.log).toContain('::error::1 CID waits for its next try')
})

test('content that stalls half way is told from content that nobody has; a slow one that moves is waited for', async () => {
  await using mirror = await Mirror.start({ node: { progressEveryMs: 100 } })
  const [half = '', broken = '', slow = ''] = new Cids(2).take(3)
  for (const cid of [half, broken, slow]) mirror.service.bucket('photos').add({ cid })
  mirror.node.setContent(half, { blocks: 9, breaks: { after: 4 } })
  mirror.node.setContent(broken, { blocks: 3, breaks: { after: 1, error: 'pin: block was corrupt' } })
  mirror.node.setContent(slow, { blocks: 6, msPerBlock: 400 })
  const ran = await mirror.run()
  expect(ran.report.backup).toMatchObject({ missing: 3, pinned: [{ cid: slow }], pending: [] })
  expect(ran.report.backup?.failed.map(({ cid, reason }) => [cid, reason]).toSorted()).toEqual(
    [
      [half, 'no progress for 2 s after 4 blocks'],
      [broken, 'block was corrupt'],
    ].toSorted(),
  )
})

const byCid = (a: { cid: string }, b: { cid: string }) => a.cid.localeCompare(b.cid)

/** From the end of the run, which came less than a minute after the failure. */
function minutesOfRest({ report }: Ran, entry: { nextAttemptAt: string } | undefined): number {
  return Math.ceil((Date.parse(entry?.nextAttemptAt ?? '') - Date.parse(report.finishedAt)) / 60_000)
}
