import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { filebase, type PinRow } from '../sandbox/pinning-service.ts'
import { commands, Mirror, posted } from './mirror.ts'

const inputs = { direction: 'update', 'settle-timeout': '1s' }
const publicAddress = '/ip4/93.184.216.34/tcp/4001'
const soon = { after: { requests: 1 } } as const
const settle = () => ({ status: 'pinned' as const, ...soon })

test('what the node pins and no bucket has is sent, with its name and the node’s public addresses, and settles', async () => {
  await using mirror = await Mirror.start({
    service: { settle },
    node: { addresses: ['/ip4/127.0.0.1/tcp/4001', '/ip4/192.168.1.5/tcp/4001', publicAddress] },
  })
  const cids = new Cids(1)
  const [there = '', queued = '', fresh = '', nameless = ''] = cids.take(4)
  const twin = cids.bothVersions()
  const photos = mirror.service.bucket('photos')
  photos.add({ cid: there })
  photos.add({ cid: queued, status: 'queued' })
  photos.add({ cid: twin.v0 })
  for (const cid of [there, queued, twin.v1]) mirror.node.pin(cid)
  mirror.node.pin(fresh, { name: 'holiday.jpg' })
  mirror.node.pin(nameless)

  const ran = await mirror.run({ inputs })
  const origins = [`${publicAddress}/p2p/${mirror.node.peerId}`]
  expect(posted(ran)).toEqual([
    { cid: fresh, name: 'holiday.jpg', origins, requestid: undefined },
    { cid: nameless, origins, requestid: undefined },
  ])
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    direction: 'update',
    backup: null,
    update: {
      missing: 2,
      ignored: 0,
      pinned: [
        { cid: fresh, name: 'holiday.jpg', bucket: 'photos' },
        { cid: nameless, name: null, bucket: 'photos' },
      ],
      failed: [],
      pending: [],
      unsent: [],
    },
    buckets: [{ cids: 5, requests: { queued: 1, pinned: 4 }, listing: { complete: true } }],
    node: { onlyHere: 0 },
  })
  expect(ran.outputs).toMatchObject({ listed: '5', missing: '2', pinned: '2', pending: '0' })
  expect(ran.summary).toMatch(/^## ✅ 2 CIDs were pinned at \S+; nothing is missing\n/)

  const again = await mirror.run({ inputs })
  expect(posted(again)).toEqual([])
  expect(again.report).toMatchObject({ conclusion: 'ok', update: { missing: 0 } })
  expect(again.asked.service.length).toBeLessThanOrEqual(4)
  expect(again.summary).toContain('has all that the node has pinned')
})

test('what does not settle in time is pending, and the next run does not send it again', async () => {
  let row: PinRow | undefined
  await using mirror = await Mirror.start({
    service: {
      settle: (asked) => {
        row = asked
        return undefined
      },
    },
  })
  const cid = new Cids(2).next()
  mirror.node.pin(cid)
  const ran = await mirror.run({ inputs: { ...inputs, origins: 'none' } })
  expect(posted(ran)).toEqual([{ cid, requestid: undefined }])
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    update: { missing: 1, pending: [{ cid }] },
    buckets: [{ requests: { queued: 1 } }],
  })
  // It waited, and looked what became of it.
  expect(ran.asked.service.at(-1)).toMatchObject({ method: 'GET', path: expect.stringContaining('/pins') })

  const again = await mirror.run({ inputs })
  expect(posted(again)).toEqual([])
  expect(again.report).toMatchObject({ update: { missing: 0 }, buckets: [{ requests: { queued: 1 } }] })

  mirror.service.bucket('photos').setStatus(row?.requestid ?? '', 'pinned')
  const settled = await mirror.run({ inputs })
  expect(settled.report.buckets).toMatchObject([
    { requests: { queued: 0, pinned: 1 }, listing: { changed: 1 } },
  ])
})

test('the target bucket gets what no bucket has', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'], service: { settle } })
  const [inPhotos = '', inVideos = '', nowhere = ''] = new Cids(3).take(3)
  mirror.service.bucket('photos').add({ cid: inPhotos })
  mirror.service.bucket('videos').add({ cid: inVideos })
  for (const cid of [inPhotos, inVideos, nowhere]) mirror.node.pin(cid)
  const ran = await mirror.run({ inputs: { ...inputs, 'target-bucket': 'videos', origins: 'none' } })
  expect(ran.report.update).toMatchObject({ missing: 1, pinned: [{ cid: nowhere, bucket: 'videos' }] })
  expect(mirror.service.bucket('photos').size).toBe(1)
  expect(mirror.service.bucket('videos').size).toBe(2)
})

test('only what is named as asked for is sent, and nothing that is ignored', async () => {
  await using mirror = await Mirror.start({ service: { settle } })
  const [jpg = '', deep = '', text = '', nameless = '', ignored = ''] = new Cids(4).take(5)
  mirror.node.pin(jpg, { name: 'a.jpg' })
  mirror.node.pin(deep, { name: 'site/2026/index.html' })
  mirror.node.pin(text, { name: 'a.txt' })
  mirror.node.pin(nameless)
  mirror.node.pin(ignored, { name: 'b.jpg' })
  const ran = await mirror.run({
    inputs: { ...inputs, origins: 'none', 'only-names': '*.jpg\nsite/**', ignore: ignored },
  })
  expect(posted(ran).map(({ cid }) => cid)).toEqual([jpg, deep])
  expect(ran.report.update).toMatchObject({ missing: 2, ignored: 3, unsent: [] })
})

test('nothing is sent while a bucket is not proved complete', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'], service: { settle } })
  const cid = new Cids(5).next()
  mirror.node.pin(cid)
  const videos = mirror.service.bucket('videos')
  videos.refusal = { status: 401, reason: 'ERR_INVALID_TOKEN' }
  const ran = await mirror.run({ inputs: { ...inputs, 'target-bucket': 'photos' } })
  expect(posted(ran)).toEqual([])
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    update: { missing: 1, pinned: [], pending: [], unsent: [{ cid, bucket: 'photos' }] },
  })
  expect(ran.report.warnings.map(({ message }) => message).join()).toContain('not proved complete (videos)')
  expect(ran.summary).toContain('not sent')

  videos.refusal = undefined
  const whole = await mirror.run({ inputs: { ...inputs, 'target-bucket': 'photos' } })
  expect(whole.report.update).toMatchObject({ missing: 1, pinned: [{ cid }] })
})

test('a service that can never prove a listing is sent nothing, and says why', async () => {
  await using mirror = await Mirror.start({ service: { manners: { ...filebase, count: 'page' } } })
  const [one = '', two = '', three = ''] = new Cids(6).take(3)
  for (const cid of [one, two]) mirror.service.bucket('photos').add({ cid })
  mirror.node.pin(three)
  const ran = await mirror.run({ inputs })
  expect(posted(ran)).toEqual([])
  expect(ran.report).toMatchObject({ conclusion: 'ok', update: { missing: 1, unsent: [{ cid: three }] } })
  expect(ran.report.warnings.map(({ where }) => where)).toContain('update')
})

test('what vanished in a drop too large to be believed is not bought again', async () => {
  await using mirror = await Mirror.start({ service: { settle } })
  const cids = new Cids(7).take(30)
  const photos = mirror.service.bucket('photos')
  for (const [index, cid] of cids.entries()) {
    photos.add({ cid, created: 1.7e12 + index * 60_000 })
    mirror.node.pin(cid)
  }
  await mirror.run({ inputs })
  for (const { requestid } of photos.rows().slice(0, 20)) photos.remove(requestid)

  const doubted = await mirror.run({ inputs })
  expect(posted(doubted)).toEqual([])
  expect(doubted.report.update).toMatchObject({ missing: 20, pinned: [], unsent: { length: 20 } })
  expect(doubted.report.warnings).toContainEqual(
    expect.objectContaining({
      where: 'bucket photos',
      // What it comes to, until when, and what there is to do.
      message: expect.stringMatching(
        /^20 requests of bucket photos vanished at once.* `full-listing: true`.* the first run after \d+ \w+ \d+, \d\d:\d\d UTC that still misses them takes them for deleted\. Nothing is unpinned then, but an update sends .* again, and pays for it: .*`direction: backup`/,
      ),
    }),
  )
  expect(mirror.github.issues[0]?.body).toContain('vanished at once')
  // A few seconds later tell nothing.
  const again = await mirror.run({ inputs })
  expect(posted(again)).toEqual([])

  // A person confirms it; what vanished is looked up all the same.
  const [first] = cids
  photos.hidden = ({ cid }, by) => by === 'list' && cid === first
  photos.add({ cid: first ?? '' })
  const byHand = { inputs: { ...inputs, 'full-listing': 'true' }, event: 'workflow_dispatch' as const }
  const confirmed = await mirror.run(byHand)
  expect(confirmed.report.buckets[0]?.listing).toMatchObject({ removed: 20, vanished: 0 })
  expect(posted(confirmed)).toHaveLength(19)
  expect(posted(confirmed).map(({ cid }) => cid)).not.toContain(first)
  expect(mirror.github.issues[0]).toMatchObject({ state: 'closed' })
})

test('what a bucket had that is not listed any more is not bought for another', async () => {
  await using mirror = await Mirror.start({ buckets: ['photos', 'videos'], service: { settle } })
  const cid = new Cids(8).next()
  mirror.service.bucket('videos').add({ cid })
  mirror.node.pin(cid)
  await mirror.run({ inputs: { ...inputs, 'target-bucket': 'photos' } })
  const [photos = ''] = mirror.bucketLines.split('\n')
  const ran = await mirror.run({ inputs: { ...inputs, buckets: photos } })
  expect(posted(ran)).toEqual([])
  expect(ran.report.update).toMatchObject({ missing: 1, unsent: [{ cid }] })
})

test('a node without a public address may be sent from to a service of the same network', async () => {
  await using mirror = await Mirror.start({
    service: { settle },
    node: { addresses: ['/ip4/192.168.1.7/tcp/4001'] },
  })
  mirror.node.pin(new Cids(9).next())
  const ran = await mirror.run({ inputs })
  expect(ran.report).toMatchObject({ conclusion: 'ok', update: { pinned: { length: 1 } } })
  expect(ran.report.warnings.filter(({ where }) => where === 'origins')).toEqual([])
})

test('nothing is asked of whether the node can be dialled where nothing is missing', async () => {
  await using mirror = await Mirror.start()
  const ran = await mirror.run({ inputs })
  expect(commands(ran)).not.toContain('swarm/addrs/autonat')
})

test.each([
  ['as Kubo writes it', 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'],
  ['as CIDv1', 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'],
])('the empty directory that each Kubo pins by itself is not sent: %s', async (_, empty) => {
  await using mirror = await Mirror.start({ service: { settle } })
  mirror.node.pin(empty)
  const cid = new Cids(12).next()
  mirror.node.pin(cid)
  const ran = await mirror.run({ inputs: { ...inputs, origins: 'none' } })
  expect(posted(ran)).toMatchObject([{ cid }])
  expect(ran.report).toMatchObject({
    node: { pins: 2, onlyHere: 0 },
    update: { missing: 1, ignored: 0, pinned: [{ cid }] },
  })
  const again = await mirror.run({ inputs })
  expect(again.report).toMatchObject({ node: { pins: 2, onlyHere: 0 }, update: { missing: 0 }, warnings: [] })
})

test('a dry run says what it would send', async () => {
  await using mirror = await Mirror.start()
  const cid = new Cids(10).next()
  mirror.node.pin(cid)
  const ran = await mirror.run({ inputs: { ...inputs, 'dry-run': 'true' } })
  expect(posted(ran)).toEqual([])
  expect(ran.report).toMatchObject({ conclusion: 'ok', update: { missing: 1, unsent: [{ cid }] } })
  expect(ran.summary).toMatch(/^## 🔎 Dry run: would send 1 CID to \S+\n/)
})

test('both directions list each side once', async () => {
  await using mirror = await Mirror.start({ service: { settle } })
  const [atService = '', onNode = ''] = new Cids(11).take(2)
  mirror.service.bucket('photos').add({ cid: atService, name: 'down' })
  mirror.node.pin(onNode, { name: 'up' })
  const ran = await mirror.run({ inputs: { ...inputs, direction: 'both', origins: 'none' } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    backup: { missing: 1, pinned: [{ cid: atService, name: 'down' }] },
    update: { missing: 1, pinned: [{ cid: onNode, name: 'up' }] },
  })
  expect(ran.outputs).toMatchObject({ missing: '2', pinned: '2' })
  expect(posted(ran)).toEqual([{ cid: onNode, name: 'up', requestid: undefined }])
  const lists = ran.asked.node.filter(({ path, query }) => path.endsWith('/pin/ls') && !query.has('arg'))
  expect(lists).toHaveLength(1)
  const post = ran.asked.service.findIndex(({ method }) => method === 'POST')
  // One answer shows all of a small bucket, one proves it, and each status alone says once that a filter by several is
  // read right.
  expect(post).toBe(2 + 4)
})

test('the node is connected to the delegates of the answers, each once', async () => {
  const peer = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
  const delegate = `/dns4/pin.example/tcp/4001/p2p/${peer}`
  await using mirror = await Mirror.start({ service: { settle, delegates: () => [delegate] } })
  for (const cid of new Cids(12).take(20)) mirror.node.pin(cid)
  const ran = await mirror.run({ inputs: { ...inputs, origins: 'none' } })
  expect(ran.report.update).toMatchObject({ missing: 20, pinned: { length: 20 } })
  const dials = ran.asked.node.filter(({ path }) => path.endsWith('/swarm/connect'))
  expect(dials.map(({ query }) => query.get('arg'))).toEqual([delegate])
})
