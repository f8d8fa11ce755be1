import { setTimeout as sleep } from 'node:timers/promises'
import { base64 } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { dead, type SandboxCluster } from '../sandbox/cluster.ts'
import { Cids } from '../sandbox/identity.ts'
import { handedOver, Mirror, posted, until } from './mirror.ts'

/** A mirror of a cluster that lacks so many CIDs. */
async function withMissing(count: number, options: Parameters<typeof Mirror.start>[0] = {}) {
  const mirror = await Mirror.start({ cluster: {}, ...options })
  const cids = new Cids(1).take(count)
  const add = (all: readonly string[]) =>
    mirror.service.bucket('photos').addAll(
      // Newest first, as they are tried.
      all.map((cid, index) => ({
        cid,
        name: `name of ${cid}`,
        created: new Date(Date.UTC(2024, 0, 1) - index * 1000),
      })),
    )
  add(cids)
  const failures = () => mirror.inSnapshot((db) => db.prepare('SELECT * FROM failure').all())
  return { mirror, cids, failures }
}

const isEverywhere = (cluster: SandboxCluster, cid: string, copies = 2) =>
  cluster.holders(cid).length === copies

test('what the cluster lacks is handed over with name and origins, and followed until all peers have it', async () => {
  const { mirror, cids } = await withMissing(250, { cluster: { otherwise: { afterMs: 50 } } })
  await using _ = mirror
  const { cluster } = mirror
  const first = await mirror.run()
  expect(first.report).toMatchObject({
    conclusion: 'ok',
    errors: [],
    warnings: [],
    node: {
      kind: 'cluster',
      version: '1.1.6',
      peerId: cluster.peerId,
      pins: 0,
      peers: cluster.peers.map(({ peerId, name }) => ({ peerId, name, trouble: null, since: null })),
      replication: { pinned: 0, partly: 0, copies: [] },
    },
    backup: { missing: 250, failed: [], pending: [] },
  })
  expect(handedOver(first).toSorted()).toEqual(cids.toSorted())
  expect(first.report.backup?.pinned).toHaveLength(250)
  for (const cid of cids) expect(isEverywhere(cluster, cid)).toBe(true)
  const given = cluster.given.get(cids[0] ?? '')
  expect(given?.name).toBe(`name of ${cids[0]}`)
  expect(given?.origins.length).toBeGreaterThan(0)
  expect(first.summary).toContain('### The cluster: 3 peers, 0 in trouble')

  const second = await mirror.run()
  expect(handedOver(second)).toEqual([])
  expect(second.report).toMatchObject({
    conclusion: 'ok',
    node: { pins: 250, replication: { pinned: 250, copies: [{ wanted: 2, cids: 250 }] } },
    backup: { missing: 0 },
  })
})

test('what is under way, in error or lost there is not given again; what is in error is recovered', async () => {
  const { mirror, cids } = await withMissing(5)
  await using _ = mirror
  const { cluster } = mirror
  const [whole = '', slow = '', failed = '', lost = '', fresh = ''] = cids
  for (const cid of [whole, slow, failed, lost]) cluster.pin(cid)
  const holderOf = (cid: string) => {
    const [holder] = cluster.holders(cid)
    if (holder === undefined) throw new Error('nobody has it')
    return holder
  }
  const slowly = holderOf(slow)
  slowly.set(slow, 'pinning', '', 1)
  holderOf(failed).set(failed, 'pin_error', 'context canceled', 1)
  holderOf(lost).lose(lost)
  const running = mirror.start({ inputs: { 'stall-timeout': '10m' } })
  await until(() => cluster.requests.some(({ query }) => query.has('filter')))
  slowly.set(slow, 'pinned')
  const ran = await running.ended
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    node: { pins: 1, replication: { pinned: 1, pinning: 1, failed: 1, lost: 1, partly: 0 } },
    backup: { missing: 4, failed: [], pending: [] },
  })
  expect(handedOver(ran)).toEqual([fresh])
  for (const cid of cids) expect(isEverywhere(cluster, cid)).toBe(true)
  const recovered = ran.asked.cluster.filter(({ path }) => path.endsWith('/recover'))
  expect(recovered.map(({ path }) => path.split('/')[2]).toSorted()).toEqual([failed, lost].toSorted())
})

test('what nobody has fails in the words of its peers, holds up nothing, and rests by the ledger', async () => {
  const { mirror, cids } = await withMissing(40)
  await using _ = mirror
  const { cluster } = mirror
  const lifeless = cids.slice(0, 3)
  for (const cid of lifeless) cluster.setFate(cid, dead)
  const inputs = { attempts: '2', 'stall-timeout': '5s' }
  const ran = await mirror.run({ inputs })
  expect(ran.report).toMatchObject({ conclusion: 'failed-pins', errors: [], backup: { missing: 40 } })
  expect(ran.report.backup?.failed.map(({ cid }) => cid).toSorted()).toEqual(lifeless.toSorted())
  for (const { reason } of ran.report.backup?.failed ?? [])
    expect(reason).toMatch(/no progress on peer-\d for as long as it waits/)
  expect(ran.report.backup?.pinned).toHaveLength(37)
  // One try is what was given, the other a recovery.
  const recoveries = (asked: typeof ran) =>
    asked.asked.cluster.filter(({ path }) => path.endsWith('/recover'))
  expect(recoveries(ran)).toHaveLength(3)

  const resting = await mirror.run({ inputs })
  expect(resting.report.backup).toMatchObject({ missing: 3, pinned: [] })
  expect(recoveries(resting)).toEqual([])

  mirror.endPauses()
  for (const cid of lifeless) cluster.setFate(cid, {})
  const later = await mirror.run({ inputs })
  expect(later.report).toMatchObject({ conclusion: 'ok', backup: { missing: 3, failed: [] } })
  expect(handedOver(later)).toEqual([])
})

test('what shows no change for stall-timeout is given up for now, and its peers are named', async () => {
  const { mirror, cids } = await withMissing(3)
  await using _ = mirror
  mirror.cluster.setFate(cids[0] ?? '', { afterMs: Number.POSITIVE_INFINITY })
  const ran = await mirror.run()
  expect(ran.report.backup).toMatchObject({ missing: 3, failed: [{ cid: cids[0] }], pending: [] })
  expect(ran.report.backup?.failed[0]?.reason).toMatch(
    /no change for 2 s: still being pinned on peer-\d, peer-\d/,
  )
})

test('a peer that dies in the middle is named, no CID is blamed, and the next run after its return finishes', async () => {
  const { mirror, cids, failures } = await withMissing(60, { cluster: { otherwise: { afterMs: 400 } } })
  await using _ = mirror
  const { cluster, github } = mirror
  const [, second] = cluster.peers
  if (second === undefined) throw new Error('there is no second peer')
  const running = mirror.start({ inputs: { concurrency: '4' } })
  await until(() => cluster.given.size > 10)
  second.state = 'gone'
  await until(() => cluster.given.size > 40)
  second.state = 'forgotten'
  const ran = await running.ended
  expect(ran.report).toMatchObject({
    conclusion: 'error',
    errors: [{ where: 'node', message: expect.stringContaining('peer-2 (') }],
    backup: { missing: 60, failed: [] },
  })
  expect(ran.report.errors[0]?.message).toContain('No CID is blamed')
  expect(ran.report.warnings).toContainEqual({
    where: 'peer peer-2',
    message: expect.stringContaining('has trouble, first seen on'),
  })
  const { pinned = [], pending = [] } = ran.report.backup ?? {}
  expect(pinned.length + pending.length).toBe(60)
  for (const { cid } of pinned) expect(isEverywhere(cluster, cid)).toBe(true)
  // Also what it had already: nobody can say so.
  for (const { cid } of pending) expect(cluster.given.get(cid)?.allocations).toContain(second.peerId)
  expect(failures()).toEqual([])
  expect(ran.report.node?.peers).toContainEqual({
    peerId: second.peerId,
    name: 'peer-2',
    trouble: 'the other peers do not see it',
    since: expect.any(String),
  })
  expect(github.issues).toMatchObject([{ state: 'open' }])
  expect(github.issues[0]?.body).toContain('1 peer of the cluster has trouble')
  expect(github.issues[0]?.body).toContain(second.peerId)

  const still = await mirror.run()
  expect(still.report).toMatchObject({ conclusion: 'error', backup: { failed: [] } })
  const since = (run: typeof ran) => run.report.node?.peers?.find(({ name }) => name === 'peer-2')?.since
  expect(since(still)).toBe(since(ran))

  second.state = 'up'
  const from = cluster.requests.length
  const returning = mirror.start({ inputs: { 'stall-timeout': '10m' } })
  await until(() => cluster.requests.slice(from).some(({ query }) => query.has('filter')))
  cluster.rebroadcast()
  const back = await returning.ended
  expect(back.report).toMatchObject({
    conclusion: 'ok',
    node: { peers: [{ trouble: null }, { trouble: null }, { trouble: null }] },
    backup: { failed: [], pending: [] },
  })
  for (const cid of cids) expect(isEverywhere(cluster, cid)).toBe(true)
  expect(github.issues).toMatchObject([{ state: 'closed' }])
})

test('a peer in trouble stays in the issue after a run that hangs before it looks at its peers again', async () => {
  const { mirror } = await withMissing(1)
  await using _ = mirror
  const { cluster, github } = mirror
  const [, second] = cluster.peers
  if (second === undefined) throw new Error('there is no second peer')
  await mirror.run()
  second.state = 'forgotten'
  await mirror.run()
  const [issue] = github.issues
  expect(issue?.body).toContain('1 peer of the cluster has trouble')
  mirror.service.bucket('photos').add({ cid: new Cids(2).next() })
  const ran = await mirror.run({ uncaught: 'the first pause never ends' })
  expect(ran.report).toMatchObject({ conclusion: 'error', backup: null })
  expect(issue?.body).toContain(second.peerId)
  expect(issue?.comments).toMatchObject([{ body: expect.not.stringContaining('peers of the cluster') }])
})

test('a peer whose Kubo is away fails all that it is given: it is named, and its CIDs are not', async () => {
  const { mirror, failures } = await withMissing(20)
  await using _ = mirror
  const { cluster } = mirror
  const [, second] = cluster.peers
  if (second === undefined) throw new Error('there is no second peer')
  second.kuboError =
    'Post "http://127.0.0.1:5001/api/v0/id": dial tcp 127.0.0.1:5001: connect: connection refused'
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({ conclusion: 'error', backup: { missing: 20, failed: [] } })
  expect(ran.report.errors[0]?.message).toMatch(/peer-2 \(its Kubo does not answer: .*connection refused/)
  expect(failures()).toEqual([])
  second.kuboError = undefined
  const back = await mirror.run()
  expect(back.report).toMatchObject({ conclusion: 'ok', backup: { failed: [], pending: [] } })
})

test('a peer that is full, or refuses all alike, is at fault itself; one refusal among successes is the CID’s', async () => {
  for (const [error, said] of [
    ['block put: write /data/ipfs/blocks/X: no space left on device', /peer-\d \(.*no space left on device/],
    ['merkledag: something is wrong with the store', /refuses what it is given: merkledag/],
  ] as const) {
    const { mirror, failures } = await withMissing(12, { cluster: { otherwise: { error } } })
    await using _ = mirror
    const ran = await mirror.run()
    expect(ran.report).toMatchObject({ conclusion: 'error', backup: { missing: 12, failed: [] } })
    expect(ran.report.errors[0]?.message).toMatch(said)
    expect(failures()).toEqual([])
  }
  const { mirror, cids } = await withMissing(12)
  await using _ = mirror
  mirror.cluster.setFate(cids[5] ?? '', { error: 'pin: unexpected EOF in a block' })
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({ conclusion: 'failed-pins', errors: [], backup: { missing: 12 } })
  expect(ran.report.backup?.failed).toMatchObject([{ cid: cids[5] }])
})

test('a cluster that takes nothing, and one that goes away, blame no CID', async () => {
  const { mirror, failures } = await withMissing(30)
  await using _ = mirror
  const { cluster } = mirror
  cluster.refuses = 'not enough peers to allocate CID. Needed at least: 2'
  const refused = await mirror.run({ inputs: { concurrency: '4' } })
  expect(refused.report).toMatchObject({ conclusion: 'error', backup: { missing: 30, failed: [] } })
  expect(refused.report.errors[0]?.message).toContain(
    'the cluster takes no CID that it is given: not enough peers',
  )
  expect(failures()).toEqual([])
  cluster.refuses = undefined

  const running = mirror.start({ inputs: { concurrency: '1' } })
  await until(() => cluster.given.size > 5)
  await cluster.stop()
  const ran = await running.ended
  expect(ran.report).toMatchObject({ conclusion: 'error', backup: { missing: 30, failed: [] } })
  expect(ran.report.errors[0]?.message).toContain(`the cluster at ${cluster.url} does not answer`)
  expect(failures()).toEqual([])
})

test('on SIGTERM, what is under way is left to the cluster', async () => {
  const { mirror, cids, failures } = await withMissing(20, {
    cluster: { otherwise: { afterMs: Number.POSITIVE_INFINITY } },
  })
  await using _ = mirror
  const { cluster } = mirror
  const running = mirror.start({ inputs: { 'stall-timeout': '1h' } })
  await until(() => cluster.given.size === cids.length)
  running.kill('SIGTERM')
  const ran = await running.endsInTime()
  expect(ran.report).toMatchObject({ conclusion: 'cancelled', backup: { missing: 20, failed: [] } })
  expect(ran.report.backup?.pending).toHaveLength(20)
  expect(failures()).toEqual([])
})

test('an update gives each CID the public addresses of the peers that hold it', async () => {
  const settle = () => ({ status: 'pinned' as const, after: { requests: 1 } })
  await using mirror = await Mirror.start({ cluster: {}, service: { settle } })
  const { cluster } = mirror
  const cids = new Cids(7)
  const whole = cids.take(9)
  const partly = cids.next()
  for (const cid of whole) cluster.pin(cid, `name of ${cid}`)
  cluster.pin(partly)
  cluster.holders(partly)[0]?.lose(partly)
  const ran = await mirror.run({ inputs: { direction: 'update', 'settle-timeout': '1s' } })
  expect(ran.report).toMatchObject({ conclusion: 'ok', update: { missing: 9, failed: [], pending: [] } })
  const sent = posted(ran) as unknown as readonly { cid: string; name: string; origins: readonly string[] }[]
  expect(sent.map(({ cid }) => cid).toSorted()).toEqual(whole.toSorted())
  for (const { cid, name, origins } of sent) {
    expect(name).toBe(`name of ${cid}`)
    expect(origins.toSorted()).toEqual(
      cluster
        .holders(cid)
        .map((peer) => peer.publicAddress)
        .toSorted(),
    )
  }
})

test('a cluster that tells of no pin, and has some, is not believed; nor is a list that ends in an error', async () => {
  const { mirror, cids } = await withMissing(4)
  await using _ = mirror
  const { cluster } = mirror
  for (const cid of cids) cluster.pin(cid)
  for (const peer of cluster.peers) peer.kuboError = 'connection refused'
  const silent = await mirror.run()
  expect(silent.report).toMatchObject({ conclusion: 'error', node: null })
  expect(silent.report.errors[0]?.message).toContain('has pins and tells the status of none')
  for (const peer of cluster.peers) peer.kuboError = undefined
  cluster.breakListing = 'the state is closed'
  const broken = await mirror.run()
  expect(broken.report).toMatchObject({ conclusion: 'error', node: null })
  expect(broken.report.errors[0]?.message).toContain('fails /pins: the state is closed')
  for (const ran of [silent, broken]) expect(handedOver(ran)).toEqual([])
})

test('the first pins of a cluster that come while it is listed are no fault of its peers', async () => {
  const { mirror, cids } = await withMissing(4)
  await using _ = mirror
  const { cluster } = mirror
  const [others = '', ...left] = cids
  // Another mirror of the same cluster, between the list of statuses and what tells an empty one from a silent one.
  cluster.intercept = ({ path }) => {
    if (path === '/allocations') cluster.pin(others)
    return undefined
  }
  const ran = await mirror.run()
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    errors: [],
    node: { pins: 1 },
    backup: { missing: 3 },
  })
  expect(handedOver(ran).toSorted()).toEqual(left.toSorted())
})

test('an authorization, and one clear error for what is of the wrong kind', async () => {
  const authorization = `Basic ${Buffer.from('mirror:secret-of-the-node').toString('base64')}`
  const { mirror, cids } = await withMissing(2, { cluster: { authorization } })
  await using _ = mirror
  const refused = await mirror.run()
  expect(refused.report.errors).toMatchObject([
    { where: 'node', message: expect.stringMatching(/refuses \/id \(status 401\).*node-authorization/) },
  ])
  const right = await mirror.run({ inputs: { 'node-authorization': 'basic:mirror:secret-of-the-node' } })
  expect(handedOver(right)).toHaveLength(cids.length)

  const asKubo = await mirror.run({ inputs: { 'node-kind': 'kubo' } })
  expect(asKubo.report.errors).toHaveLength(1)
  expect(asKubo.report.errors[0]?.message).toMatch(/is IPFS Cluster's REST API, and node-kind is kubo/)
  mirror.node.intercept = ({ path }) =>
    path.endsWith('/pin/ls')
      ? { status: 200, headers: { server: 'ipfs-cluster/ipfsproxy/1.1.6' }, body: '' }
      : undefined
  const atProxy = await mirror.run({ inputs: { 'node-kind': 'kubo', 'node-url': mirror.node.url } })
  expect(atProxy.report).toMatchObject({ conclusion: 'error', node: null })
  expect(atProxy.report.errors[0]?.message).toMatch(/is the IPFS proxy of an IPFS Cluster/)
  expect(atProxy.asked.node.filter(({ path }) => path.endsWith('/pin/add'))).toEqual([])
  mirror.node.intercept = undefined
  const asCluster = await mirror.run({ inputs: { 'node-url': mirror.node.url } })
  expect(asCluster.report.errors).toHaveLength(1)
  expect(asCluster.report.errors[0]?.message).toMatch(
    /is Kubo's RPC API, or a cluster's IPFS proxy.*node-kind/,
  )
})

test('a dry run changes nothing, and inspect tells how a CID stands on each peer', async () => {
  const { mirror, cids } = await withMissing(3)
  await using _ = mirror
  const { cluster } = mirror
  const [whole = '', failed = '', absent = ''] = cids
  cluster.pin(whole, 'of the cluster')
  cluster.pin(failed)
  cluster.holders(failed)[0]?.set(failed, 'pin_error', 'context canceled', 3)
  const dry = await mirror.run({ inputs: { 'dry-run': 'true', direction: 'both' } })
  expect(dry.report).toMatchObject({ conclusion: 'ok', backup: { missing: 2 }, update: { missing: 0 } })
  expect(dry.asked.cluster.filter(({ method }) => method !== 'GET')).toEqual([])

  const looked = await mirror.run({ inputs: { inspect: cids.join(' ') } })
  expect(looked.report.inspect).toMatchObject([
    {
      cid: whole,
      node: { pinned: { type: 'recursive', name: 'of the cluster' }, size: null, providers: null },
    },
    {
      cid: failed,
      node: { pinned: { type: 'none', reason: expect.stringContaining('failed (context canceled)') } },
    },
    { cid: absent, node: { pinned: { type: 'none', reason: null } } },
  ])
  expect(looked.summary).toContain('context canceled')
})

test('both directions in one run: what the cluster lacks is handed over, and what the service lacks is sent', async () => {
  const settle = () => ({ status: 'pinned' as const, after: { requests: 1 } })
  const { mirror, cids } = await withMissing(8, { service: { settle } })
  await using _ = mirror
  const { cluster } = mirror
  const own = new Cids(13).take(3)
  for (const cid of own) cluster.pin(cid, `name of ${cid}`)
  const ran = await mirror.run({ inputs: { direction: 'both', 'settle-timeout': '1s' } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    errors: [],
    backup: { missing: 8, failed: [], pending: [] },
    update: { missing: 3, failed: [], pending: [] },
  })
  expect(handedOver(ran).toSorted()).toEqual(cids.toSorted())
  expect(
    posted(ran)
      .map(({ cid }) => cid)
      .toSorted(),
  ).toEqual(own.toSorted())
})

test('one job a bucket against one cluster: each has a snapshot and an issue of its own', async () => {
  await using mirror = await Mirror.start({ cluster: {}, buckets: ['photos', 'films'] })
  const cids = new Cids(11)
  const [shared = '', photo = '', film = ''] = cids.take(3)
  const dying = cids.next()
  mirror.service.bucket('photos').addAll([{ cid: shared }, { cid: photo }, { cid: dying }])
  mirror.service.bucket('films').addAll([{ cid: shared }, { cid: film }])
  mirror.cluster.setFate(dying, dead)
  const of = (bucket: string) => ({
    inputs: {
      buckets: mirror.bucketLines.split('\n').find((line) => line.startsWith(`${bucket}=`)) ?? '',
      'cache-key': `ipfs-pin-mirror-${bucket}`,
    },
  })
  const [photos, films] = await Promise.all([mirror.run(of('photos')), mirror.run(of('films'))])
  expect(photos.report).toMatchObject({ conclusion: 'failed-pins', backup: { failed: [{ cid: dying }] } })
  expect(films.report).toMatchObject({ conclusion: 'ok', backup: { failed: [] } })
  for (const cid of [shared, photo, film]) expect(isEverywhere(mirror.cluster, cid)).toBe(true)
  expect(mirror.github.issues).toHaveLength(1)
  await sleep(0)
  const again = await Promise.all([mirror.run(of('photos')), mirror.run(of('films'))])
  expect(again[1].report).toMatchObject({ conclusion: 'ok', backup: { missing: 0 } })
  expect(mirror.github.issues).toHaveLength(1)
})

test('a CID whose text has a slash in it is handed over in a form that an address can hold', async () => {
  await using mirror = await Mirror.start({ cluster: { otherwise: { afterMs: 50 } } })
  const cid = new Cids(1).take(100).find((one) => CID.parse(one).toString(base64).includes('/')) ?? ''
  mirror.service.bucket('photos').add({ cid: CID.parse(cid).toString(base64) })
  const { report } = await mirror.run()
  expect(report).toMatchObject({ conclusion: 'ok', backup: { missing: 1, failed: [] } })
  expect(isEverywhere(mirror.cluster, cid)).toBe(true)
})
