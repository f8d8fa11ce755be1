import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { Http } from '../../../src/http.ts'
import { Kubo } from '../../../src/node/kubo.ts'
import { peerWith } from '../../../src/sync/peering.ts'
import { rpcFailure, type SandboxKubo, startKubo } from '../../sandbox/kubo.ts'
import type { RecordedRequest } from '../../sandbox/server.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const alice = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const bob = '12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM'
const carol = '12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R'
const at = (port: number) => `/ip4/127.0.0.1/tcp/${port}`
const delegate = (peerId: string, ...ports: number[]) => ({
  peerId,
  addrs: ports.map((port) => `${at(port)}/p2p/${peerId}`),
})
const connected = (peerId: string) => ({ peerId, connected: true, reason: null, answered: true })
const unreadable = '/garlic64/jT'

const nodeOf = (server: SandboxKubo) => new Kubo({ http, url: new URL(server.url), authorization: undefined })
const peer = (
  server: SandboxKubo,
  delegates: readonly ReturnType<typeof delegate>[],
  mode: 'connect' | 'save' = 'connect',
) => peerWith(nodeOf(server), delegates, mode, never)

/** The commands that change something, or dial, in their order. */
const deeds = (server: SandboxKubo) =>
  server.requests
    .map(({ path, query }) => [path.slice('/api/v0/'.length), query.getAll('arg')] as const)
    .filter(([command, args]) => /add|connect/.test(command) || (command === 'config' && args.length > 1))
const isWrite = ({ path, query }: RecordedRequest) =>
  path === '/api/v0/config' && query.getAll('arg').length > 1
const savedIn = (server: SandboxKubo) => server.config.read('Peering.Peers')

describe('connect', () => {
  test('peers with each delegate by all its addresses, and dials who is not connected', async () => {
    await using server = await startKubo()
    server.swarm.connected.set(bob, at(9))
    expect(await peer(server, [delegate(alice, 1, 2), delegate(bob, 3), delegate(alice, 2, 4)])).toEqual({
      peered: [connected(alice), connected(bob)],
      leftOut: 0,
      config: null,
    })
    const args = [1, 2, 4].map((port) => `${at(port)}/p2p/${alice}`)
    expect(deeds(server)).toEqual(
      expect.arrayContaining([
        ['swarm/peering/add', args],
        ['swarm/peering/add', [`${at(3)}/p2p/${bob}`]],
        ['swarm/connect', args],
      ]),
    )
    expect(deeds(server)).toHaveLength(3)
    expect(savedIn(server)).toBe(null)
  })

  test('adds nothing to what the daemon has', async () => {
    await using server = await startKubo()
    server.swarm.peering.set(alice, [at(2), at(1)])
    server.swarm.connected.set(alice, at(2))
    await peer(server, [delegate(alice, 1)])
    expect(deeds(server)).toEqual([])
  })

  test('keeps the addresses that the daemon has of a peer', async () => {
    await using server = await startKubo()
    server.swarm.peering.set(alice, [at(2)])
    await peer(server, [delegate(alice, 1)])
    expect(server.swarm.peering.get(alice)).toEqual([at(2), at(1)])
  })

  test('says in the words of Kubo why a peer is not connected, and goes on with the others', async () => {
    await using server = await startKubo({ reachable: (address) => !address.includes(alice) })
    const { peered } = await peer(server, [delegate(alice, 1, 2), delegate(bob, 1)])
    expect(peered).toEqual([
      {
        peerId: alice,
        connected: false,
        reason: expect.stringMatching(/tcp\/1\].*refused.*tcp\/2\]/s),
        answered: false,
      },
      connected(bob),
    ])
    // It stays among those that the daemon tries.
    expect([...server.swarm.peering.keys()].sort()).toEqual([alice, bob].sort())
  })

  test('does without the addresses that Kubo can not read', async () => {
    await using server = await startKubo()
    const some = { peerId: alice, addrs: [unreadable, at(1), at(2)] }
    const none = { peerId: bob, addrs: [unreadable] }
    expect((await peer(server, [some, none, delegate(carol, 1)])).peered).toEqual([
      connected(alice),
      { peerId: bob, connected: false, reason: expect.stringContaining('garlic64'), answered: false },
      connected(carol),
    ])
    expect(server.swarm.peering.get(alice)).toEqual([at(1), at(2)])
    expect(server.swarm.peering.has(bob)).toBe(false)
  })

  test('leaves the node itself out', async () => {
    await using server = await startKubo()
    const { peered } = await peer(server, [delegate(server.peerId, 1), delegate(alice, 1)])
    expect(peered).toEqual([connected(alice)])
    expect([...server.swarm.peering.keys()]).toEqual([alice])
  })

  test('finds a peer without addresses by its ID', async () => {
    await using server = await startKubo()
    expect((await peer(server, [delegate(alice)])).peered).toEqual([connected(alice)])
    expect(deeds(server)).toEqual([
      ['swarm/peering/add', [`/p2p/${alice}`]],
      ['swarm/connect', [`/p2p/${alice}`]],
    ])
  })

  test('tells of a peer that hung up at once', async () => {
    await using server = await startKubo()
    server.intercept = ({ path }) =>
      path === '/api/v0/swarm/peers' ? { status: 200, body: '{"Peers":null}' } : undefined
    expect((await peer(server, [delegate(alice, 1)])).peered).toEqual([
      {
        peerId: alice,
        connected: false,
        reason: 'it was connected, and gone at the next look',
        answered: true,
      },
    ])
  })

  test('has bounds, whatever a service says', async () => {
    await using server = await startKubo()
    let open = 0
    let most = 0
    server.intercept = ({ path }) => {
      if (path === '/api/v0/swarm/connect') most = Math.max(most, ++open)
      return path === '/api/v0/swarm/connect' ? 'hang' : undefined
    }
    const ports = Array.from({ length: 50 }, (_, index) => index + 1)
    const long = { peerId: bob, addrs: [`/dns4/${'x'.repeat(2000)}/tcp/1`, at(1)] }
    const many = ids(600).map((peerId) => delegate(peerId, 1))
    const { peered, leftOut } = await peerWith(
      nodeOf(server),
      [delegate(alice, ...ports), long, ...many],
      'connect',
      never,
      200,
    )
    expect(peered).toHaveLength(500)
    expect(leftOut).toBe(102)
    expect(most).toBe(8)
    expect(server.swarm.peering.get(alice)).toHaveLength(8)
    expect(server.swarm.peering.get(bob)).toEqual([at(1)])
    expect(peered[499]).toMatchObject({ reason: 'its dial had not ended when this run stopped looking' })
  })

  test('ends its dials with the run, and tells what it knows', async () => {
    await using server = await startKubo()
    const run = new AbortController()
    server.intercept = ({ path, query }) => {
      if (path !== '/api/v0/swarm/connect' || !query.get('arg')?.includes(bob)) return undefined
      void sleep(50).then(() => run.abort())
      return 'hang'
    }
    const delegates = [delegate(alice, 1), delegate(bob, 1)]
    expect((await peerWith(nodeOf(server), delegates, 'connect', run.signal)).peered).toEqual([
      connected(alice),
      {
        peerId: bob,
        connected: false,
        reason: 'its dial had not ended when this run stopped looking',
        answered: false,
      },
    ])
  })

  test.each(['id', 'swarm/peers', 'swarm/peering/ls', 'swarm/peering/add', 'swarm/connect'])(
    'throws where the whole node is at fault: %s',
    async (command) => {
      await using server = await startKubo()
      server.intercept = ({ path }) =>
        path === `/api/v0/${command}` ? { status: 403, body: '403 - Forbidden' } : undefined
      await expect(peer(server, [delegate(alice, 1), delegate(bob, 1)])).rejects.toMatchObject({
        name: 'NodeError',
        fault: 'unauthorised',
      })
    },
  )
})

describe('save', () => {
  const foreign = { ID: carol, Addrs: [at(7)], Note: 'ours' }

  test('writes what the config lacks, once', async () => {
    await using server = await startKubo()
    server.config.file = { Peering: { Peers: [foreign, { ID: alice, Addrs: [at(9)] }] } }
    const delegates = [delegate(alice, 1), delegate(bob, 2)]
    const first = await peer(server, delegates, 'save')
    expect(first.config).toEqual({ isWritten: true, added: 1, extended: 1 })
    expect(first.peered).toEqual([connected(alice), connected(bob)])
    expect(savedIn(server)).toEqual([
      foreign,
      { ID: alice, Addrs: [at(9), at(1)] },
      { ID: bob, Addrs: [at(2)] },
    ])
    expect(server.requests.filter(isWrite)).toHaveLength(1)
    const second = await peer(server, delegates.toReversed(), 'save')
    expect(second.config).toEqual({ isWritten: false, added: 0, extended: 0 })
    expect(server.requests.filter(isWrite)).toHaveLength(1)
  })

  test('makes the section where the file has none', async () => {
    await using server = await startKubo()
    server.config.file = {}
    await peer(server, [delegate(alice, 1)], 'save')
    expect(savedIn(server)).toEqual([{ ID: alice, Addrs: [at(1)] }])
  })

  test('saves also who can not be reached now, but not what Kubo can not read', async () => {
    await using server = await startKubo({ reachable: () => false })
    const delegates = [delegate(alice, 1), { peerId: bob, addrs: [unreadable] }]
    const { config } = await peer(
      server,
      [...delegates, { peerId: carol, addrs: [unreadable, at(3)] }],
      'save',
    )
    expect(config).toEqual({ isWritten: true, added: 2, extended: 0 })
    expect(savedIn(server)).toEqual([
      { ID: carol, Addrs: [at(3)] },
      { ID: alice, Addrs: [at(1)] },
    ])
  })

  test('writes again what another program has overwritten', async () => {
    await using server = await startKubo()
    let overwrites = 0
    server.intercept = (request) => {
      const isRead = request.path === '/api/v0/config' && !isWrite(request)
      if (isRead && server.requests.some(isWrite) && overwrites++ === 0)
        server.config.file = { Peering: { Peers: [foreign] } }
      return undefined
    }
    const { config } = await peer(server, [delegate(alice, 1)], 'save')
    expect(config).toEqual({ isWritten: true, added: 1, extended: 0 })
    expect(savedIn(server)).toEqual([foreign, { ID: alice, Addrs: [at(1)] }])
    expect(server.requests.filter(isWrite)).toHaveLength(2)
  })

  test('gives up on a config that keeps nothing', async () => {
    await using server = await startKubo()
    server.intercept = (request) => {
      if (request.path === '/api/v0/config' && !isWrite(request)) server.config.file = {}
      return undefined
    }
    await expect(peer(server, [delegate(alice, 1)], 'save')).rejects.toMatchObject({ name: 'NodeError' })
    expect(server.requests.filter(isWrite)).toHaveLength(3)
  })

  test('throws where the node does not let its config be written', async () => {
    await using server = await startKubo()
    const words = 'failed to set config value: open /data/ipfs/config: permission denied'
    server.intercept = (request) => (isWrite(request) ? rpcFailure(words) : undefined)
    const saving = peer(server, [delegate(alice, 1)], 'save')
    await expect(saving).rejects.toMatchObject({ name: 'NodeError', message: expect.stringContaining(words) })
  })
})

/** Peer IDs of keys that nobody has. */
function ids(count: number): string[] {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  const digit = (value: number) => alphabet[value % 58]
  return Array.from(
    { length: count },
    (_, n) => `${carol.slice(0, -2)}${digit(n)}${digit(Math.floor(n / 58))}`,
  )
}
