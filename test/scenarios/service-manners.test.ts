import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { cluster, filebase, type Manners, specified } from '../sandbox/pinning-service.ts'
import { added, Mirror } from './mirror.ts'

/** A mirror whose node has all but the oldest and the newest of so many requests; a third share their second. */
async function withRequests(count: number, manners: Manners) {
  const mirror = await Mirror.start({ service: { manners } })
  const cids = new Cids(1).take(count)
  const rows = cids.map((cid, index) => ({ cid, created: 1.7e12 + Math.floor(index / 1.5) * 5000 }))
  mirror.service.bucket('photos').addAll(rows)
  for (const cid of cids.slice(1, -1)) mirror.node.pin(cid)
  return { mirror, cids, missing: [cids[0], cids.at(-1)].toSorted() }
}

test.each([
  ['IPFS Cluster: no order, inclusive bounds, the CID as requestid', cluster],
  ['the specification: milliseconds, larger pages refused', specified],
  ['silently capped pages', { ...filebase, maxLimit: 100 }],
  [
    'the oldest first, inclusive bounds of whole seconds',
    { ...filebase, order: 'oldest-first', after: 'inclusive', fractions: 'truncated' },
  ],
] as const)('%s: listed whole, and unchanged at little cost', async (_, manners) => {
  const { mirror, missing } = await withRequests(1200, manners)
  await using __ = mirror
  const first = await mirror.run()
  expect(first.report).toMatchObject({
    conclusion: 'ok',
    buckets: [{ cids: 1200, listing: { complete: true } }],
  })
  expect(added(first).toSorted()).toEqual(missing)
  const second = await mirror.run()
  expect(second.report.buckets[0]?.listing).toMatchObject({
    mode: 'incremental',
    complete: true,
    added: 0,
    removed: 0,
  })
  expect(second.report.buckets[0]?.listing.httpRequests).toBeLessThanOrEqual(4)
})

test('a `count` that is only the page’s proves nothing: not complete, and no error until requests are lost', async () => {
  const { mirror, cids, missing } = await withRequests(600, { ...filebase, count: 'page', maxLimit: 100 })
  await using _ = mirror
  const first = await mirror.run()
  expect(first.report).toMatchObject({
    conclusion: 'ok',
    buckets: [{ cids: 600, listing: { complete: false } }],
  })
  expect(first.report.buckets[0]?.listing.notes.join()).toContain('only the length of the page')
  expect(added(first).toSorted()).toEqual(missing)

  const second = await mirror.run()
  expect(second.report).toMatchObject({ conclusion: 'ok', buckets: [{ cids: 600 }] })

  const photos = mirror.service.bucket('photos')
  const gone = cids[300]
  photos.remove(photos.rows().find(({ cid }) => cid === gone)?.requestid ?? '')
  const third = await mirror.run()
  expect(third.report).toMatchObject({ conclusion: 'error', errors: [{ where: 'bucket photos' }] })
  expect(third.report.buckets[0]?.listing).toMatchObject({ vanished: 1, removed: 0 })
  const fourth = await mirror.run()
  expect(fourth.report.conclusion).toBe('ok')
})

test('a second that holds more requests than the service gives: not complete, and which second', async () => {
  await using mirror = await Mirror.start({ service: { manners: { ...filebase, maxLimit: 50 } } })
  const cids = new Cids(2).take(80)
  mirror.service.bucket('photos').addAll(cids.map((cid) => ({ cid, created: '2024-05-06T07:08:09Z' })))
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({ conclusion: 'error', buckets: [{ listing: { complete: false } }] })
  expect(ran.report.errors[0]?.message).toMatch(
    /2024-05-06T07:08:0.* holds 80 requests, and the service gives at most 50/,
  )
  expect(ran.report.backup?.pinned.length).toBeGreaterThanOrEqual(50)
})

test('a large drop is not believed before a person confirms it', async () => {
  const { mirror, cids } = await withRequests(200, filebase)
  await using _ = mirror
  await mirror.run()
  const photos = mirror.service.bucket('photos')
  const rows = photos.rows()
  for (const { requestid } of rows.slice(0, 30)) photos.remove(requestid)

  const first = await mirror.run()
  expect(first.report.conclusion).toBe('ok')
  expect(first.report.buckets[0]?.listing).toMatchObject({ vanished: 30, removed: 0 })
  expect(first.report.buckets[0]?.listing.notes.join()).toContain('30 of 200 requests vanished at once')
  expect(first.summary).toContain('## ⚠️ 30 requests vanished from <code>photos</code>')
  expect(first.summary).toContain('Nothing is unpinned then: the node keeps what it has of them')
  const { droppedAt, believedFrom } = first.report.buckets[0]?.listing ?? {}
  expect(Date.parse(believedFrom ?? '') - Date.parse(droppedAt ?? '')).toBe(24 * 60 * 60_000)
  const soon = await mirror.run()
  expect(soon.report.buckets[0]?.listing).toMatchObject({ vanished: 30, removed: 0 })
  const second = await mirror.run({ inputs: { 'full-listing': 'true' }, event: 'workflow_dispatch' })
  expect(second.report.buckets[0]).toMatchObject({
    cids: 170,
    listing: { vanished: 0, removed: 30, complete: true },
  })
  expect(mirror.node.pins.size).toBe(cids.length)
})

test('a bucket that is hidden for one run is back in the next, and nothing is done twice', async () => {
  const { mirror, cids } = await withRequests(150, cluster)
  await using _ = mirror
  await mirror.run()
  const photos = mirror.service.bucket('photos')
  photos.hidden = () => true
  const hidden = await mirror.run()
  expect(hidden.report.buckets[0]?.listing).toMatchObject({ vanished: 150, removed: 0 })
  expect(added(hidden)).toEqual([])

  photos.hidden = undefined
  const back = await mirror.run()
  expect(back.report).toMatchObject({
    conclusion: 'ok',
    buckets: [{ cids: cids.length, listing: { complete: true, removed: 0, vanished: 0 } }],
    backup: { missing: 0 },
  })
})

test('a dead CID stays in the ledger while its bucket is hidden', async () => {
  await using mirror = await Mirror.start({ service: { manners: cluster } })
  const cids = new Cids(3).take(30)
  mirror.service.bucket('photos').addAll(cids.map((cid) => ({ cid, created: '2024-01-01T00:00:00Z' })))
  mirror.node.setContent(cids[7] ?? '', { breaks: { after: 0, error: 'nobody has it' } })
  const first = await mirror.run()
  mirror.service.bucket('photos').hidden = () => true
  await mirror.run()
  mirror.service.bucket('photos').hidden = undefined
  const back = await mirror.run()
  expect(back.report.backup?.failed).toEqual(first.report.backup?.failed)
})
