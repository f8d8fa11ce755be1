import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Http } from '../../src/http/http.ts'
import { Kubo as KuboNode } from '../../src/node/kubo/kubo.ts'
import { Kubo } from '../peers/kubo.ts'
import { Cids } from '../sandbox/identity.ts'
import { startKubo } from '../sandbox/kubo.ts'
import { kubos } from './kubos.ts'
import { type NodeUnderTest, realNode, sandboxNode } from './nodes.ts'
import { rpc, rpcUntil } from './rpc.ts'

const hasTwo = (lines: readonly string[]) => lines.length >= 2
const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal
const cids = new Cids(2)
const stranger = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'

const peers = kubos(sandboxNode, realNode)

for (const { peer, start, isThere } of peers) {
  describe.skipIf(!isThere)(`the RPC of ${peer}`, () => {
    let node: NodeUnderTest
    beforeAll(async () => {
      node = await start()
    })
    afterAll(async () => {
      await node[Symbol.asyncDispose]()
    })
    const ask = (command: string) => rpc(node.apiUrl, command)
    const isPinned = async (cid: string) => (await ask(`pin/ls?type=recursive&arg=${cid}`)).status === 200
    const failed = (message: unknown) => ({
      status: 500,
      lines: [{ Message: message, Code: 0, Type: 'error' }],
    })

    describe('at the door', () => {
      test('takes POST only', async () => {
        const answer = await rpc(node.apiUrl, 'version', { method: 'GET' })
        expect(answer).toMatchObject({ status: 405, headers: { allow: 'OPTIONS, POST' } })
      })

      test('refuses browsers', async () => {
        const answer = await rpc(node.apiUrl, 'version', { headers: { 'user-agent': 'Mozilla/5.0' } })
        expect(answer).toMatchObject({ status: 403, text: '403 - Forbidden\n' })
      })

      test('knows its commands only', async () => {
        expect(await ask('pin/everything')).toMatchObject({ status: 404, text: '404 page not found\n' })
      })

      test('says its version', async () => {
        expect(await ask('version')).toMatchObject({ status: 200, lines: [{ Version: node.version }] })
      })

      test('says who it is, with addresses that end in its ID', async () => {
        const { lines } = await ask('id')
        expect(lines).toMatchObject([{ ID: node.peerId, AgentVersion: expect.stringMatching(/^kubo\//) }])
        const [{ Addresses }] = lines as [{ Addresses: string[] }]
        expect(Addresses.length).toBeGreaterThan(0)
        for (const address of Addresses) expect(address.endsWith(`/p2p/${node.peerId}`)).toBe(true)
      })
    })

    describe('swarm/addrs/autonat', () => {
      test('knows nothing before others have tried to dial it', async () => {
        expect(await ask('swarm/addrs/autonat')).toMatchObject({
          status: 200,
          lines: [{ reachability: 'Unknown' }],
        })
      })
    })

    describe('what tells its own faults from those of a CID', () => {
      const unreadable = 'baguqeaadpmrgc'
      const absent = (cid: string) => `block was not found locally (offline): ipld: could not find ${cid}`

      test('says whether it has a block, and fetches nothing', async () => {
        const [missing, own] = [cids.next('raw'), cids.next('identity')]
        expect(await ask(`block/stat?offline=true&arg=${missing}`)).toMatchObject(failed(absent(missing)))
        const found = await ask(`block/stat?offline=true&arg=${own}`)
        expect(found).toMatchObject({ status: 200, lines: [{ Key: own, Size: 32 }] })
      })

      test('says in a line, under a status of 200, what it can’t read', async () => {
        const missing = cids.next('raw')
        const refs = (cid: string) => ask(`refs?offline=true&recursive=true&unique=true&arg=${cid}`)
        expect(await refs(missing)).toMatchObject({ status: 200, lines: [{ Ref: '', Err: absent(missing) }] })
        node.setUnreadable(unreadable, 'EOF')
        expect(await refs(unreadable)).toMatchObject({ status: 200, lines: [{ Ref: '', Err: 'EOF' }] })
        expect(await ask(`pin/add?progress=true&arg=${unreadable}`)).toMatchObject(failed('pin: EOF'))
      })

      test('refuses to pin what is no CID, in its own words', async () => {
        const words = 'invalid path "no-cid": path does not have enough components'
        expect(await ask('pin/add?arg=no-cid')).toMatchObject(failed(words))
      })

      test('stores a block and takes it away again', async () => {
        const body = new FormData()
        body.append('data', new Blob(['x'.repeat(1024 * 1024)]))
        const put = await fetch(`${node.apiUrl}/api/v0/block/put?pin=false`, { method: 'POST', body })
        const { Key } = (await put.json()) as { Key: string }
        expect((await ask(`block/rm?arg=${Key}`)).lines).toMatchObject([{ Hash: Key }])
      })
    })

    describe('pin/ls', () => {
      test('fails for a CID that is not pinned', async () => {
        const cid = cids.next()
        expect(await ask(`pin/ls?type=recursive&arg=${cid}`)).toMatchObject(
          failed(`path '${cid}' is not pinned`),
        )
        expect(await ask(`pin/ls?type=recursive&stream=true&arg=${cid}`)).toMatchObject(
          failed(`path '${cid}' is not pinned`),
        )
      })

      test('fails for what is no CID', async () => {
        const invalid = failed('invalid path "xyz": path does not have enough components')
        expect(await ask('pin/ls?type=recursive&arg=xyz')).toMatchObject(invalid)
      })

      test('fails for a type that is none', async () => {
        const message = "invalid type 'some', must be one of {direct, indirect, recursive, all}"
        expect(await ask('pin/ls?type=some')).toMatchObject(failed(message))
      })

      test('answers an empty object for no pins, and nothing where streamed', async () => {
        expect(await ask('pin/ls?type=direct')).toMatchObject({ status: 200, lines: [{}] })
        expect(await ask('pin/ls?type=direct&stream=true')).toMatchObject({ status: 200, text: '' })
      })

      test('gives names where they are asked for', async () => {
        const [named, nameless] = cids.take(2, 'identity') as [string, string]
        await ask(`pin/add?arg=${named}&name=${encodeURIComponent('a <name> für &')}`)
        await ask(`pin/add?arg=${nameless}`)
        const keys = (name: string) => ({
          Keys: { [named]: { Type: 'recursive', Name: name }, [nameless]: { Type: 'recursive', Name: '' } },
        })
        const plain = await ask('pin/ls?type=recursive&names=true')
        expect(plain.lines).toMatchObject([keys('a <name> für &')])
        expect((await ask('pin/ls?type=recursive')).lines).toMatchObject([keys('')])

        const streamed = await ask('pin/ls?type=recursive&names=true&stream=true')
        expect(streamed.lines).toContainEqual({ Cid: named, Name: 'a <name> für &', Type: 'recursive' })
        expect(streamed.lines).toContainEqual({ Cid: nameless, Type: 'recursive' })
        expect(streamed.headers).toMatchObject({ 'x-chunked-output': '1', trailer: 'X-Stream-Error' })
        expect(streamed.trailers).toEqual({})
        const short = await ask('pin/ls?type=recursive&stream=true')
        expect(short.lines).toContainEqual({ Cid: named, Type: 'recursive' })
      })

      test('tells an error after the first line in a trailer, under a status of 200', async () => {
        const [pinned, missing] = cids.take(2, 'identity') as [string, string]
        await ask(`pin/add?arg=${pinned}`)
        const query = `pin/ls?type=recursive&arg=${pinned}&arg=${missing}`
        expect(await ask(`${query}&stream=true`)).toMatchObject({
          status: 200,
          lines: [{ Cid: pinned, Type: 'recursive' }],
          trailers: { 'x-stream-error': `path '${missing}' is not pinned` },
        })
        expect(await ask(query)).toMatchObject(failed(`path '${missing}' is not pinned`))
      })
    })

    describe('pin/add', () => {
      test('answers with the pin, in base32 whatever the base was', async () => {
        const cid = cids.next('identity')
        const other = CID.parse(cid).toString(base58btc)
        expect(await ask(`pin/add?arg=${other}`)).toMatchObject({ status: 200, lines: [{ Pins: [cid] }] })
        expect(await isPinned(cid)).toBe(true)
      })

      test('tells its progress and ends with the pin', async () => {
        const cid = cids.next('identity')
        const { headers, lines } = await ask(`pin/add?arg=${cid}&progress=true`)
        expect(lines.at(-1)).toEqual({ Pins: [cid] })
        expect(lines.at(-2)).toEqual({ Progress: 1, Bytes: expect.any(Number) })
        expect(headers).toMatchObject({ 'x-chunked-output': '1', trailer: 'X-Stream-Error' })
      })

      test('fails for what is no CID', async () => {
        const invalid = failed('invalid path "xyz": path does not have enough components')
        expect(await ask('pin/add?arg=xyz&progress=true')).toMatchObject(invalid)
      })

      test('needs an argument', async () => {
        expect(await ask('pin/add?progress=true')).toMatchObject({ status: 400 })
      })

      test('takes names of 255 bytes, not more', async () => {
        const cid = cids.next('identity')
        const fits = `${'ü'.repeat(127)}x`
        expect(await ask(`pin/add?arg=${cid}&name=${fits}`)).toMatchObject({ status: 200 })
        const message = 'pin name is 256 bytes (max 255 bytes)'
        expect(await ask(`pin/add?arg=${cid}&name=${fits}x`)).toMatchObject(failed(message))
      })

      test('takes CIDv0 and CIDv1 of one thing for two pins', async () => {
        const { cid } = node.file
        const v0 = CID.parse(cid).toV0().toString()
        await ask(`swarm/connect?arg=${node.friend.address}`)
        await ask(`pin/add?arg=${v0}`)
        expect(await isPinned(v0)).toBe(true)
        expect(await isPinned(cid)).toBe(false)
      })

      test('wipes the name of a pin that is added again without one', async () => {
        const cid = cids.next('identity')
        await ask(`pin/add?arg=${cid}&name=first`)
        await ask(`pin/add?arg=${cid}`)
        expect((await ask(`pin/ls?type=recursive&names=true&arg=${cid}`)).lines).toEqual([
          { Keys: { [cid]: { Type: 'recursive', Name: '' } } },
        ])
      })

      test('goes on telling that nothing moves, and stops when the client hangs up', async () => {
        const cid = cids.next('raw')
        const lines = await rpcUntil(node.apiUrl, `pin/add?arg=${cid}&progress=true`, hasTwo)
        expect(lines).toEqual(['{}', '{}'])
        expect(await isPinned(cid)).toBe(false)
      })
    })

    describe('the swarm', () => {
      test('has no peers to list at first, and says so with null', async () => {
        await node.loseFriend()
        expect((await ask('swarm/peers')).lines).toEqual([{ Peers: null }])
      })

      test('fails to connect where nobody listens', async () => {
        const { status, lines } = await ask(`swarm/connect?arg=/ip4/127.0.0.1/tcp/1/p2p/${stranger}`)
        expect(status).toBe(500)
        expect(lines).toMatchObject([
          { Message: expect.stringMatching(`^connect ${stranger} failure: `), Code: 0, Type: 'error' },
        ])
      })

      test('fails for what is no multiaddr', async () => {
        expect(await ask('swarm/connect?arg=xyz')).toMatchObject(
          failed('failed to parse multiaddr "xyz": must begin with /'),
        )
        expect(await ask('swarm/peering/add?arg=/ip4/127.0.0.1/tcp/1')).toMatchObject(
          failed('invalid p2p multiaddr'),
        )
      })

      test('gets content from a peer once it is connected', async () => {
        const { friend, file } = node
        const connected = { status: 200, lines: [{ Strings: [`connect ${friend.peerId} success`] }] }
        expect(await ask(`swarm/connect?arg=${friend.address}`)).toMatchObject(connected)
        expect(await ask(`swarm/connect?arg=${friend.address}`)).toMatchObject(connected)
        const Addr = friend.address.replace(/\/p2p\/.*/, '')
        expect((await ask('swarm/peers')).lines).toMatchObject([{ Peers: [{ Addr, Peer: friend.peerId }] }])

        const { lines } = await ask(`pin/add?arg=${file.cid}&progress=true&name=file`)
        expect(lines.at(-2)).toEqual({ Progress: file.blocks, Bytes: expect.any(Number) })
        expect(lines.at(-1)).toEqual({ Pins: [file.cid] })
        const refs = await ask(`refs?arg=${file.cid}&recursive=true`)
        expect(refs.lines).toHaveLength(file.blocks - 1)
        expect(refs.lines[0]).toEqual({ Ref: expect.any(String), Err: '' })
      })

      test('loses a pin that is added again when a block is missing and nobody has it', async () => {
        const { cid } = node.file
        expect(await isPinned(cid)).toBe(true)
        await node.loseFriend()
        await node.loseBlock()
        expect(await isPinned(cid)).toBe(true)
        // By then it has the root.
        await rpcUntil(node.apiUrl, `pin/add?arg=${cid}&progress=true`, hasTwo)
        expect(await isPinned(cid)).toBe(false)
      })

      test('keeps the last addresses of a peer it is to stay connected to', async () => {
        const [one, two] = ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1/ws'] as const
        const added = { status: 200, lines: [{ ID: stranger, Status: 'success' }] }
        expect(await ask(`swarm/peering/add?arg=${one}/p2p/${stranger}`)).toMatchObject(added)
        const both = `arg=${one}/p2p/${stranger}&arg=${two}/p2p/${stranger}`
        expect(await ask(`swarm/peering/add?${both}`)).toMatchObject(added)
        const listed = { Peers: [{ ID: stranger, Addrs: [one, two] }] }
        expect((await ask('swarm/peering/ls')).lines).toEqual([listed])
        expect(await ask(`swarm/peering/rm?arg=${stranger}`)).toMatchObject(added)
        expect((await ask('swarm/peering/ls')).lines).toEqual([{ Peers: [] }])
      })

      test('takes a peer away by its ID, and says so as well where it was not there', async () => {
        const done = (ID: string) => ({ status: 200, lines: [{ ID, Status: 'success' }] })
        await ask(`swarm/peering/add?arg=/ip4/127.0.0.1/tcp/1/p2p/${stranger}`)
        for (let times = 0; times < 2; times++) {
          expect(await ask(`swarm/peering/rm?arg=${stranger}`)).toMatchObject(done(stranger))
          expect((await ask('swarm/peering/ls')).lines).toEqual([{ Peers: [] }])
        }
        expect(await ask('swarm/peering/rm?arg=nobody')).toMatchObject(failed(expect.any(String)))
      })

      test('keeps the connection to a peer that it is to stay connected to no longer', async () => {
        const { address, peerId } = node.friend
        await ask(`swarm/peering/add?arg=${address}`)
        await ask(`swarm/connect?arg=${address}`)
        await ask(`swarm/peering/rm?arg=${peerId}`)
        expect((await ask('swarm/peers')).lines).toMatchObject([{ Peers: [{ Peer: peerId }] }])
        await node.loseFriend()
      })

      test('sorts the addresses of a call by their peers, and does not dial at once', async () => {
        const at = (port: number, peerId: string) => `arg=/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`
        const { address, peerId } = node.friend
        const { status, lines } = await ask(
          `swarm/peering/add?${at(1, stranger)}&arg=${address}&${at(2, stranger)}`,
        )
        expect(status).toBe(200)
        expect(lines).toHaveLength(2)
        expect(lines).toContainEqual({ ID: peerId, Status: 'success' })
        expect(lines).toContainEqual({ ID: stranger, Status: 'success' })
        const [{ Peers }] = (await ask('swarm/peering/ls')).lines as [{ Peers: unknown[] }]
        expect(Peers).toHaveLength(2)
        expect(Peers).toContainEqual({
          ID: stranger,
          Addrs: ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2'],
        })
        expect((await ask('swarm/peers')).lines).toEqual([{ Peers: null }])
        for (const peer of [peerId, stranger]) await ask(`swarm/peering/rm?arg=${peer}`)
      })

      test('takes none of the addresses of a call when it can not read one', async () => {
        const good = `/ip4/127.0.0.1/tcp/1/p2p/${stranger}`
        for (const bad of ['xyz', '/ip4/127.0.0.1/tcp/1', `/garlic64/jT/p2p/${stranger}`])
          expect(await ask(`swarm/peering/add?arg=${good}&arg=${bad}`)).toMatchObject(
            failed(expect.anything()),
          )
        expect((await ask('swarm/peering/ls')).lines).toEqual([{ Peers: [] }])
      })

      test('takes a peer without an address', async () => {
        expect(await ask(`swarm/peering/add?arg=/p2p/${stranger}`)).toMatchObject({ status: 200 })
        expect((await ask('swarm/peering/ls')).lines).toEqual([{ Peers: [{ ID: stranger, Addrs: [] }] }])
        await ask(`swarm/peering/rm?arg=${stranger}`)
      })

      test('dials all addresses of a peer in one call, and says why each failed', async () => {
        const both = ['/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/1']
        const query = both.map((address) => `arg=${address}/p2p/${stranger}`).join('&')
        const [{ Message }] = (await ask(`swarm/connect?${query}`)).lines as [{ Message: string }]
        for (const address of both) expect(Message).toContain(`\n  * [${address}] `)
      })

      test('does not dial itself', async () => {
        expect(await ask(`swarm/connect?arg=/ip4/127.0.0.1/tcp/1/p2p/${node.peerId}`)).toMatchObject(
          failed(`connect ${node.peerId} failure: failed to dial: dial to self attempted`),
        )
      })
    })

    describe('config', () => {
      const read = async (key = 'Peering.Peers') => ask(`config?arg=${key}`)
      const write = async (value: unknown) =>
        ask(`config?arg=Peering.Peers&arg=${encodeURIComponent(JSON.stringify(value))}&json=true`)
      const address = '/ip4/127.0.0.1/tcp/1'

      test('keeps peers, null while there are none', async () => {
        expect((await read()).lines).toEqual([{ Key: 'Peering.Peers', Value: null }])
        const Value = [{ ID: stranger, Addrs: [address] }]
        expect((await write(Value)).lines).toEqual([{ Key: 'Peering.Peers', Value }])
        expect((await read()).lines).toEqual([{ Key: 'Peering.Peers', Value }])
        // The daemon reads them at its start only.
        expect((await ask('swarm/peering/ls')).lines).toEqual([{ Peers: [] }])
      })

      test('sorts keys, and keeps unknown ones', async () => {
        await write([{ Note: 'mine', ID: stranger, Addrs: [address] }])
        expect((await read()).text).toBe(
          `{"Key":"Peering.Peers","Value":[{"Addrs":["${address}"],"ID":"${stranger}","Note":"mine"}]}\n`,
        )
      })

      test.each([
        ['addresses with the ID', [{ ID: stranger, Addrs: [`${address}/p2p/${stranger}`] }]],
        ['no list of addresses', [{ ID: stranger }, { ID: stranger, Addrs: null }]],
        ['no ID', [{ Addrs: [address] }]],
        ['no entry', []],
        ['nothing', null],
      ])('takes %s as it is', async (_, Value) => {
        expect(await write(Value)).toMatchObject({ status: 200 })
        expect((await read()).lines).toEqual([{ Key: 'Peering.Peers', Value }])
      })

      test.each([
        ['an ID that is none', [{ ID: 'nobody', Addrs: [] }]],
        ['an empty ID', [{ ID: '', Addrs: [] }]],
        ['an address that is none', [{ ID: stranger, Addrs: ['xyz'] }]],
        ['no list', { ID: stranger, Addrs: [] }],
      ])('refuses %s, and leaves what was there', async (_, value) => {
        await write([{ ID: stranger, Addrs: [] }])
        const words = expect.stringMatching(/^failed to set config value: failure to decode config: /)
        expect(await write(value)).toMatchObject(failed(words))
        expect((await read()).lines).toMatchObject([{ Value: [{ ID: stranger, Addrs: [] }] }])
      })

      test('says in its text only that there is no such key', async () => {
        const unknown = (key: string) => failed(`failed to get config value: "${key} not found"`)
        expect(await read('No.Such')).toMatchObject(unknown('No'))
        expect(await read('Peering.Nope')).toMatchObject(unknown('Peering.Nope'))
      })

      test('has no peers in a file without that section, and makes it', async () => {
        const forget = (section: object | undefined) => node.editConfig({ Peering: section })
        await forget(undefined)
        expect(await read()).toMatchObject(failed('failed to get config value: "Peering not found"'))
        await forget({})
        expect(await read()).toMatchObject(failed('failed to get config value: "Peering.Peers not found"'))
        await forget(undefined)
        expect(await write([])).toMatchObject({ status: 200, lines: [{ Value: [] }] })
      })
    })
  })
}

const unreachable = kubos(
  async () => {
    const kubo = await startKubo()
    kubo.autonat = { reachability: 'Private' }
    return { apiUrl: kubo.url, [Symbol.asyncDispose]: () => kubo[Symbol.asyncDispose]() }
  },
  (peer) => Kubo.start({ 'Internal.Libp2pForceReachability': 'private' }, peer),
)

describe.each(unreachable)('$peer that others could not dial', ({ isThere, start }) => {
  test.skipIf(!isThere)('says so, and leaves out the lists that are empty', async () => {
    await using node = await start()
    // The daemon hears of it a moment after its start.
    await expect
      .poll(async () => (await rpc(node.apiUrl, 'swarm/addrs/autonat')).lines, { timeout: 30_000 })
      .toEqual([{ reachability: 'Private' }])
    const client = new KuboNode({ http, url: new URL(node.apiUrl), authorization: undefined })
    expect(await client.reachability(never)).toEqual({
      status: 'private',
      nat: null,
      reachable: [],
      unreachable: [],
    })
  })
})

const guarded = kubos(
  async () => {
    const kubo = await startKubo({ authorization: 'Bearer secret' })
    return { apiUrl: kubo.url, [Symbol.asyncDispose]: () => kubo[Symbol.asyncDispose]() }
  },
  async (peer) => {
    const kubo = await Kubo.start({}, peer)
    const user = { AuthSecret: 'bearer:secret', AllowedPaths: ['/api/v0'] }
    await kubo.run('config', '--json', 'API.Authorizations', JSON.stringify({ user }))
    await kubo.restart()
    return kubo
  },
)

describe.each(guarded)('$peer with authorization', ({ isThere, start }) => {
  test.skipIf(!isThere)('answers only who has the secret', async () => {
    await using node = await start()
    const asking = (headers: Record<string, string>) => rpc(node.apiUrl, 'version', { headers })
    expect(await asking({})).toMatchObject({ status: 403, text: expect.stringContaining('Access Denied') })
    expect(await asking({ authorization: 'Bearer other' })).toMatchObject({ status: 403 })
    expect(await asking({ authorization: 'Bearer secret' })).toMatchObject({ status: 200 })
  })
})
