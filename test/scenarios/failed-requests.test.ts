import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { cluster, filebase, type PinRow } from '../sandbox/pinning-service.ts'
import { Mirror, posted, type Ran } from './mirror.ts'

const inputs = { direction: 'update', 'settle-timeout': '1s', origins: 'none' }
const reason = 'Exceeded Max Attempts (11)'
const soon = { after: { requests: 1 } } as const

test('requests that fail after the run are replaced by the next one, with their names and meta', async () => {
  const rows: PinRow[] = []
  await using mirror = await Mirror.start({
    service: {
      settle: (row) => {
        rows.push(row)
        return rows.length > 1 ? { status: 'pinned', ...soon } : undefined
      },
    },
  })
  const photos = mirror.service.bucket('photos')
  const cid = new Cids(1).next()
  mirror.node.pin(cid, { name: 'mine' })
  const sent = await mirror.run({ inputs })
  expect(sent.report.update).toMatchObject({ pending: [{ cid }] })
  photos.setStatus(rows[0]?.requestid ?? '', 'failed', reason)

  const ran = await mirror.run({ inputs })
  expect(posted(ran)).toEqual([{ cid, name: 'mine', requestid: rows[0]?.requestid }])
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    update: { missing: 1, pinned: [{ cid, name: 'mine' }] },
    buckets: [{ cids: 1, requests: { failed: 0, pinned: 1 }, failedRequests: [] }],
  })
  expect(photos.size).toBe(1)
  expect(mirror.github.issues).toEqual([])
})

test('a request of someone else that failed, in any bucket, is replaced there, with its own name and meta', async () => {
  await using mirror = await Mirror.start({
    buckets: ['photos', 'videos'],
    service: { settle: () => ({ status: 'pinned', ...soon }) },
  })
  const [onNode = '', elsewhere = ''] = new Cids(2).take(2)
  const videos = mirror.service.bucket('videos')
  const meta = { owner: 'someone' }
  const failed = videos.add({ cid: onNode, name: 'theirs', status: 'failed', reason, meta })
  videos.add({ cid: elsewhere, status: 'failed', reason })
  mirror.node.pin(onNode, { name: 'mine' })

  const ran = await mirror.run({ inputs: { ...inputs, 'target-bucket': 'photos' } })
  expect(posted(ran)).toEqual([{ cid: onNode, name: 'theirs', meta, requestid: failed.requestid }])
  expect(mirror.service.bucket('photos').size).toBe(0)
  expect(ran.report.update).toMatchObject({ missing: 1, pinned: [{ cid: onNode, bucket: 'videos' }] })
  // What the node does not have can only be reported.
  expect(ran.report.buckets[1]?.failedRequests).toMatchObject([{ cid: elsewhere, reason }])
  const [issue] = mirror.github.issues
  for (const text of [ran.summary, issue?.body]) {
    expect(text).toContain(elsewhere)
    expect(text).toContain('Exceeded Max Attempts')
  }
})

test('one that keeps failing rests for longer each time, with the service’s reason in report, summary and issue', async () => {
  await using mirror = await Mirror.start({
    service: { settle: () => ({ status: 'failed', reason, ...soon }) },
  })
  const cid = new Cids(3).next()
  mirror.node.pin(cid)
  // In minutes from the end of the run, which came less than one after the failure.
  const pause = ({ report }: Ran) => {
    const next = report.update?.failed[0]?.nextAttemptAt ?? ''
    return Math.ceil((Date.parse(next) - Date.parse(report.finishedAt)) / 60_000)
  }

  const first = await mirror.run({ inputs })
  const [failure] = first.report.update?.failed ?? []
  expect(first.report.conclusion).toBe('failed-pins')
  expect(failure).toMatchObject({ cid, reason, attempts: 1, bucket: 'photos' })
  expect(pause(first)).toBe(15)
  expect(mirror.github.issues).toMatchObject([{ state: 'open' }])
  for (const text of [first.summary, mirror.github.issues[0]?.body])
    expect(text).toContain('Exceeded Max Attempts')

  const resting = await mirror.run({ inputs })
  expect(posted(resting)).toEqual([])
  expect(resting.report.update).toMatchObject({ missing: 1, failed: [{ cid, attempts: 1 }] })

  mirror.endPauses()
  const second = await mirror.run({ inputs })
  expect(posted(second)).toHaveLength(1)
  expect(second.report.update?.failed).toMatchObject([{ cid, reason, attempts: 2 }])
  expect(pause(second)).toBe(30)

  const byHand = await mirror.run({ inputs, event: 'workflow_dispatch' })
  expect(posted(byHand)).toHaveLength(1)
  expect(byHand.report.update?.failed).toMatchObject([{ attempts: 3 }])
  expect(mirror.service.bucket('photos').size).toBe(1)
  // The same trouble all the time is told once.
  expect(mirror.github.issues[0]?.comments).toEqual([])

  mirror.service.bucket('photos').add({ cid })
  const pinned = await mirror.run({ inputs })
  expect(pinned.report).toMatchObject({ conclusion: 'ok', update: { missing: 0, failed: [] } })
  expect(mirror.github.issues).toMatchObject([{ state: 'closed' }])
})

test('one that fails only after each run costs less and less too', async () => {
  let last: PinRow | undefined
  await using mirror = await Mirror.start({
    service: {
      settle: (row) => {
        last = row
        return undefined
      },
    },
  })
  const cid = new Cids(4).next()
  mirror.node.pin(cid)
  const failLater = () => mirror.service.bucket('photos').setStatus(last?.requestid ?? '', 'failed', reason)
  const sent: number[] = []
  for (let run = 0; run < 4; run++) {
    sent.push(posted(await mirror.run({ inputs })).length)
    failLater()
  }
  // Found failed, and replaced; failed again: its pause has begun with the replacement.
  expect(sent).toEqual([1, 1, 0, 0])
  mirror.endPauses()
  const ran = await mirror.run({ inputs })
  expect(posted(ran)).toHaveLength(1)
  expect(mirror.inSnapshot((db) => db.prepare('SELECT attempts FROM failure').get())).toEqual({ attempts: 2 })
})

test('failed requests are only reported where that is asked for', async () => {
  await using mirror = await Mirror.start()
  const [failed = '', fresh = ''] = new Cids(5).take(2)
  mirror.service.bucket('photos').add({ cid: failed, status: 'failed', reason })
  for (const cid of [failed, fresh]) mirror.node.pin(cid)
  const ran = await mirror.run({ inputs: { ...inputs, 'failed-requests': 'report' } })
  expect(posted(ran).map(({ cid }) => cid)).toEqual([fresh])
  expect(ran.report).toMatchObject({
    update: { missing: 2, pending: [{ cid: fresh }], unsent: [{ cid: failed }], failed: [] },
    buckets: [{ failedRequests: [{ cid: failed, reason }] }],
  })
})

test('where the requestid is the CID, it is asked for again by a new request, as replacing would unpin it', async () => {
  await using mirror = await Mirror.start({
    service: { manners: cluster, settle: () => ({ status: 'pinned', ...soon }) },
  })
  const cids = new Cids(6)
  const cid = cids.next()
  const photos = mirror.service.bucket('photos')
  photos.add({ cid, status: 'failed', name: 'mine', created: Date.now() - 60_000 })
  mirror.node.pin(cid)
  const ran = await mirror.run({ inputs })
  expect(posted(ran)).toEqual([{ cid, name: 'mine', requestid: undefined }])
  expect(ran.report.update).toMatchObject({ missing: 1, pinned: [{ cid }] })
  expect(photos.rows()).toMatchObject([{ cid, status: 'pinned' }])
})

test('one that someone else asked for again meanwhile is not asked for a second time', async () => {
  await using mirror = await Mirror.start({ service: { manners: filebase } })
  const cid = new Cids(7).next()
  const photos = mirror.service.bucket('photos')
  const { requestid } = photos.add({ cid, status: 'failed', created: Date.now() - 60_000 })
  mirror.node.pin(cid)
  mirror.service.intercept = ({ path }) => {
    // Right after the listing.
    if (path.endsWith(requestid) && photos.remove(requestid)) photos.add({ cid, status: 'queued' })
    return undefined
  }
  const ran = await mirror.run({ inputs })
  expect(posted(ran)).toEqual([])
  expect(ran.report.update).toMatchObject({ missing: 1, pending: [{ cid }] })
  expect(photos.size).toBe(1)
})

test('what is not asked for by its name any more is forgotten', async () => {
  await using mirror = await Mirror.start({
    service: { settle: () => ({ status: 'failed', reason, ...soon }) },
  })
  const [named = '', other = ''] = new Cids(8).take(2)
  mirror.node.pin(named, { name: 'a.jpg' })
  mirror.node.pin(other, { name: 'a.txt' })
  const first = await mirror.run({ inputs })
  expect(first.report.update?.failed).toHaveLength(2)
  const narrowed = await mirror.run({ inputs: { ...inputs, 'only-names': '*.jpg' } })
  expect(narrowed.report.update).toMatchObject({ missing: 1, ignored: 1, failed: [{ cid: named }] })
  const counted = () => mirror.inSnapshot((db) => db.prepare('SELECT count(*) AS n FROM failure').get())
  expect(counted()).toEqual({ n: 1 })
  const none = await mirror.run({ inputs: { ...inputs, 'only-names': '*.png' } })
  expect(none.report).toMatchObject({ conclusion: 'ok', update: { missing: 0 } })
  expect(counted()).toEqual({ n: 0 })
  // The requests themselves failed all the same, and are shown as such.
  expect(none.report.buckets[0]?.failedRequests).toHaveLength(2)
})

test('a replacement whose answer is lost is found, and one that never arrived is made again once that is sure', async () => {
  await using mirror = await Mirror.start({
    service: { settle: () => ({ status: 'pinned', ...soon }) },
  })
  const cids = new Cids(9).take(2)
  const photos = mirror.service.bucket('photos')
  for (const cid of cids) {
    photos.add({ cid, status: 'failed', reason, created: Date.now() - 60_000 })
    mirror.node.pin(cid)
  }
  let posts = 0
  mirror.service.intercept = ({ method }) => {
    if (method !== 'POST') return undefined
    posts++
    return posts === 1 ? 'truncate' : posts === 2 ? 'cut' : undefined
  }
  const ran = await mirror.run({ inputs })
  expect(ran.report.update).toMatchObject({ missing: 2, pinned: { length: 1 }, pending: { length: 1 } })
  expect(posts).toBe(2)
  mirror.letPass(61)
  const later = await mirror.run({ inputs })
  expect(later.report).toMatchObject({ conclusion: 'ok', update: { missing: 1, pinned: { length: 1 } } })
  expect(posts).toBe(3)
  expect(photos.rows().map(({ status }) => status)).toEqual(['pinned', 'pinned'])
})
