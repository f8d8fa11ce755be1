import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { type PinCid, parseCid } from '../../../../src/domain/cid.ts'
import { type NodeError, PeerError, PinError } from '../../../../src/errors.ts'
import { Http } from '../../../../src/http/http.ts'
import { Kubo } from '../../../../src/node/kubo/kubo.ts'
import type { PinProgress } from '../../../../src/node/node.ts'
import { Cids } from '../../../sandbox/identity.ts'
import { nowhere, rpcFailure, type SandboxKubo, startKubo } from '../../../sandbox/kubo.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const cids = new Cids(7)
const never = new AbortController().signal
const peer = '/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'

function cidOf(text: string): PinCid {
  const cid = parseCid(text)
  if (cid === undefined) throw new Error(`${text} does not parse`)
  return cid
}

function clientOf(server: { readonly url: string }, authorization?: string): Kubo {
  return new Kubo({ http, url: new URL(server.url), authorization })
}

function add(
  server: SandboxKubo,
  cid: string,
  options: { name?: string; signal?: AbortSignal; onProgress?: (progress: PinProgress) => void } = {},
): Promise<void> {
  const { name = null, signal = never, onProgress = () => undefined } = options
  return clientOf(server).pin(cidOf(cid), { name, signal, onProgress })
}

const list = (server: SandboxKubo, names = false) =>
  Array.fromAsync(clientOf(server).listPins({ names, signal: never }))

const asked = (server: SandboxKubo, path: string) =>
  server.requests.filter((request) => request.path === `/api/v0/${path}`)

const fault = (kind: NodeError['fault']) => expect.objectContaining({ name: 'NodeError', fault: kind })

describe('identify', () => {
  test('tells version, peer ID and addresses', async () => {
    await using server = await startKubo({ addresses: ['/ip4/203.0.113.5/tcp/4001'] })
    expect(await clientOf(server).identify(never)).toEqual({
      version: server.version,
      peerId: server.peerId,
      addresses: [`/ip4/203.0.113.5/tcp/4001/p2p/${server.peerId}`],
      peers: null,
    })
  })

  test('takes a node without addresses, as Kubo is offline', async () => {
    await using server = await startKubo()
    server.intercept = ({ path }) =>
      path === '/api/v0/id' ? { status: 200, body: '{"ID":"12D3KooWPeer","Addresses":null}' } : undefined
    expect(await clientOf(server).identify(never)).toMatchObject({ peerId: '12D3KooWPeer', addresses: [] })
  })

  test('says where it looked and what to check when nothing answers', async () => {
    const server = await startKubo()
    await server.stop()
    const failure = clientOf(server).identify(never)
    await expect(failure).rejects.toEqual(fault('unreachable'))
    await expect(failure).rejects.toThrow(new URL(server.url).host)
    await expect(failure).rejects.toThrow(/daemon.*node-url/s)
  })

  test.each([
    ['a page of another server', { status: 200, body: '<html></html>' }],
    ['JSON of another server', { status: 200, body: '{"hello":"world"}' }],
    ['a server that has no such path', { status: 404, body: '404 page not found' }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['a server that takes no POST', { status: 405, body: 'Method Not Allowed' }],
  ])('takes no answer for Kubo that is %s', async (_, answer) => {
    await using server = await startKubo()
    server.intercept = () => answer
    await expect(clientOf(server).identify(never)).rejects.toEqual(fault('bad-answer'))
  })

  test('sees that a proxy answers in the place of the node', async () => {
    await using server = await startKubo()
    server.intercept = () => ({ status: 502, body: 'Bad Gateway' })
    await expect(clientOf(server).identify(never)).rejects.toEqual(fault('unreachable'))
  })

  test('keeps a path of the address', async () => {
    await using server = await startKubo()
    const node = new Kubo({ http, url: new URL('/behind/a-proxy/', server.url), authorization: undefined })
    await expect(node.identify(never)).rejects.toEqual(fault('bad-answer'))
    expect(server.requests.map(({ path }) => path)).toContain('/behind/a-proxy/api/v0/id')
  })
})

describe('authorization', () => {
  test('is sent with every request', async () => {
    await using server = await startKubo({ authorization: 'Bearer secret' })
    const node = clientOf(server, 'Bearer secret')
    const cid = cidOf(cids.next())
    await node.identify(never)
    await node.pin(cid, { name: null, onProgress: () => undefined, signal: never })
    expect(await node.isPinned(cid, never)).toBe(true)
    expect(await Array.fromAsync(node.listPins({ names: true, signal: never }))).toHaveLength(1)
    await node.connect([peer], never)
    expect(await node.connectedPeers(never)).toHaveLength(1)
  })

  test.each([
    ['identify', (node: Kubo) => node.identify(never)],
    ['isPinned', (node: Kubo) => node.isPinned(cidOf(cids.next()), never)],
    ['listPins', (node: Kubo) => Array.fromAsync(node.listPins({ names: false, signal: never }))],
    [
      'pin',
      (node: Kubo) =>
        node.pin(cidOf(cids.next()), { name: null, onProgress: () => undefined, signal: never }),
    ],
    ['connect', (node: Kubo) => node.connect([peer], never)],
    ['connectedPeers', (node: Kubo) => node.connectedPeers(never)],
  ])('that is wrong is a fault of the whole node, without the secret: %s', async (_, ask) => {
    await using server = await startKubo({ authorization: 'Bearer secret' })
    const failure = ask(clientOf(server, 'Bearer wrong'))
    await expect(failure).rejects.toEqual(fault('unauthorised'))
    await expect(failure).rejects.toThrow('node-authorization')
    await expect(failure).rejects.not.toThrow('Bearer')
  })
})

describe('listPins', () => {
  test('lists recursive pins, with names only when asked', async () => {
    await using server = await startKubo()
    const [named, nameless, direct] = cids.take(3) as [string, string, string]
    server.pin(named, { name: 'a name\nof two lines' })
    server.pin(nameless)
    server.pin(direct, { type: 'direct' })
    const pin = (cid: string, name: string | null) => ({ cid, name, standing: 'pinned', copies: 1 })
    expect(await list(server, true)).toEqual([pin(named, 'a name\nof two lines'), pin(nameless, null)])
    expect(await list(server)).toEqual([pin(named, null), pin(nameless, null)])
    expect(asked(server, 'pin/ls').map(({ query }) => Object.fromEntries(query))).toEqual([
      { type: 'recursive', stream: 'true', names: 'true' },
      { type: 'recursive', stream: 'true' },
    ])
  })

  test('a name that is the CID of its pin is none', async () => {
    await using server = await startKubo()
    const { v0, v1 } = cids.bothVersions()
    const text = cids.next()
    server.pin(text, { name: text })
    server.pin(v0, { name: v1 })
    expect((await list(server, true)).map(({ name }) => name)).toEqual([null, null])
  })

  test('lists nothing on a node without pins', async () => {
    await using server = await startKubo()
    expect(await list(server)).toEqual([])
  })

  test('fails at an error that comes after the first pin', async () => {
    await using server = await startKubo()
    for (const cid of cids.take(5)) server.pin(cid)
    server.breakStream = () => ({ afterLines: 3, with: { error: 'pinner: datastore closed' } })
    await expect(list(server)).rejects.toEqual(fault('bad-answer'))
    await expect(list(server)).rejects.toThrow('pinner: datastore closed')
  })

  test('fails at a connection that is cut in the middle', async () => {
    await using server = await startKubo()
    for (const cid of cids.take(5)) server.pin(cid)
    server.breakStream = () => ({ afterLines: 3, with: 'cut' })
    await expect(list(server)).rejects.toEqual(fault('unreachable'))
  })

  test('fails at an answer that ends properly in the middle of a line', async () => {
    await using server = await startKubo()
    const line = JSON.stringify({ Cid: cids.next(), Type: 'recursive' })
    server.intercept = () => ({ status: 200, body: `${line}\n${line}` })
    await expect(list(server)).rejects.toEqual(fault('bad-answer'))
  })

  test('fails at a line that shows no pin', async () => {
    await using server = await startKubo()
    server.intercept = () => ({ status: 200, body: '{"Ref":"x"}\n' })
    await expect(list(server)).rejects.toEqual(fault('bad-answer'))
  })

  test('ends with the reason of its signal', async () => {
    await using server = await startKubo()
    server.intercept = () => 'hang'
    const reason = new Error('cancelled')
    const cancel = new AbortController()
    const listing = Array.fromAsync(clientOf(server).listPins({ names: false, signal: cancel.signal }))
    cancel.abort(reason)
    await expect(listing).rejects.toBe(reason)
  })
})

describe('isPinned', () => {
  test.each(['v0', 'v1'] as const)('finds a pin under either version: pinned as %s', async (version) => {
    await using server = await startKubo()
    const twins = cids.bothVersions()
    server.pin(twins[version])
    const node = clientOf(server)
    expect(await node.isPinned(cidOf(twins.v0), never)).toBe(true)
    expect(await node.isPinned(cidOf(twins.v1), never)).toBe(true)
  })

  test.each(['direct', 'indirect'] as const)('does not count a pin that is only %s', async (type) => {
    await using server = await startKubo()
    const cid = cids.next()
    server.pin(cid, { type, through: cids.next() })
    expect(await clientOf(server).isPinned(cidOf(cid), never)).toBe(false)
  })

  test('asks only for recursive pins, since Kubo else walks all of them', async () => {
    await using server = await startKubo()
    expect(await clientOf(server).isPinned(cidOf(cids.next('raw')), never)).toBe(false)
    expect(asked(server, 'pin/ls').map(({ query }) => query.get('type'))).toEqual(['recursive'])
  })

  test('takes no other refusal for "not pinned"', async () => {
    await using server = await startKubo()
    server.intercept = () => rpcFailure('leveldb: closed')
    await expect(clientOf(server).isPinned(cidOf(cids.next()), never)).rejects.toEqual(
      new PinError('leveldb: closed'),
    )
  })
})

describe('pin', () => {
  test('pins with the name, and tells how far it is', async () => {
    await using server = await startKubo({ progressEveryMs: 1 })
    const cid = cids.next()
    server.setContent(cid, { blocks: 4, bytesPerBlock: 100, msPerBlock: 10 })
    const seen: PinProgress[] = []
    await add(server, cid, { name: 'photos & more', onProgress: (progress) => seen.push(progress) })
    expect(server.pins.get(cid)).toEqual({ type: 'recursive', name: 'photos & more' })
    expect(seen[0]).toEqual({ blocks: 0, bytes: 0 })
    expect(seen.at(-1)).toEqual({ blocks: 4, bytes: 400 })
  })

  test('sends the CID as its source wrote it', async () => {
    await using server = await startKubo()
    const { v0 } = cids.bothVersions()
    await add(server, v0)
    expect(Object.fromEntries(asked(server, 'pin/add')[0]?.query ?? [])).toEqual({
      arg: v0,
      progress: 'true',
    })
  })

  test("takes Kubo's CIDv1 for the CID that was given in another base", async () => {
    await using server = await startKubo()
    const inHex = `f${Buffer.from(`\x01${cidOf(cids.next()).key}`, 'latin1').toString('hex')}`
    await add(server, inHex)
    expect(server.pins.size).toBe(1)
  })

  test.each([
    ['before the first line', { breaks: { after: 0, error: 'pin: merkledag: not found' } }],
    ['after it', { blocks: 3, msPerBlock: 5, breaks: { after: 2, error: 'pin: merkledag: not found' } }],
  ])("fails with Kubo's words: %s", async (_, content) => {
    await using server = await startKubo({ progressEveryMs: 1 })
    const cid = cids.next()
    server.setContent(cid, content)
    await expect(add(server, cid)).rejects.toEqual(new PinError('merkledag: not found'))
  })

  test.each([
    ['before the final line', 1],
    ['after the final line', 2],
  ])('fails at an error in the trailer: %s', async (_, afterLines) => {
    await using server = await startKubo()
    const cid = cids.next()
    const end = { error: 'context deadline exceeded' }
    server.breakStream = () => ({ afterLines, with: end })
    await expect(add(server, cid)).rejects.toEqual(new PinError(end.error))
  })

  test.each([
    ['nothing', ''],
    ['progress only', '{"Progress":3,"Bytes":30}\n'],
    ['another CID', '{"Pins":["bafkqabdumvzxi"]}\n'],
    ['no CID', '{"Pins":[]}\n'],
    ['a line that is cut', '{"Progress":3,"Bytes":30}\n{"Pins":["ba'],
    ['what is not JSON', 'pinned!\n'],
  ])('does not believe an answer that says %s', async (_, body) => {
    await using server = await startKubo()
    server.intercept = () => ({ status: 200, body })
    await expect(add(server, cids.next())).rejects.toEqual(fault('bad-answer'))
  })

  test.each([
    ['write /data/ipfs/blocks/X3/put-1234: no space left on device', true],
    ['pin: open /data/ipfs/blocks/put-1: read-only file system', true],
    ['write /data: disk quota exceeded', true],
    ['no space left on device', true],
    ['pin: cannot repeat map key "no space left on device"', false],
    ['pin: unexpected token at no space left on device, wanted a map', false],
  ])('sees whether the system says that it cannot store: %s', async (error, saysFull) => {
    await using server = await startKubo()
    const cid = cids.next()
    server.setContent(cid, { blocks: 3, breaks: { after: 1, error } })
    await expect(add(server, cid)).rejects.toMatchObject({ name: 'PinError', saysFull })
  })

  test('is not repeated when the connection breaks: it may have pinned', async () => {
    await using server = await startKubo()
    server.intercept = () => 'cut'
    await expect(add(server, cids.next())).rejects.toEqual(fault('unreachable'))
    expect(asked(server, 'pin/add')).toHaveLength(1)
  })

  test("ends with its signal's reason, and the node stops fetching", async () => {
    await using server = await startKubo({ progressEveryMs: 5 })
    const cid = cids.next()
    server.setContent(cid, nowhere)
    const stop = new AbortController()
    const reason = new PinError('no progress')
    await expect(
      add(server, cid, { signal: stop.signal, onProgress: () => stop.abort(reason) }),
    ).rejects.toBe(reason)
    await sleep(50)
    server.setContent(cid, {})
    await sleep(50)
    expect(server.pins.has(cid)).toBe(false)
  })
})

describe('reachability', () => {
  const knownOf = async (answer: object | undefined) => {
    await using server = await startKubo()
    server.autonat = answer
    return await clientOf(server).reachability(never)
  }

  test('is what others found who dialled the node', async () => {
    const reachable = ['/ip4/203.0.113.5/tcp/4001']
    const unreachable = ['/ip4/203.0.113.5/udp/4001/quic-v1']
    expect(await knownOf({ reachability: 'Public', reachable, unreachable })).toEqual({
      status: 'public',
      nat: null,
      reachable,
      unreachable,
    })
    expect(await knownOf({ reachability: 'Private', nat: 'cgnat', unreachable })).toEqual({
      status: 'private',
      nat: 'cgnat',
      reachable: [],
      unreachable,
    })
  })

  test('is unknown in words that are new', async () => {
    const nothing = { status: 'unknown', nat: null, reachable: [], unreachable: [] }
    expect(await knownOf({ reachability: 'toString', nat: 'triple-nat', more: 1 })).toEqual(nothing)
    expect(await knownOf({})).toEqual(nothing)
  })

  test('cannot be told by a Kubo that does not know the command', async () => {
    expect(await knownOf(undefined)).toBeUndefined()
  })

  test('is the whole node’s fault where the answer is none', async () => {
    await expect(knownOf({ reachability: 'Public', reachable: 'all' })).rejects.toEqual(fault('bad-answer'))
  })
})

describe('peers', () => {
  test('connects, and tells who is connected', async () => {
    await using server = await startKubo()
    const node = clientOf(server)
    expect(await node.connectedPeers(never)).toEqual(new Set())
    await node.connect([peer], never)
    expect(await node.connectedPeers(never)).toEqual(new Set([peer.split('/').at(-1)]))
  })

  test('says why a dial failed', async () => {
    await using server = await startKubo({ reachable: () => false })
    const failure = clientOf(server).connect([peer], never)
    await expect(failure).rejects.toThrow(PeerError)
    await expect(failure).rejects.toThrow('all dials failed')
  })
})
