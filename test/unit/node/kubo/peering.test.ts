import { afterAll, describe, expect, test } from 'vitest'
import { PeerError } from '../../../../src/errors.ts'
import { Http } from '../../../../src/http/http.ts'
import { Kubo } from '../../../../src/node/kubo/kubo.ts'
import { rpcFailure, type SandboxKubo, startKubo } from '../../../sandbox/kubo.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const alice = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'
const [one, two] = ['/ip4/127.0.0.1/tcp/1', '/dns4/two.example/tcp/2'] as const

const nodeOf = (server: SandboxKubo, authorization?: string) =>
  new Kubo({ http, url: new URL(server.url), authorization })

describe('peer', () => {
  test('gives all addresses in one call, each with the ID', async () => {
    await using server = await startKubo()
    await nodeOf(server).peer(alice, [one, `${two}/p2p/${alice}`], never)
    expect(server.requests.map(({ query }) => query.getAll('arg'))).toEqual([
      [`${one}/p2p/${alice}`, `${two}/p2p/${alice}`],
    ])
    expect(await nodeOf(server).peeredPeers(never)).toEqual([{ peerId: alice, addrs: [one, two] }])
  })

  test('says in the words of Kubo what it does not take', async () => {
    await using server = await startKubo()
    const adding = nodeOf(server).peer(alice, [one, '/garlic64/jT'], never)
    await expect(adding).rejects.toBeInstanceOf(PeerError)
    await expect(adding).rejects.toThrow(/^failed to parse multiaddr/)
    expect(await nodeOf(server).peeredPeers(never)).toEqual([])
  })
})

describe('peeredPeers', () => {
  test('reads what a config can hold: entries without ID or addresses', async () => {
    await using server = await startKubo()
    const Peers = [
      { ID: '', Addrs: [one] },
      { ID: alice, Addrs: null },
    ]
    server.intercept = () => ({ status: 200, body: JSON.stringify({ Peers }) })
    expect(await nodeOf(server).peeredPeers(never)).toEqual([{ peerId: alice, addrs: [] }])
  })
})

describe('the config', () => {
  test('gives back what was written, or null', async () => {
    await using server = await startKubo()
    const node = nodeOf(server)
    expect(await node.readPeering(never)).toBe(null)
    const peers = [{ ID: alice, Addrs: [one], Note: 'ours & <yours>' }, { Addrs: [two] }]
    await node.writePeering(peers, never)
    expect(await node.readPeering(never)).toEqual(peers)
  })

  test.each([{}, { Peering: {} }])('has no peers where the file has no such section: %j', async (file) => {
    await using server = await startKubo()
    server.config.file = file
    expect(await nodeOf(server).readPeering(never)).toBe(null)
  })

  test('is not empty where it could not be read', async () => {
    await using server = await startKubo()
    const words = 'failed to get config value: "open /data/ipfs/config: permission denied"'
    server.intercept = () => rpcFailure(words)
    await expect(nodeOf(server).readPeering(never)).rejects.toMatchObject({
      name: 'NodeError',
      fault: 'bad-answer',
      message: expect.stringContaining(words),
    })
  })

  test('is not written with what Kubo would not start with', async () => {
    await using server = await startKubo()
    const writing = nodeOf(server).writePeering([{ ID: alice, Addrs: ['xyz'] }], never)
    await expect(writing).rejects.toMatchObject({
      name: 'NodeError',
      message: expect.stringContaining('must begin with /'),
    })
    expect(await nodeOf(server).readPeering(never)).toBe(null)
  })
})

const calls: [string, (node: Kubo) => Promise<unknown>][] = [
  ['peer', (node) => node.peer(alice, [one], never)],
  ['peeredPeers', (node) => node.peeredPeers(never)],
  ['readPeering', (node) => node.readPeering(never)],
  ['writePeering', (node) => node.writePeering([], never)],
]

describe.each(calls)('%s', (_, call) => {
  test('brings the authorization', async () => {
    await using server = await startKubo({ authorization: 'Bearer secret' })
    await call(nodeOf(server, 'Bearer secret'))
    await expect(call(nodeOf(server))).rejects.toMatchObject({ name: 'NodeError', fault: 'unauthorised' })
  })

  test.each(['<html></html>', '{"hello":"world"}', '{"Peers":[{"ID":1}],"ID":"x","Status":"failed"}'])(
    'takes %s for no answer of Kubo',
    async (body) => {
      await using server = await startKubo()
      server.intercept = () => ({ status: 200, body })
      await expect(call(nodeOf(server))).rejects.toMatchObject({ name: 'NodeError', fault: 'bad-answer' })
    },
  )

  test('says that the node is gone', async () => {
    const server = await startKubo()
    await server.stop()
    await expect(call(nodeOf(server))).rejects.toMatchObject({ name: 'NodeError', fault: 'unreachable' })
  })
})
