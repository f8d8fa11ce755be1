import { files } from '../e2e/content.ts'
import { identityCid, Kubo } from '../peers/kubo.ts'
import { ReverseProxy } from '../peers/proxy.ts'
import { Cids, peerIds } from '../sandbox/identity.ts'
import type { Mirror } from '../scenarios/mirror.ts'

/** A node whose runs are killed, and the service's peers that have what it lacks. */
export interface NodeUnderKills extends AsyncDisposable {
  readonly url: string
  /** All that it was asked, in order. */
  readonly asked: readonly { readonly path: string }[]
  /** The service's peers: the first has its content. */
  readonly delegates: readonly [string, string]
  /** Content that the service's peers have and the node has not. */
  publish(count: number): Promise<readonly string[]>
  /** New pins on the node. */
  pin(count: number): Promise<readonly string[]>
  pins(): Promise<ReadonlySet<string>>
  /** Whom it is peered with, in order. */
  peered(): Promise<readonly string[]>
}

const [nobody = '', stranger = '', friend = ''] = peerIds(3)
const nowhere = (peer: string) => `/ip4/127.0.0.1/tcp/1/p2p/${peer}`
/** Somebody is peered with before, and is to stay so. */
const before = nowhere(stranger)

export async function sandboxNode({ node }: Mirror, seed: number): Promise<NodeUnderKills> {
  const cids = new Cids(seed)
  const address = `/ip4/127.0.0.1/tcp/4002/p2p/${friend}`
  node.swarm.addPeering([before])
  return {
    url: node.url,
    asked: node.requests,
    delegates: [address, nowhere(nobody)],
    publish: async (count) => {
      const published = cids.take(count)
      for (const cid of published) node.setContent(cid, { blocks: 3, msPerBlock: 5, peer: friend })
      return published
    },
    pin: async (count) => {
      const pinned = cids.take(count)
      for (const cid of pinned) node.pin(cid)
      return pinned
    },
    pins: async () => new Set(node.pins.keys()),
    peered: async () => [...node.swarm.peering.keys()].sort(),
    // It is the mirror's own.
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export async function realNode(_: Mirror, seed: number): Promise<NodeUnderKills> {
  await using things = new AsyncDisposableStack()
  const node = things.use(await Kubo.start())
  const service = things.use(await Kubo.start())
  const proxy = things.use(await ReverseProxy.before(node.apiUrl))
  await node.rpc('swarm/peering/add', { arg: before })
  let made = 0
  const names = (count: number) => Array.from({ length: count }, () => `${seed}-${made++}`)
  const kept = things.move()
  return {
    url: proxy.url,
    asked: proxy.passed,
    delegates: [service.addresses[0] ?? '', nowhere(nobody)],
    publish: async (count) => {
      if (count === 0) return []
      const content = Object.assign({}, ...names(count).map((name) => files(name, 1, 3_000)))
      return [...(await service.add(content, { blockSize: 1024, pin: true })).values()]
    },
    pin: async (count) => {
      const pinned = names(count).map(identityCid)
      for (const arg of pinned) await node.rpc('pin/add', { arg })
      return pinned
    },
    pins: async () => new Set((await node.pins()).keys()),
    peered: async () => {
      const { Peers } = JSON.parse(await node.rpc('swarm/peering/ls')) as { Peers: { ID: string }[] | null }
      return (Peers ?? []).map(({ ID }) => ID).sort()
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
