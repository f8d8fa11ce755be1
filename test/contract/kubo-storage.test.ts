import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, describe, expect, test } from 'vitest'
import { parseCid } from '../../src/domain/cid.ts'
import { Http } from '../../src/http/http.ts'
import { Kubo as KuboClient } from '../../src/node/kubo/kubo.ts'
import type { PinProgress } from '../../src/node/node.ts'
import type { KuboPeer } from '../peers/build.ts'
import { Kubo } from '../peers/kubo.ts'
import { Cids } from '../sandbox/identity.ts'
import { startKubo } from '../sandbox/kubo.ts'
import { kubos } from './kubos.ts'
import { rpc } from './rpc.ts'

const http = new Http('ipfs-pin-mirror/test')
afterAll(() => http.close())
const never = new AbortController().signal

/** A node that has nothing, and a file of several blocks that it can get. */
interface Under extends AsyncDisposable {
  readonly apiUrl: string
  readonly file: string
  /** Of its blocks. */
  readonly bytes: number
  /** Of its disk. */
  readonly disk: () => Promise<{ readonly all: number; readonly left: number }>
}

async function real(peer: KuboPeer, storageMax: string): Promise<Under> {
  await using things = new AsyncDisposableStack()
  const node = things.use(await Kubo.start({ 'Datastore.StorageMax': storageMax }, peer))
  const friend = things.use(await Kubo.start({}, peer))
  const content = new Uint8Array(40_000).map((_, index) => index / 1024 + (index % 7))
  const file = (await friend.add({ file: content }, { blockSize: 10_000, pin: true })).get('file') ?? ''
  const counted = JSON.parse((await friend.rpc('dag/stat', { arg: file, progress: 'false' })).trim()) as {
    DagStats: [{ Size: number }]
  }
  await node.connect(friend)
  const done = things.move()
  return {
    apiUrl: node.apiUrl,
    file,
    bytes: counted.DagStats[0].Size,
    disk: async () => {
      const { bavail, bfree, bsize } = await statfs(tmpdir())
      return { all: bfree * bsize, left: bavail * bsize }
    },
    [Symbol.asyncDispose]: () => done.disposeAsync(),
  }
}

async function sandbox(storageMax: number): Promise<Under> {
  const node = await startKubo()
  const file = new Cids(61).next()
  node.storageMax = storageMax
  node.setContent(file, { blocks: 4, bytesPerBlock: 10_000 })
  return {
    apiUrl: node.url,
    file,
    bytes: 40_000,
    disk: async () => ({ all: node.diskSize * 1.05, left: node.diskSize }),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  }
}

const peers = kubos(
  (gigabytes: number) => sandbox(gigabytes * 1e9),
  (peer, gigabytes) => real(peer, `${gigabytes}GB`),
)

describe.each(peers)('what $peer tells of bytes', ({ isThere, start }) => {
  const clientOf = ({ apiUrl }: Under) =>
    new KuboClient({ http, url: new URL(apiUrl), authorization: undefined })

  test.skipIf(!isThere)(
    'its store, what it may take, and what its disk has left for others than root',
    async () => {
      await using node = await start(50)
      const before = await clientOf(node).storage(never)
      const { left } = await node.disk()
      expect(before?.most).toBe(50e9)
      // Others write to this disk meanwhile.
      expect(Math.abs((before?.free ?? 0) - left)).toBeLessThan(5e9)
      await rpc(node.apiUrl, `pin/add?arg=${node.file}`)
      await expect
        .poll(async () => ((await clientOf(node).storage(never))?.used ?? 0) - (before?.used ?? 0))
        .toBeGreaterThanOrEqual(node.bytes)
    },
  )

  test.skipIf(!isThere)('a new repository’s own limit is nobody’s choice', async () => {
    await using node = await start(10)
    expect((await clientOf(node).storage(never))?.most).toBeNull()
  })

  test.skipIf(!isThere)(
    'a pin’s last numbers are all of its bytes, before it is said to be pinned',
    async () => {
      await using node = await start(10)
      const cid = parseCid(node.file)
      if (cid === undefined) throw new Error('the CID parses')
      const seen: PinProgress[] = []
      await clientOf(node).pin(cid, { name: null, signal: never, onProgress: (one) => seen.push(one) })
      expect(seen.at(-1)?.bytes).toBe(node.bytes)
    },
  )
})
