import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { DelegateConnector, type DelegateOptions } from '../../../src/delegates/connector.ts'
import { NodePeering } from '../../../src/delegates/node-peering.ts'
import { isPublicMultiaddr } from '../../../src/domain/public-multiaddr.ts'
import { Http } from '../../../src/http/http.ts'
import { Kubo } from '../../../src/node/kubo/kubo.ts'
import { PeeringBook } from '../../../src/snapshot/peering-book.ts'
import { peerIds } from '../../sandbox/identity.ts'
import { type SandboxKubo, startKubo } from '../../sandbox/kubo.ts'
import { emptySnapshot } from '../snapshot-file/empty.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
afterEach(() => vi.useRealTimers())

const never = new AbortController().signal
const [alice, bob, carol] = peerIds(3) as [string, string, string]
const place = (port: number) => `/ip4/127.0.0.1/tcp/${port}`
const addressOf = (peerId: string, port = 4001) => `${place(port)}/p2p/${peerId}`
const known = (peerId: string, ...ports: number[]) => ({
  peerId,
  addrs: ports.map((port) => addressOf(peerId, port)),
  isTold: true,
})

interface Given extends Partial<DelegateOptions> {
  readonly stays?: boolean
  readonly book?: PeeringBook
}

function connectorOf(server: SandboxKubo, given: Given = {}): DelegateConnector {
  const { stays = false, book = new PeeringBook(emptySnapshot(), server.peerId), ...options } = given
  const node = new Kubo({ http, url: new URL(server.url), authorization: undefined })
  return new DelegateConnector(node, {
    self: server.peerId,
    peering: new NodePeering(node, book, stays),
    wanted: [],
    mayDial: () => true,
    onFault: (_, error) => {
      throw error
    },
    cancel: never,
    ...options,
  })
}

const asked = (server: SandboxKubo, command: string) =>
  server.requests.filter(({ path }) => path === `/api/v0/${command}`).map(({ query }) => query.getAll('arg'))
const dials = (server: SandboxKubo) => asked(server, 'swarm/connect')
const additions = (server: SandboxKubo) => asked(server, 'swarm/peering/add')

/** Waits for what happens in the background, with a pause that shows what should not happen. */
const settle = () => sleep(100)

describe('the known delegates', () => {
  test('are peered with by all their addresses before the first of them is dialled', async () => {
    await using server = await startKubo({ reachable: (address) => !address.includes('/tcp/4001/') })
    await using delegates = connectorOf(server, { wanted: [known(alice, 4001, 4002), known(bob, 4001)] })
    await delegates.start(never)
    expect(server.swarm.peering).toEqual(
      new Map([
        [alice, [place(4001), place(4002)]],
        [bob, [place(4001)]],
      ]),
    )
    expect(dials(server)).toHaveLength(2)
    expect(dials(server)).toContainEqual([addressOf(alice, 4001), addressOf(alice, 4002)])
    const commands = server.requests.map(({ path }) => path)
    expect(commands.lastIndexOf('/api/v0/swarm/peering/add')).toBeLessThan(
      commands.indexOf('/api/v0/swarm/connect'),
    )
    expect(delegates.wanted).toEqual([
      { peerId: alice, connected: true, reason: null, answered: true },
      { peerId: bob, connected: false, reason: expect.stringContaining('all dials failed'), answered: false },
    ])
  })

  test('are not dialled where they are connected', async () => {
    await using server = await startKubo()
    server.swarm.connected.set(alice, place(4001))
    await using delegates = connectorOf(server, { wanted: [known(alice, 4001)] })
    await delegates.start(never)
    expect(dials(server)).toEqual([])
    expect(server.swarm.peering.has(alice)).toBe(true)
    expect(delegates.wanted).toEqual([{ peerId: alice, connected: true, reason: null, answered: true }])
  })

  test('are peered with and dialled again when they are gone, as when the daemon was restarted', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await using server = await startKubo()
    await using delegates = connectorOf(server, { wanted: [known(alice, 4001)] })
    await delegates.start(never)
    vi.advanceTimersByTime(30_000)
    await settle()
    expect(dials(server)).toHaveLength(1)
    expect(additions(server)).toHaveLength(1)
    server.swarm.peering.delete(alice)
    server.swarm.disconnect(alice)
    vi.advanceTimersByTime(30_000)
    await vi.waitFor(() => expect(server.swarm.connected.has(alice)).toBe(true), 20_000)
    expect(server.swarm.peering.has(alice)).toBe(true)
    expect(dials(server)).toHaveLength(2)
  })

  test.each(['swarm/connect', 'swarm/peering/add', 'swarm/peers'])(
    'hold up nobody whose %s hangs',
    async (command) => {
      await using server = await startKubo()
      server.intercept = ({ path }) => (path === `/api/v0/${command}` ? 'hang' : undefined)
      const cancel = AbortSignal.timeout(50)
      const onFault = () => undefined
      await using delegates = connectorOf(server, { wanted: [known(alice, 4001)], cancel, onFault })
      await delegates.start(never, 50)
      expect(delegates.wanted).toMatchObject([{ connected: false }])
    },
  )

  test('are waited for no longer when the run is cancelled', async () => {
    await using server = await startKubo()
    const cancel = new AbortController()
    server.intercept = () => {
      cancel.abort()
      return 'hang'
    }
    await using delegates = connectorOf(server, { wanted: [known(alice, 4001)], cancel: cancel.signal })
    await delegates.start(cancel.signal, 600_000)
    expect(cancel.signal.aborted).toBe(true)
  })

  test('are told with the reason where the node does not tell of its peers', async () => {
    await using server = await startKubo()
    server.intercept = () => ({ status: 403, body: '403 - Forbidden' })
    const faults: unknown[] = []
    const onFault = (where: string, error: unknown) => faults.push([where, (error as Error).name])
    const delegates = connectorOf(server, { wanted: [known(alice, 4001)], onFault })
    await delegates.start(never)
    expect(delegates.wanted).toEqual([
      {
        peerId: alice,
        connected: false,
        reason: expect.stringContaining('/api/v0/swarm/pe'),
        answered: false,
      },
    ])
    await delegates[Symbol.asyncDispose]()
    expect(faults).toEqual([['peering', 'NodeError']])
  })

  test('are peered with where the node does not say whom it is connected to', async () => {
    await using server = await startKubo()
    server.intercept = ({ path }) =>
      path === '/api/v0/swarm/peers' ? { status: 403, body: '403 - Forbidden' } : undefined
    await using delegates = connectorOf(server, { wanted: [known(alice, 4001)] })
    await delegates.start(never)
    expect(server.swarm.peering.get(alice)).toEqual([place(4001)])
    expect(delegates.wanted).toMatchObject([{ reason: expect.stringContaining('/api/v0/swarm/peers') }])
  })

  test('keep the reason of their dials where a later look fails', async () => {
    await using server = await startKubo({ reachable: () => false })
    await using delegates = connectorOf(server, { wanted: [known(alice, 4001)] })
    await delegates.start(never)
    server.intercept = ({ path }) =>
      path === '/api/v0/swarm/peers' ? { status: 403, body: '403 - Forbidden' } : undefined
    delegates.lookAgain()
    await vi.waitFor(() => expect(server.requests.at(-1)?.status).toBe(403), 20_000)
    await settle()
    expect(delegates.wanted).toMatchObject([{ reason: expect.stringContaining('all dials failed') }])
  })

  test('are peered with and dialled at once where the node is known to have been gone', async () => {
    await using server = await startKubo()
    await using delegates = connectorOf(server, { wanted: [known(alice, 4001)] })
    await delegates.start(never)
    server.swarm.peering.delete(alice)
    server.swarm.disconnect(alice)
    delegates.lookAgain()
    await vi.waitFor(() => expect(server.swarm.connected.has(alice)).toBe(true), 20_000)
    expect(server.swarm.peering.has(alice)).toBe(true)
  })

  test('are told as peered with only where the node took their addresses', async () => {
    await using server = await startKubo()
    server.intercept = ({ path, query }) =>
      path === '/api/v0/swarm/peering/add' && query.get('arg')?.includes(bob) ? 'hang' : undefined
    const cancel = new AbortController()
    await using delegates = connectorOf(server, {
      wanted: [known(alice, 4001), known(bob, 4001)],
      cancel: cancel.signal,
      onFault: () => undefined,
    })
    await delegates.start(never, 500)
    await vi.waitFor(() => expect(server.swarm.peering.has(alice)).toBe(true), 20_000)
    await settle()
    expect(delegates.peered.map(({ peerId }) => peerId)).toEqual([alice])
    cancel.abort()
  })

  test('are left out where only the service names them, and by their ID alone', async () => {
    await using server = await startKubo()
    const named = { peerId: alice, addrs: [`/p2p/${alice}`], isTold: false }
    await using delegates = connectorOf(server, { wanted: [named] })
    await delegates.start(never)
    await delegates.peerFor([`/p2p/${bob}`], never)
    await settle()
    expect(additions(server)).toEqual([])
    expect(dials(server)).toEqual([])
  })

  test('are peered with and dialled by the addresses that Kubo can read', async () => {
    await using server = await startKubo()
    const unreadable = '/garlic64/jT'
    const some = { peerId: alice, addrs: [unreadable, place(1), place(2)], isTold: true }
    const none = { peerId: bob, addrs: [unreadable], isTold: true }
    await using delegates = connectorOf(server, { wanted: [some, none, known(carol, 1)] })
    await delegates.start(never)
    expect(server.swarm.peering.get(alice)).toEqual([place(1), place(2)])
    expect(server.swarm.peering.has(bob)).toBe(false)
    expect(delegates.peered.map(({ peerId }) => peerId)).toEqual([alice, carol])
    expect(delegates.wanted).toMatchObject([
      { peerId: alice, connected: true },
      { peerId: bob, connected: false, reason: expect.stringContaining('garlic64') },
      { peerId: carol, connected: true },
    ])
    expect(dials(server).flat().join()).not.toContain(bob)
  })

  test('are not the node itself', async () => {
    await using server = await startKubo()
    await using delegates = connectorOf(server, { wanted: [known(server.peerId, 1), known(alice, 1)] })
    await delegates.start(never)
    expect([...server.swarm.peering.keys()]).toEqual([alice])
  })

  test('are found by the ID where the user gives no address', async () => {
    await using server = await startKubo()
    const told = { peerId: alice, addrs: [`/p2p/${alice}`], isTold: true }
    await using delegates = connectorOf(server, { wanted: [told] })
    await delegates.start(never)
    expect(additions(server)).toEqual([[`/p2p/${alice}`]])
    expect(dials(server)).toEqual([[`/p2p/${alice}`]])
  })
})

describe('the delegates of a request', () => {
  test('are peered with when its pin begins, and dialled once, however many pins name them', async () => {
    await using server = await startKubo()
    await using delegates = connectorOf(server)
    const list = [addressOf(alice), addressOf(bob)]
    await delegates.peerFor(list, never)
    expect([...server.swarm.peering.keys()].sort()).toEqual([alice, bob].sort())
    for (let pin = 0; pin < 50; pin++) await delegates.peerFor(pin % 2 === 0 ? list : [...list], never)
    await vi.waitFor(() => expect(server.swarm.connected.size).toBe(2), 20_000)
    await settle()
    expect(dials(server)).toHaveLength(2)
    expect(additions(server)).toHaveLength(2)
  })

  test('are waited for by all pins that name them', async () => {
    await using server = await startKubo()
    server.intercept = ({ path }) => (path.endsWith('/peering/add') ? { delayMs: 300 } : undefined)
    await using delegates = connectorOf(server)
    const list = [addressOf(alice)]
    const first = delegates.peerFor(list, never)
    await delegates.peerFor(list, never)
    expect(server.swarm.peering.has(alice)).toBe(true)
    await first
  })

  test('cost nothing where a million pins name the same', async () => {
    await using server = await startKubo()
    await using delegates = connectorOf(server)
    const list = [addressOf(alice)]
    await delegates.peerFor(list, never)
    await delegates.peerFor(list, never)
    const seen = new Set<Promise<void>>()
    for (let pin = 0; pin < 1_000_000; pin++) seen.add(delegates.peerFor(list, never))
    expect(seen.size).toBe(1)
  })

  test('hold up no pin that is given up, nor one whose node does not answer', async () => {
    await using server = await startKubo()
    server.intercept = () => 'hang'
    const cancel = new AbortController()
    await using delegates = connectorOf(server, { cancel: cancel.signal, onFault: () => undefined })
    await delegates.peerFor([addressOf(alice)], AbortSignal.timeout(50))
    await delegates.peerFor([addressOf(alice)], never)
    cancel.abort()
  })

  test('are not dialled again at once where they could not be reached', async () => {
    await using server = await startKubo({ reachable: () => false })
    await using delegates = connectorOf(server)
    await delegates.peerFor([addressOf(alice)], never)
    await vi.waitFor(() => expect(dials(server)).toHaveLength(1), 20_000)
    await settle()
    await delegates.peerFor([addressOf(alice)], never)
    await settle()
    expect(dials(server)).toHaveLength(1)
  })

  test('are dialled at once at an address that is new', async () => {
    await using server = await startKubo({ reachable: (address) => address.includes('/tcp/2/') })
    await using delegates = connectorOf(server, { wanted: [known(alice, 1)] })
    await delegates.start(never)
    await delegates.peerFor([addressOf(alice, 2)], never)
    await vi.waitFor(() => expect(server.swarm.connected.has(alice)).toBe(true), 20_000)
    expect(server.swarm.peering.get(alice)).toEqual([place(1), place(2)])
  })

  test('are none where nothing names a peer', async () => {
    await using server = await startKubo()
    await using delegates = connectorOf(server)
    const bad = ['', 'not a multiaddr', '/ip4/127.0.0.1/tcp/4001', '/ip4/127.0.0.1/tcp/4001/p2p/nobody']
    await delegates.peerFor([...bad, addressOf(alice)], never)
    expect([...server.swarm.peering.keys()]).toEqual([alice])
  })

  test('are left out where they lead elsewhere than to the Internet, unless the user named them', async () => {
    await using server = await startKubo()
    const told = known(bob, 22)
    await using delegates = connectorOf(server, {
      wanted: [told, { ...known(carol, 5), isTold: false }],
      mayDial: isPublicMultiaddr,
    })
    await delegates.start(never)
    const bad = [
      '/ip4/169.254.169.254/tcp/80',
      '/ip4/127.0.0.1/tcp/22',
      '/ip4/10.0.0.1/tcp/445',
      '/dns4/nas/tcp/1',
    ]
    const good = `/ip4/93.184.216.34/tcp/4001/p2p/${alice}`
    const list = [...bad.map((address) => `${address}/p2p/${alice}`), good]
    await delegates.peerFor(list, never)
    await delegates.peerFor([`${bad[0]}/p2p/${carol}`], never)
    await vi.waitFor(() => expect(dials(server)).toHaveLength(2), 20_000)
    await settle()
    expect(dials(server)).toEqual([told.addrs, [good]])
    expect(additions(server)).toEqual([told.addrs, [good]])
    expect(delegates.leftOut).toEqual({ peers: 0, notPublic: 6 })
    expect(delegates.wanted.map(({ peerId }) => peerId)).toEqual([bob])
  })

  test('have bounds, whatever a service says', async () => {
    await using server = await startKubo()
    let most = 0
    server.intercept = ({ path }) => {
      if (path !== '/api/v0/swarm/connect') return undefined
      const open = server.requests.filter((one) => one.path === path && one.status === undefined)
      most = Math.max(most, open.length)
      return { delayMs: 50 }
    }
    await using delegates = connectorOf(server, { wanted: [known(alice, 4001)] })
    for (let from = 0; from < 5000; from += 100)
      await delegates.peerFor(
        Array.from({ length: 100 }, (_, port) => addressOf(alice, from + port)),
        never,
      )
    expect(server.swarm.peering.get(alice)?.length).toBe(20)
    const ids = peerIds(1100)
    for (let from = 0; from < ids.length; from += 20)
      await delegates.peerFor(
        ids.slice(from, from + 20).map((peerId) => addressOf(peerId)),
        never,
      )
    expect(server.swarm.peering.size).toBe(1000)
    expect(delegates.leftOut).toMatchObject({ peers: 100 })
    expect(most).toBe(8)
  })
})

describe('news of a peer', () => {
  test('come when it is connected and peered with, once for all that come together', async () => {
    await using server = await startKubo()
    server.swarm.connected.set(alice, place(4001))
    await using delegates = connectorOf(server)
    let news = 0
    let cameLast = 0
    using _ = delegates.onNewPeer((came) => {
      news++
      cameLast = came
    })
    await delegates.peerFor([addressOf(alice), addressOf(bob)], never)
    await vi.waitFor(() => expect(news).toBe(1), 20_000)
    await sleep(400)
    expect(news).toBe(1)
    const before = performance.now()
    await delegates.peerFor([addressOf(carol)], never)
    await vi.waitFor(() => expect(news).toBe(2), 20_000)
    // What begins while the news is held back needs no other start.
    expect(cameLast).toBeGreaterThan(before)
    expect(performance.now() - cameLast).toBeGreaterThanOrEqual(200)
  })

  test('come not of one that can not be reached, nor to who wants none any more', async () => {
    await using server = await startKubo({ reachable: (address) => !address.includes(alice) })
    await using delegates = connectorOf(server)
    let news = 0
    const listening = delegates.onNewPeer(() => news++)
    await delegates.peerFor([addressOf(alice)], never)
    await sleep(400)
    listening[Symbol.dispose]()
    await delegates.peerFor([addressOf(bob)], never)
    await sleep(400)
    expect(news).toBe(0)
  })
})

describe('the end', () => {
  test('takes away what was added, and leaves what was there', async () => {
    await using server = await startKubo()
    server.swarm.peering.set(bob, [place(9)])
    const delegates = connectorOf(server, { wanted: [known(alice, 1), known(bob, 1)] })
    await delegates.start(never)
    await delegates.peerFor([addressOf(carol)], never)
    expect([...server.swarm.peering.keys()].sort()).toEqual([alice, bob, carol].sort())
    await delegates[Symbol.asyncDispose]()
    expect([...server.swarm.peering]).toEqual([[bob, [place(9)]]])
    await delegates.peerFor([addressOf(alice)], never)
    await settle()
    expect(server.swarm.peering.has(alice)).toBe(false)
  })

  test('leaves all of it where it is to stay', async () => {
    await using server = await startKubo()
    const delegates = connectorOf(server, { wanted: [known(alice, 1)], stays: true })
    await delegates.start(never)
    await delegates.peerFor([addressOf(carol)], never)
    await delegates[Symbol.asyncDispose]()
    expect([...server.swarm.peering.keys()].sort()).toEqual([alice, carol].sort())
  })

  test('comes at once for all dials that wait, and counts what the node was told just now', async () => {
    await using server = await startKubo()
    server.intercept = ({ path }) => {
      if (path.endsWith('/swarm/connect')) return 'hang'
      return path.endsWith('/peering/add') ? { delayMs: 200 } : undefined
    }
    const delegates = connectorOf(server, { wanted: peerIds(30).map((peerId) => known(peerId, 1)) })
    await delegates.start(never, 20)
    await vi.waitFor(() => expect(additions(server)).not.toEqual([]), 20_000)
    await delegates[Symbol.asyncDispose]()
    expect(server.swarm.peering.size).toBe(0)
  })

  test('is in time where the node does not answer any more, and the next run does the rest', async () => {
    await using server = await startKubo()
    const book = new PeeringBook(emptySnapshot(), server.peerId)
    const cancel = new AbortController()
    const faults: unknown[] = []
    const onFault = (where: string) => faults.push(where)
    const delegates = connectorOf(server, { wanted: [known(alice, 1)], book, cancel: cancel.signal, onFault })
    await delegates.start(never)
    server.intercept = () => 'hang'
    cancel.abort()
    await delegates[Symbol.asyncDispose]()
    expect(faults).toEqual(['end'])
    expect(server.swarm.peering.has(alice)).toBe(true)
    server.intercept = undefined
    await using next = connectorOf(server, { book })
    await next.start(never)
    expect(server.swarm.peering.size).toBe(0)
  })
})
