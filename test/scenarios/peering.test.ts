import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { commands, Mirror, type Ran, until } from './mirror.ts'

const peers = [
  '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B',
  '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM',
] as const
const place = (index: number) => `/dns4/pin-${index}.example/tcp/4001`
const [known, unknown] = peers.map((peer, index) => `${place(index)}/p2p/${peer}`) as [string, string]
const foreign = { ID: '12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R', Addrs: ['/ip4/8.8.8.8/tcp/1'] }

/** The addresses that the node was told to peer with, at most one of a peer. */
const peeredIn = (ran: Ran) =>
  ran.asked.node.filter(({ path }) => path.endsWith('/peering/add')).map(({ query }) => query.get('arg'))

async function withDelegates(reachable?: (address: string) => boolean): Promise<Mirror> {
  const mirror = await Mirror.start({
    service: { delegates: () => [known, unknown] },
    ...(reachable && { node: { reachable } }),
  })
  const cid = new Cids(1).next()
  mirror.service.bucket('photos').add({ cid })
  mirror.node.pin(cid)
  mirror.node.config.write('Peering.Peers', JSON.stringify([foreign]), true)
  return mirror
}

test('`peering: report` peers with the known while the run lasts, and says who is connected', async () => {
  await using mirror = await withDelegates()
  mirror.node.swarm.peering.set(foreign.ID, foreign.Addrs)
  const ran = await mirror.run({ inputs: { delegates: known } })
  expect(peeredIn(ran)).toEqual([known])
  expect([...mirror.node.swarm.peering]).toEqual([[foreign.ID, foreign.Addrs]])
  expect(mirror.node.config.read('Peering.Peers')).toEqual([foreign])
  expect(ran.report.delegates).toMatchObject({
    peered: [{ peerId: peers[0], connected: true, answered: true }],
    saved: null,
  })
})

test('what a killed run left in the peering is taken away by the next, and nothing else', async () => {
  await using mirror = await withDelegates()
  mirror.node.swarm.peering.set(foreign.ID, foreign.Addrs)
  mirror.service.bucket('photos').add({ cid: new Cids(2).next() })
  mirror.node.intercept = ({ path }) => (path.endsWith('/pin/add') ? 'hang' : undefined)
  const run = mirror.start({ inputs: { delegates: known } })
  await until(() => mirror.node.requests.some(({ path }) => path.endsWith('/pin/add')))
  run.kill('SIGKILL')
  await run.ended
  expect(mirror.node.swarm.peering.size).toBe(3)

  mirror.node.intercept = undefined
  await mirror.run({ inputs: { delegates: known, 'dry-run': 'true' } })
  expect(mirror.node.swarm.peering.size).toBe(3)
  await mirror.run({ inputs: { delegates: known } })
  expect([...mirror.node.swarm.peering]).toEqual([[foreign.ID, foreign.Addrs]])
})

test.each(['SIGTERM', 'SIGHUP'] as const)(
  '%s: what the run added to the peering is taken away before it ends',
  async (signal) => {
    await using mirror = await withDelegates()
    mirror.node.swarm.peering.set(foreign.ID, foreign.Addrs)
    mirror.service.bucket('photos').add({ cid: new Cids(2).next() })
    mirror.node.intercept = ({ path }) => (path.endsWith('/pin/add') ? 'hang' : undefined)
    const run = mirror.start({ inputs: { delegates: known } })
    await until(() => mirror.node.requests.some(({ path }) => path.endsWith('/pin/add')))
    run.kill(signal)
    const ran = await run.endsInTime()
    expect(ran.exitCode).toBe(1)
    expect(ran.report).toMatchObject({ conclusion: 'cancelled', errors: [] })
    expect(ran.summary).toContain('## ⏹️ Cancelled')
    expect([...mirror.node.swarm.peering]).toEqual([[foreign.ID, foreign.Addrs]])
  },
)

test('a node that is not to be peered is said, and pinned on all the same', async () => {
  await using mirror = await withDelegates()
  const cid = new Cids(3).next()
  mirror.service.bucket('photos').add({ cid })
  mirror.node.intercept = ({ path }) =>
    path.includes('/peering/') ? { status: 403, body: '403 - Forbidden' } : undefined
  const ran = await mirror.run({ inputs: { delegates: known } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    backup: { pinned: [{ cid }] },
    warnings: [{ where: 'peering', message: expect.stringContaining('allow `/api/v0/swarm/peering`') }],
  })
  const asked = await mirror.run({ inputs: { delegates: known, peering: 'connect' } })
  expect(asked.report).toMatchObject({ conclusion: 'error', errors: [{ where: 'peering' }] })
})

test('`peering: connect` peers with known and unknown delegates, and leaves the config alone', async () => {
  await using mirror = await withDelegates()
  const ran = await mirror.run({ inputs: { delegates: known, peering: 'connect' } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    delegates: {
      unknown: [{ peerId: peers[1] }],
      peered: [
        { peerId: peers[0], connected: true, reason: null },
        { peerId: peers[1], connected: true, reason: null },
      ],
      saved: null,
    },
  })
  expect(commands(ran)).toContain('swarm/peering/add')
  expect(commands(ran)).not.toContain('config')
  expect(mirror.node.config.read('Peering.Peers')).toEqual([foreign])
})

test('`peering: save` writes what the config lacks once, and leaves the entries of others as they are', async () => {
  await using mirror = await withDelegates((address) => !address.includes('pin-1'))
  const inputs = { delegates: known, peering: 'save' }
  const first = await mirror.run({ inputs })
  const config = mirror.node.config.read('Peering.Peers')
  expect(config).toEqual([foreign, { ID: peers[1], Addrs: [place(1)] }, { ID: peers[0], Addrs: [place(0)] }])
  expect(first.report.delegates).toMatchObject({
    saved: { isWritten: true, added: 2, extended: 0, removed: 0 },
    peered: [
      { peerId: peers[0], connected: true },
      { peerId: peers[1], connected: false, reason: expect.stringContaining('all dials failed') },
    ],
  })
  for (const part of ['The node’s config got 2 peers', '1 of 2 delegates connected', 'all dials failed'])
    expect(first.summary).toContain(part)

  const second = await mirror.run({ inputs })
  expect(mirror.node.config.read('Peering.Peers')).toEqual(config)
  expect(second.report.delegates.saved).toEqual({ isWritten: false, added: 0, extended: 0, removed: 0 })
  const writes = second.asked.node.filter(
    ({ path, query }) => path.endsWith('/config') && query.getAll('arg').length > 1,
  )
  expect(writes).toEqual([])
})

test('a dry run peers with nobody', async () => {
  await using mirror = await withDelegates()
  const ran = await mirror.run({ inputs: { delegates: known, peering: 'save', 'dry-run': 'true' } })
  expect(commands(ran).toSorted()).toEqual(['id', 'pin/ls', 'version'])
  expect(mirror.node.config.read('Peering.Peers')).toEqual([foreign])
})

test('known delegates that do not answer in a whole run are said: the list may be out of date', async () => {
  await using mirror = await withDelegates((address) => address.includes('pin-1'))
  const ran = await mirror.run({ inputs: { delegates: `${known}\n${unknown}` } })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    delegates: {
      peered: [
        { peerId: peers[0], connected: false, answered: false },
        { peerId: peers[1], connected: true, answered: true },
      ],
    },
  })
  expect(ran.summary).toContain('Check 1 delegate that did not answer')
  expect(ran.summary).toContain('out of date')
})

test('an address that changed under a known peer is said, and no alarm', async () => {
  await using mirror = await withDelegates()
  const elsewhere = `/ip4/93.184.216.34/tcp/4001/p2p/${peers[0]}`
  const ran = await mirror.run({ inputs: { delegates: `${elsewhere}\n${unknown}` } })
  expect(ran.report.delegates).toMatchObject({
    known: [{ peerId: peers[0], otherAddrs: [known] }, { otherAddrs: [] }],
    unknown: [],
  })
  expect(ran.summary).toContain('### Known delegates at other addresses')
  expect(mirror.github.issues).toEqual([])
})

test('a delegate that appears in the middle of a listing of 5,000 keeps the issue open until it is named', async () => {
  let isNew = (_index: number) => false
  const cids = new Cids(2).take(5000)
  const place = new Map(cids.map((cid, index) => [cid, index]))
  await using mirror = await Mirror.start({
    service: { delegates: ({ cid }) => (isNew(place.get(cid) ?? -1) ? [known, unknown] : [known]) },
  })
  mirror.service
    .bucket('photos')
    .addAll(cids.map((cid, index) => ({ cid, created: 1.7e12 + index * 2000, name: `name ${index}` })))
  for (const cid of cids) mirror.node.pin(cid)
  isNew = (index) => index >= 2500 && index < 2600
  const ran = await mirror.run({ inputs: { delegates: known } })
  const [seen] = ran.report.delegates.unknown
  expect(seen).toMatchObject({ peerId: peers[1], addrs: [unknown], buckets: ['photos'] })
  expect(seen?.firstSeenAt).toBe(seen?.lastSeenAt)
  expect(place.get(seen?.exampleCid ?? '')).toSatisfy((index: number) => index >= 2500 && index < 2600)
  expect(ran.outputs['unknown-delegates']).toBe('1')
  const [issue] = mirror.github.issues
  expect(issue?.state).toBe('open')
  for (const text of [ran.summary, issue?.body])
    for (const part of [peers[1], 'known so far', 'Peering']) expect(text).toContain(part)

  const still = await mirror.run({ inputs: { delegates: known } })
  expect(still.report.delegates.unknown).toHaveLength(1)
  expect(issue?.state).toBe('open')

  const named = await mirror.run({ inputs: { delegates: `${known}\n${unknown}` } })
  expect(named.report.delegates.unknown).toEqual([])
  expect(issue?.state).toBe('closed')
})
