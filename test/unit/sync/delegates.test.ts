import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { Http } from '../../../src/http.ts'
import { Kubo } from '../../../src/node/kubo.ts'
import { DelegateConnector } from '../../../src/sync/delegates.ts'
import { type SandboxKubo, startKubo } from '../../sandbox/kubo.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
afterEach(() => vi.useRealTimers())

const never = new AbortController().signal
const alice = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const bob = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'
const addressOf = (peerId: string, port = 4001) => `/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`
const known = (peerId: string, ...ports: number[]) => ({
  peerId,
  addrs: ports.map((port) => addressOf(peerId, port)),
})

const connectorOf = (server: SandboxKubo, delegates: readonly ReturnType<typeof known>[] = []) =>
  new DelegateConnector(new Kubo({ http, url: new URL(server.url), authorization: undefined }), delegates)

const dials = (server: SandboxKubo) =>
  server.requests
    .filter(({ path }) => path === '/api/v0/swarm/connect')
    .map(({ query }) => query.get('arg') ?? '')

/** Waits for what happens in the background, with a pause that shows what should not happen. */
const settle = () => sleep(100)

test('connects the known delegates by the first of their addresses that answers', async () => {
  await using server = await startKubo({ reachable: (address) => !address.includes('/tcp/4001/') })
  using delegates = connectorOf(server, [known(alice, 4001, 4002, 4003), known(bob, 4001)])
  await delegates.connectKnown(never)
  expect([...server.swarm.connected.keys()]).toEqual([alice])
  expect(dials(server).filter((address) => address.includes(alice))).toEqual([
    addressOf(alice, 4001),
    addressOf(alice, 4002),
  ])
  expect(delegates.known).toEqual([
    { peerId: alice, connected: true, reason: null, answered: true },
    { peerId: bob, connected: false, reason: expect.stringContaining('all dials failed'), answered: false },
  ])
})

test('does not dial who is connected', async () => {
  await using server = await startKubo()
  server.swarm.connected.set(alice, '/ip4/127.0.0.1/tcp/4001')
  using delegates = connectorOf(server, [known(alice, 4001)])
  await delegates.connectKnown(never)
  expect(dials(server)).toEqual([])
  expect(delegates.known).toEqual([{ peerId: alice, connected: true, reason: null, answered: true }])
})

test('dials a known delegate again when it has dropped', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  await using server = await startKubo()
  using delegates = connectorOf(server, [known(alice, 4001)])
  await delegates.connectKnown(never)
  vi.advanceTimersByTime(30_000)
  await settle()
  expect(dials(server)).toHaveLength(1)
  server.swarm.disconnect(alice)
  vi.advanceTimersByTime(30_000)
  await vi.waitFor(() => expect(server.swarm.connected.has(alice)).toBe(true))
  expect(dials(server)).toHaveLength(2)
})

test('waits no longer than it may for a dial that hangs', async () => {
  await using server = await startKubo()
  server.intercept = ({ path }) => (path === '/api/v0/swarm/connect' ? 'hang' : undefined)
  using delegates = connectorOf(server, [known(alice, 4001)])
  await delegates.connectKnown(never, 50)
  expect(delegates.known).toMatchObject([{ connected: false }])
})

test('waits no longer when the run is cancelled', async () => {
  await using server = await startKubo()
  server.intercept = () => 'hang'
  using delegates = connectorOf(server, [known(alice, 4001)])
  await delegates.connectKnown(AbortSignal.timeout(50), 600_000)
  expect(server.requests).not.toEqual([])
})

test('goes on where the node tells nothing of its peers', async () => {
  await using server = await startKubo()
  server.intercept = () => ({ status: 403, body: '403 - Forbidden' })
  using delegates = connectorOf(server, [known(alice, 4001)])
  await delegates.connectKnown(never)
  expect(delegates.known).toEqual([
    {
      peerId: alice,
      connected: false,
      reason: expect.stringContaining('/api/v0/swarm/peers'),
      answered: false,
    },
  ])
})

test('dials the delegates of a request once, however many pins name them', async () => {
  await using server = await startKubo()
  using delegates = connectorOf(server)
  for (let pin = 0; pin < 50; pin++) delegates.connectFor([addressOf(alice), addressOf(bob)])
  await vi.waitFor(() => expect([...server.swarm.connected.keys()].sort()).toEqual([alice, bob].sort()))
  delegates.connectFor([addressOf(alice), addressOf(bob)])
  await settle()
  expect(dials(server)).toHaveLength(2)
})

test('does not dial again at once who could not be reached', async () => {
  await using server = await startKubo({ reachable: () => false })
  using delegates = connectorOf(server)
  delegates.connectFor([addressOf(alice)])
  await vi.waitFor(() => expect(dials(server)).toHaveLength(1))
  await settle()
  delegates.connectFor([addressOf(alice)])
  await settle()
  expect(dials(server)).toHaveLength(1)
})

test('skips what is no address of a peer', async () => {
  await using server = await startKubo()
  using delegates = connectorOf(server)
  const bad = ['', 'not a multiaddr', '/ip4/127.0.0.1/tcp/4001', '/ip4/127.0.0.1/tcp/4001/p2p/nobody']
  delegates.connectFor([...bad, addressOf(alice)])
  await vi.waitFor(() => expect(dials(server)).toEqual([addressOf(alice)]))
})

test('dials no more of a request than the specification allows it to name, and few at a time', async () => {
  await using server = await startKubo()
  let open = 0
  let most = 0
  server.intercept = () => {
    most = Math.max(most, ++open)
    return 'hang'
  }
  using delegates = connectorOf(server)
  const many = Array.from({ length: 5000 }, (_, port) => addressOf(alice, port % 65_000))
  delegates.connectFor(many)
  await settle()
  expect(dials(server)).toEqual([addressOf(alice, 0)])
  expect(most).toBe(1)
})

test('ends its dials when it is disposed of', async () => {
  await using server = await startKubo()
  server.intercept = () => 'hang'
  const delegates = connectorOf(server)
  delegates.connectFor([addressOf(alice)])
  await vi.waitFor(() => expect(dials(server)).toHaveLength(1))
  delegates[Symbol.dispose]()
  delegates.connectFor([addressOf(bob)])
  await settle()
  expect(dials(server)).toHaveLength(1)
})
