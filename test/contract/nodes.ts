import { type KuboPeer, peerVersion } from '../peers/build.ts'
import { Kubo } from '../peers/kubo.ts'
import { Cids } from '../sandbox/identity.ts'
import { nowhere, startKubo } from '../sandbox/kubo.ts'

/** A node without connections, and a friend of it that has a file. */
export interface NodeUnderTest extends AsyncDisposable {
  readonly apiUrl: string
  readonly peerId: string
  readonly version: string
  readonly friend: { readonly peerId: string; readonly address: string }
  /** A file of several blocks that the friend has. */
  readonly file: { readonly cid: string; readonly blocks: number }
  /** A CAR with all blocks of the file, as a gateway gives it. */
  car(): Promise<Uint8Array>
  /** How long its header and its first block are. */
  readonly carStart: (car: Uint8Array) => number
  /** Takes all blocks away that no pin holds. */
  forget(): Promise<void>
  /** Says what the node says of a CID whose block it can't read; a real one knows. */
  setUnreadable(cid: string, words: string): void
  /** Takes a block of the file, not its root, away from the node. */
  loseBlock(): Promise<void>
  /** Has one byte of a block of the file, not its root, be another. */
  corruptBlock(): Promise<void>
  /** Makes a block to which nothing links, and has one byte of it be another. */
  corruptFirst(): Promise<string>
  /** Ends the connection to the friend. */
  loseFriend(): Promise<void>
  /** Replaces sections of the config file, by hand; `undefined` takes one away. */
  editConfig(sections: Readonly<Record<string, unknown>>): Promise<void>
}

const blocks = 5

export async function sandboxNode(): Promise<NodeUnderTest> {
  const kubo = await startKubo({ otherwise: nowhere, reachable: (address) => !address.includes('/tcp/1/') })
  const friend = { peerId: '12D3KooWEsQ25LRbGVDu9JqJC85SEv9n1uqsxzgg4g2HRBmAu9Hr' }
  const cid = new Cids(1).next()
  kubo.setContent(cid, { blocks, peer: friend.peerId })
  return {
    apiUrl: kubo.url,
    peerId: kubo.peerId,
    version: kubo.version,
    friend: { ...friend, address: `/ip4/127.0.0.1/tcp/4002/p2p/${friend.peerId}` },
    file: { cid, blocks },
    car: async () => kubo.carOf(cid),
    carStart: (car) => headerEnd(car) + (car.length - headerEnd(car)) / blocks,
    forget: async () => kubo.loseBlocks(cid, 0),
    setUnreadable: (inline, unreadable) => kubo.setContent(inline, { unreadable }),
    loseBlock: async () => kubo.loseBlocks(cid),
    corruptBlock: async () => kubo.corrupt(cid),
    corruptFirst: async () => {
      const single = new Cids(2).next('raw')
      kubo.setContent(single, {})
      kubo.pin(single)
      kubo.corrupt(single)
      return single
    },
    loseFriend: async () => kubo.swarm.disconnect(friend.peerId),
    editConfig: async (sections) => {
      kubo.config.file = JSON.parse(JSON.stringify({ ...kubo.config.file, ...sections }))
    },
    [Symbol.asyncDispose]: () => kubo[Symbol.asyncDispose](),
  }
}

export async function realNode(peer: KuboPeer): Promise<NodeUnderTest> {
  await using things = new AsyncDisposableStack()
  const node = things.use(await Kubo.start({}, peer))
  const friend = things.use(await Kubo.start({}, peer))
  // Each block is other data, so that none of them is stored once for two.
  const content = new Uint8Array(4 * 1024).map((_, index) => index / 1024 + (index % 7))
  const cid = (await friend.add({ file: content }, { blockSize: 1024, pin: true })).get('file') ?? ''
  const leaf = async () => {
    const [first = ''] = (await friend.rpc('refs', { arg: cid })).split('\n')
    return (JSON.parse(first) as { Ref: string }).Ref
  }
  const kept = things.move()
  const address = friend.addresses[0] ?? ''
  return {
    apiUrl: node.apiUrl,
    peerId: node.peerId,
    version: peerVersion(peer),
    friend: { peerId: friend.peerId, address },
    file: { cid, blocks },
    car: () => friend.exportCar(cid),
    carStart: (car) => sectionEnd(car, headerEnd(car)),
    forget: async () => void (await node.rpc('repo/gc')),
    setUnreadable: () => undefined,
    loseBlock: async () => node.lose(await leaf()),
    corruptBlock: async () => node.corrupt(await leaf()),
    corruptFirst: async () => {
      const single = (await node.add({ single: 'of one block' })).get('single') ?? ''
      await node.corrupt(single)
      return single
    },
    loseFriend: async () => void (await node.rpc('swarm/disconnect', { arg: address })),
    editConfig: (sections) => node.configure(sections),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const headerEnd = (car: Uint8Array) => sectionEnd(car, 0)

/** Each section of a CAR begins with its length, as a varint. */
function sectionEnd(car: Uint8Array, start: number): number {
  let [length, at] = [0, start]
  for (let shift = 0; ; shift += 7) {
    const byte = car[at++] ?? 0
    length += (byte & 0x7f) << shift
    if (byte < 0x80) return at + length
  }
}
