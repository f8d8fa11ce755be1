import { setTimeout as sleep } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PinCid, parseCid } from '../../src/domain/cid.ts'
import { Http } from '../../src/http/http.ts'
import { Kubo as KuboNode } from '../../src/node/kubo/kubo.ts'
import type { KuboPeer } from '../peers/build.ts'
import { identityCid, Kubo } from '../peers/kubo.ts'
import { Cids } from '../sandbox/identity.ts'
import { nowhere, startKubo } from '../sandbox/kubo.ts'
import { kubos } from './kubos.ts'
import { rpc } from './rpc.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())

const never = new AbortController().signal

/** A node that has content which it does not pin, and a friend of it that it does not know yet. */
interface KnowingNode extends AsyncDisposable {
  readonly apiUrl: string
  readonly friend: { readonly peerId: string; readonly address: string }
  /** A folder of one file, of two blocks in all. */
  readonly folder: { readonly cid: string; readonly file: string }
  /** A file of five blocks. */
  readonly file: string
  /** What the friend alone has, and tells the network once they are connected. */
  readonly far: string
  pin(cid: string, pin: { name: string; recursive: boolean }): Promise<void>
  /** Takes a block of the file, not its root, away from the node. */
  loseBlock(): Promise<void>
  /** Connects both, and lets the friend tell what it has. */
  meet(): Promise<void>
}

async function sandboxNode(): Promise<KnowingNode> {
  const kubo = await startKubo({ otherwise: nowhere })
  const cids = new Cids(31)
  const folder = { cid: cids.next(), file: cids.next('raw') }
  const [file, far] = cids.take(2) as [string, string]
  const friend = { peerId: '12D3KooWEsQ25LRbGVDu9JqJC85SEv9n1uqsxzgg4g2HRBmAu9Hr' }
  const address = `/ip4/127.0.0.1/tcp/4002/p2p/${friend.peerId}`
  kubo.setContent(folder.cid, { blocks: 2, bytesPerBlock: 30 })
  kubo.setContent(folder.file, { bytesPerBlock: 5 })
  kubo.setContent(file, { blocks: 5, bytesPerBlock: 859 })
  for (const cid of [folder.cid, folder.file, file]) {
    kubo.pin(cid)
    kubo.pins.delete(cid)
  }
  kubo.routing.state = 'nobody'
  return {
    apiUrl: kubo.url,
    friend: { ...friend, address },
    folder,
    file,
    far,
    pin: async (cid, { name, recursive }) => {
      kubo.pin(cid, { name, type: recursive ? 'recursive' : 'direct' })
      if (cid === folder.cid) kubo.pin(folder.file, { type: 'indirect', through: folder.cid })
    },
    loseBlock: async () => kubo.loseBlocks(file, 3),
    meet: async () => {
      kubo.swarm.connect([address])
      kubo.setProviders(far, [{ peerId: friend.peerId, addresses: ['/ip4/127.0.0.1/tcp/4002'] }])
    },
    [Symbol.asyncDispose]: () => kubo[Symbol.asyncDispose](),
  }
}

async function realNode(peer: KuboPeer): Promise<KnowingNode> {
  await using things = new AsyncDisposableStack()
  const routed = { 'Routing.Type': 'dhtserver', 'Routing.LoopbackAddressesOnLanDHT': true }
  const node = things.use(await Kubo.start(routed, peer))
  const friend = things.use(await Kubo.start({ ...routed, 'Provide.Enabled': true }, peer))
  const added = await node.add({ 'folder/file': 'hello' })
  // Each block is other data, so that none of them is stored once for two.
  const content = new Uint8Array(4 * 1024).map((_, index) => index / 1024 + (index % 7))
  const file = (await node.add({ file: content }, { blockSize: 1024 })).get('file') ?? ''
  const far = (await friend.add({ far: 'what the friend alone has' }, { pin: true })).get('far') ?? ''
  const kept = things.move()
  return {
    apiUrl: node.apiUrl,
    friend: { peerId: friend.peerId, address: friend.addresses[0] ?? '' },
    folder: { cid: added.get('folder') ?? '', file: added.get('folder/file') ?? '' },
    file,
    far,
    pin: async (arg, { name, recursive }) =>
      void (await node.rpc('pin/add', { arg, name, recursive: String(recursive) })),
    loseBlock: async () => {
      const lines = (await node.rpc('refs', { arg: file })).split('\n')
      await node.lose((JSON.parse(lines[2] ?? '') as { Ref: string }).Ref)
    },
    meet: async () => {
      await node.connect(friend)
      // They exchange their protocols before either asks the other about content.
      for (let tries = 0; tries < 50; tries++) {
        const isTold = await friend.rpc('routing/provide', { arg: far }).catch(() => undefined)
        if (isTold !== undefined) {
          const events = await node.rpc('routing/findprovs', { arg: far, 'num-providers': '1' })
          if (events.includes('"Type":4')) return
        }
        await sleep(200)
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const peers = kubos(sandboxNode, realNode)

describe.each(peers)('what $peer knows of a CID', ({ start, isThere }) => {
  if (!isThere) return test.skip('needs the real Kubo')
  let node: KnowingNode
  let client: KuboNode
  beforeAll(async () => {
    node = await start()
    client = new KuboNode({ http, url: new URL(node.apiUrl), authorization: undefined })
  })
  afterAll(async () => {
    await node[Symbol.asyncDispose]()
  })
  const ask = (command: string) => rpc(node.apiUrl, command)
  const how = (cid: string) => client.howPinned(cidOf(cid), never)
  const size = (cid: string) => client.localSize(cidOf(cid), never)
  const absent = { isWhole: false, bytes: 0, blocks: 0, reason: expect.stringContaining('not found locally') }
  const pinned = (over: object) => ({ type: 'none', name: null, reason: null, ...over })

  test('counts what it has and does not pin', async () => {
    expect(await how(node.folder.cid)).toEqual(pinned({}))
    const whole = { isWhole: true, reason: null }
    expect(await size(node.folder.file)).toEqual({ ...whole, bytes: 5, blocks: 1 })
    expect(await size(node.folder.cid)).toEqual({ ...whole, bytes: expect.any(Number), blocks: 2 })
    const v0 = CID.parse(node.folder.cid).toV0().toString()
    expect(await size(v0)).toEqual(await size(node.folder.cid))
    expect(await size(identityCid('hi'))).toEqual({ ...whole, bytes: 2, blocks: 1 })
  })

  test('counts in lines, the last of which is the whole', async () => {
    const Cid = node.folder.cid
    const { lines } = await ask(`dag/stat?arg=${Cid}&offline=true`)
    expect(lines).toHaveLength(3)
    expect(lines[0]).toEqual({
      TotalSize: expect.any(Number),
      DagStats: [{ Cid, Size: expect.any(Number), NumBlocks: 1 }],
    })
    expect(lines[2]).toEqual({
      UniqueBlocks: 2,
      TotalSize: expect.any(Number),
      Ratio: 1,
      DagStats: [{ Cid, Size: expect.any(Number), NumBlocks: 2 }],
    })
    expect((await ask(`dag/stat?arg=${Cid}&offline=true&progress=false`)).lines).toEqual(lines.slice(2))
  })

  test('says how it pins, and as what', async () => {
    const { folder, file } = node
    await node.pin(folder.cid, { name: 'a | folder', recursive: true })
    expect(await how(folder.cid)).toEqual(pinned({ type: 'recursive', name: 'a | folder' }))
    expect(await how(CID.parse(folder.cid).toV0().toString())).toMatchObject({ type: 'recursive' })
    expect(await how(folder.file)).toEqual(pinned({ type: 'indirect' }))
    expect((await ask('pin/ls?type=indirect&stream=true&offline=true')).lines).toContainEqual({
      Cid: folder.file,
      Type: 'indirect',
    })
    await node.pin(file, { name: 'root', recursive: false })
    expect(await how(file)).toEqual(pinned({ type: 'direct', name: 'root' }))
  })

  test('has what it counted before the first block that is missing', async () => {
    expect(await size(node.file)).toMatchObject({ isWhole: true, blocks: 5 })
    await node.loseBlock()
    const left = await size(node.file)
    expect(left).toEqual({ ...absent, bytes: expect.any(Number), blocks: 3 })
    expect(left?.bytes).toBeGreaterThan(0)
    const plain = await ask(`dag/stat?arg=${node.file}&offline=true&progress=false`)
    expect(plain).toMatchObject({
      status: 500,
      lines: [{ Message: expect.stringMatching(/^error traversing DAG: /) }],
    })
  })

  test('knows nobody to ask who provides it', async () => {
    const Extra = 'failed to find any peer in table'
    // Now and then Kubo answers nothing at all: its two DHTs may both have ended before it reads what they said.
    await expect
      .poll(() => ask(`routing/findprovs?arg=${node.far}&num-providers=10`))
      .toMatchObject({ status: 200, lines: [{ Extra, ID: '', Responses: null, Type: 3 }] })
    await expect.poll(() => client.providers(cidOf(node.far), never)).toEqual({ peers: [], reason: Extra })
  })

  test('finds who provides it, and does not fetch it to know its size', async () => {
    const { far, friend } = node
    await node.meet()
    const { lines } = await ask(`routing/findprovs?arg=${far}&num-providers=10`)
    const found = {
      Extra: '',
      ID: '',
      Responses: [{ ID: friend.peerId, Addrs: [expect.any(String)] }],
      Type: 4,
    }
    expect(lines).toContainEqual(found)
    expect(lines).toContainEqual({ Extra: '', ID: expect.any(String), Responses: null, Type: 0 })
    expect(lines).toContainEqual({ Extra: '', ID: expect.any(String), Responses: [], Type: 1 })
    expect(await client.providers(cidOf(far), never)).toEqual({
      peers: [{ peerId: friend.peerId, addrs: [expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)] }],
      reason: null,
    })
    const nobodys = cidOf(new Cids(8).next())
    // Of Kubo's two DHTs one has no peers, and now and then its word is the one that is heard.
    await expect.poll(() => client.providers(nobodys, never)).toEqual({ peers: [], reason: null })
    // Twice: the first look did not bring it either.
    expect(await size(far)).toEqual(absent)
    expect(await size(far)).toEqual(absent)
  })

  test('asks for no number of providers below one', async () => {
    const message = 'number of providers must be greater than 0'
    expect(await ask(`routing/findprovs?arg=${node.far}&num-providers=0`)).toMatchObject({
      status: 500,
      lines: [{ Message: message, Code: 0, Type: 'error' }],
    })
  })
})

function cidOf(text: string): PinCid {
  const cid = parseCid(text)
  if (cid === undefined) throw new Error(`${text} does not parse`)
  return cid
}
