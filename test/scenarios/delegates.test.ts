import { expect, test } from 'vitest'
import { Cids, peerIds } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { Mirror, until } from './mirror.ts'

const peers = [
  '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B',
  '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM',
  '12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R',
] as const
const [first, second, third] = peers.map(
  (peer, index) => `/dns4/pin-${index}.example/tcp/4001/p2p/${peer}`,
) as [string, string, string]

test('a delegate that nobody knows is in report, summary and issue, and its CID is fetched through it', async () => {
  await using mirror = await Mirror.start({
    service: { delegates: ({ name }) => (name === 'new' ? [second] : [first]) },
  })
  const [old = '', fresh = ''] = new Cids(1).take(2)
  const photos = mirror.service.bucket('photos')
  photos.add({ cid: old, name: 'old' })
  photos.add({ cid: fresh, name: 'new' })
  mirror.node.setContent(old, { peer: peers[0] })
  mirror.node.setContent(fresh, { peer: peers[1] })
  const inputs = { delegates: `${first}\n${third}`, 'stall-timeout': '10s' }

  const ran = await mirror.run({ inputs })
  expect(ran.report.backup).toMatchObject({ missing: 2, failed: [] })
  expect(ran.report.delegates).toMatchObject({
    known: [{ peerId: peers[0] }, { peerId: peers[2] }],
    unknown: [{ peerId: peers[1], addrs: [second], exampleCid: fresh, buckets: ['photos'] }],
    peered: [
      { peerId: peers[0], connected: true },
      { peerId: peers[2], connected: true },
    ],
  })
  expect(ran.outputs['unknown-delegates']).toBe('1')
  const [issue] = mirror.github.issues
  for (const text of [ran.summary, issue?.body ?? '']) {
    expect(text).toMatch(/### (?:New|Unknown) delegates: 1/)
    expect(text).toContain(peers[1])
  }

  const known = await mirror.run({ inputs: { ...inputs, delegates: `${first}\n${second}` } })
  expect(known.report.delegates.unknown).toEqual([])
  expect(issue?.state).toBe('closed')
})

test('without `delegates`, those of the first listing are taken as known, and it is said once', async () => {
  let shown = first
  await using mirror = await Mirror.start({ service: { delegates: () => [shown] } })
  const cids = new Cids(2)
  mirror.service.bucket('photos').add({ cid: cids.next() })
  const taken = await mirror.run()
  expect(taken.report.delegates).toMatchObject({ known: [{ peerId: peers[0] }], unknown: [] })
  const line =
    '`delegates` is empty: the one peer that this first listing shows is taken as known from now on'
  expect(taken.log.split(line)).toHaveLength(2)
  expect(taken.report.warnings).toEqual([])

  shown = second
  mirror.service.bucket('photos').add({ cid: cids.next(), created: Date.now() + 1000 })
  const rotated = await mirror.run()
  expect(rotated.log).not.toContain(line)
  expect(rotated.report.warnings).toEqual([])
  expect(rotated.report.delegates).toMatchObject({
    known: [{ peerId: peers[0] }],
    unknown: [{ peerId: peers[1] }],
  })
})

test('known delegates that cannot be dialled neither fail nor hold up the pins', async () => {
  await using mirror = await Mirror.start({ node: { reachable: () => false } })
  const cid = new Cids(3).next()
  mirror.service.bucket('photos').add({ cid })
  const ran = await mirror.run({ inputs: { delegates: `${first}\n${second}` } })
  expect(ran.report).toMatchObject({ conclusion: 'ok', backup: { pinned: [{ cid }] } })
  expect(ran.report.delegates.peered).toMatchObject([
    { peerId: peers[0], connected: false, reason: expect.stringContaining('all dials failed') },
    { peerId: peers[1], connected: false },
  ])
  expect(ran.summary).toContain('0 of 2 delegates connected')
})

test('no one is taken as known from a listing that did not come to its end', async () => {
  let shown = first
  await using mirror = await Mirror.start({
    buckets: ['photos', 'video'],
    service: { delegates: () => [shown] },
  })
  const cids = new Cids(4)
  mirror.service.bucket('photos').add({ cid: cids.next() })
  const video = mirror.service.bucket('video')
  video.refusal = { status: 401, reason: 'ERR_INVALID_TOKEN' }
  const broken = await mirror.run()
  expect(broken.report).toMatchObject({ conclusion: 'error', warnings: [], delegates: { unknown: [] } })

  shown = second
  video.refusal = undefined
  video.add({ cid: cids.next() })
  const whole = await mirror.run()
  expect(whole.report.delegates).toMatchObject({
    known: [{ peerId: peers[1] }],
    unknown: [],
  })
})

test('a delegate that does not parse is said, and does no harm', async () => {
  await using mirror = await Mirror.start({ service: { delegates: () => ['no multiaddr', first] } })
  const cid = new Cids(5).next()
  mirror.service.bucket('photos').add({ cid })
  const ran = await mirror.run({ inputs: { delegates: first } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    backup: { pinned: [{ cid }] },
    warnings: [{ where: 'delegates', message: expect.stringContaining('such as no multiaddr') }],
    delegates: { unknown: [] },
  })
})

test('known delegates that let their dials wait do not outlast the time limit', async () => {
  await using mirror = await Mirror.start()
  mirror.service.bucket('photos').add({ cid: new Cids(6).next() })
  mirror.node.intercept = ({ path }) => (path.endsWith('/swarm/connect') ? 'hang' : undefined)
  const running = mirror.start({ inputs: { delegates: first, 'time-limit': '2s' } })
  await until(() => mirror.node.requests.some(({ path }) => path.endsWith('/swarm/connect')))
  const ran = await running.endsInTime()
  expect(ran.exitCode).toBe(0)
  expect(ran.report.conclusion).toBe('out-of-time')
})

test.each([
  ['to its end', 'ok'],
  ['SIGTERM', 'cancelled'],
] as const)(
  'delegates that let their dials wait end no run without a report: %s',
  async (how, conclusion) => {
    const many = peerIds(20).map((peerId, index) => `/ip4/127.0.0.1/tcp/${index + 1}/p2p/${peerId}`)
    await using mirror = await Mirror.start({ service: { delegates: () => many } })
    const cid = new Cids(7).next()
    mirror.service.bucket('photos').add({ cid })
    if (how === 'SIGTERM') mirror.node.setContent(cid, nowhere)
    const isDial = ({ path }: { path: string }) => path.endsWith('/swarm/connect')
    mirror.node.intercept = (request) =>
      isDial(request) && !request.query.get('arg')?.includes(peers[0]) ? 'hang' : undefined
    const run = mirror.start({ inputs: { delegates: first, 'stall-timeout': '1m' } })
    if (how === 'SIGTERM') {
      await until(() => mirror.node.requests.filter(isDial).length > 5)
      run.kill(how)
    }
    const { report } = await run.ended
    expect(report.conclusion).toBe(conclusion)
    expect(report.delegates.peered).toMatchObject([{ peerId: peers[0], connected: true }])
  },
)
