import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { added, commands, Mirror } from './mirror.ts'

const bulk = (cids: readonly string[]) =>
  cids.map((cid, index) => ({ cid, name: `photo ${index}`, created: 1.7e12 + index * 400 }))

test('a first run pins what the node lacks; a second finds nothing to do and asks little', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'video'] })
  const cids = new Cids(1)
  const [photos, videos, own] = [cids.take(1300), cids.take(40), cids.take(3)]
  mirror.service.bucket('photos').addAll(bulk(photos))
  mirror.service.bucket('video').addAll(bulk(videos))
  for (const cid of [...photos.slice(60), ...own]) mirror.node.pin(cid)

  const first = await mirror.run()
  expect(first.report).toMatchObject({
    version: 1,
    direction: 'backup',
    dryRun: false,
    conclusion: 'ok',
    node: { kind: 'kubo', version: mirror.node.version, peerId: mirror.node.peerId, pins: 1243, onlyHere: 3 },
    buckets: [
      {
        name: 'photos',
        cids: 1300,
        requests: { pinned: 1300 },
        listing: { mode: 'cold', complete: true, added: 1300 },
      },
      {
        name: 'video',
        cids: 40,
        requests: { pinned: 40 },
        listing: { mode: 'cold', complete: true, added: 40 },
      },
    ],
    backup: { missing: 100, ignored: 0, failed: [], pending: [] },
    update: null,
    inspect: [],
  })
  expect(new Set(added(first))).toEqual(new Set([...photos.slice(0, 60), ...videos]))
  expect(added(first)).toHaveLength(100)
  expect(first.report.node?.onlyHereExamples.toSorted()).toEqual(own.toSorted())
  expect(first.outputs).toMatchObject({ listed: '1340', 'node-pins': '1243', missing: '100', pinned: '100' })
  expect(first.summary).toContain('## ✅ 100 CIDs were pinned on the node; nothing is missing')
  expect(first.summary).toContain('3 only on the node')
  expect(mirror.node.pins.get(photos[0] ?? '')).toMatchObject({ type: 'recursive', name: 'photo 0' })

  const second = await mirror.run()
  expect(second.report.conclusion).toBe('ok')
  expect(second.report.buckets.map(({ listing }) => listing)).toMatchObject([
    { mode: 'incremental', complete: true, added: 0, removed: 0, changed: 0 },
    { mode: 'incremental', complete: true, added: 0, removed: 0, changed: 0 },
  ])
  for (const { listing } of second.report.buckets) expect(listing.httpRequests).toBeLessThanOrEqual(4)
  const ofPhotos = second.asked.service.filter(({ headers }) =>
    headers.authorization?.endsWith(tokenTail('photos')),
  )
  expect(ofPhotos.map(({ query }) => `${query.get('status')} ${query.get('limit')}`)).toEqual([
    'queued,pinning,pinned,failed 1000',
    'queued,pinning,pinned,failed 1',
    'queued,pinning,failed 1000',
    'queued,pinning,pinned,failed 1000',
  ])
  expect(second.report.backup).toMatchObject({ missing: 0, pinned: [] })
  expect(commands(second).toSorted()).toEqual([
    'config',
    'id',
    'pin/ls',
    'swarm/peering/add',
    'swarm/peering/ls',
    'swarm/peering/rm',
    'swarm/peers',
    'version',
  ])
  expect(second.summary).toContain('## ✅ Up to date: the node has all')

  function tokenTail(bucket: string) {
    return (
      mirror.bucketLines
        .split('\n')
        .find((line) => line.startsWith(`${bucket}=`))
        ?.slice(bucket.length + 1) ?? ''
    )
  }
})

test('what is new is pinned, what was deleted is proved gone, what settled is seen', async () => {
  await using mirror = await Mirror.start()
  const photos = mirror.service.bucket('photos')
  const cids = new Cids(2)
  const [gone, settling, kept] = cids.take(3)
  const rows = [gone, settling, kept].map((cid = '') =>
    photos.add({ cid, created: '2024-05-01T00:00:00Z', status: cid === settling ? 'pinning' : 'pinned' }),
  )
  const first = await mirror.run()
  expect(added(first).toSorted()).toEqual([gone, kept].toSorted())

  photos.remove(rows[0]?.requestid ?? '')
  photos.setStatus(rows[1]?.requestid ?? '', 'pinned')
  const fresh = photos.add({ cid: cids.next() })
  const second = await mirror.run()
  expect(second.report.buckets[0]?.listing).toMatchObject({
    complete: true,
    added: 1,
    removed: 1,
    changed: 1,
  })
  expect(added(second).toSorted()).toEqual([settling, fresh.cid].toSorted())
  // Nothing is ever unpinned.
  expect([...mirror.node.pins.keys()].toSorted()).toEqual([gone, settling, kept, fresh.cid].toSorted())
})

test('`full-listing` reads every bucket again, and a wrong row of the snapshot goes', async () => {
  await using mirror = await Mirror.start()
  const cids = new Cids(3).take(1500)
  mirror.service.bucket('photos').addAll(bulk(cids))
  for (const cid of cids) mirror.node.pin(cid)
  await mirror.run()
  const oldest = '(SELECT requestid FROM request ORDER BY created LIMIT 1)'
  mirror.inSnapshot((db) =>
    db.exec(`UPDATE request SET status = 3, name = 'wrong' WHERE requestid = ${oldest}`),
  )

  const full = await mirror.run({ inputs: { 'full-listing': 'true' } })
  expect(full.report).toMatchObject({
    conclusion: 'ok',
    buckets: [
      { requests: { pinned: 1500, failed: 0 }, listing: { mode: 'full', complete: true, changed: 1 } },
    ],
  })
})

test('a service and a node with nothing on them are in step', async () => {
  await using mirror = await Mirror.start()
  const first = await mirror.run()
  expect(first.report).toMatchObject({
    conclusion: 'ok',
    buckets: [{ cids: 0, listing: { complete: true } }],
  })
  expect(first.outputs).toMatchObject({ listed: '0', 'node-pins': '0', 'issue-number': '' })
})
