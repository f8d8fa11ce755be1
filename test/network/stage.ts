import { Kubo } from '../peers/kubo.ts'
import { Mirror, type Ran } from '../scenarios/mirror.ts'
import { publicAddresses } from './namespace.ts'

const [first, second, own, stranger] = publicAddresses
/** A peer that the user of the node peers with, and that nobody runs. */
const friend = {
  ID: '12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R',
  Addrs: [`/ip4/${stranger}/tcp/4001`],
}

interface PeeredWith {
  readonly Peers: readonly { readonly ID: string; readonly Addrs: readonly string[] }[]
}

/**
 * A service with two peers, and a node, all real Kubo and each at a public address of its own. Nobody can be found but by
 * a multiaddr, and the node's user is peered with a friend. 30 CIDs are pinned at the service: 20 are at its first peer,
 * which the input `delegates` names, and 10 at the second, which only their requests name.
 */
export class Stage implements AsyncDisposable {
  readonly #things: AsyncDisposableStack
  readonly mirror: Mirror
  readonly node: Kubo
  readonly cids: readonly string[]
  readonly #inputs: Readonly<Record<string, string>>

  private constructor(
    things: AsyncDisposableStack,
    found: { readonly mirror: Mirror; readonly node: Kubo; readonly cids: readonly string[]; known: string },
  ) {
    this.#things = things
    this.mirror = found.mirror
    this.node = found.node
    this.cids = found.cids
    this.#inputs = {
      'node-url': found.node.apiUrl,
      delegates: found.known,
      // As in action.yml.
      'stall-timeout': '2m',
      attempts: '3',
    }
  }

  static async set(): Promise<Stage> {
    await using things = new AsyncDisposableStack()
    const at = (address: string | undefined) => ({ 'Addresses.Swarm': [`/ip4/${address}/tcp/4001`] })
    const [one, two, node] = await Promise.all([
      Kubo.start(at(first)),
      Kubo.start(at(second)),
      Kubo.start({ ...at(own), 'Peering.Peers': [friend] }),
    ])
    for (const kubo of [one, two, node]) things.use(kubo)
    const [known = '', unknown = ''] = [one, two].map(({ addresses }) => addresses[0])
    const mirror = things.use(
      await Mirror.start({
        service: { delegates: ({ name }) => [name?.startsWith('two') ? unknown : known] },
      }),
    )
    const cids = [...(await addTo(one, 'one', 20)), ...(await addTo(two, 'two', 10))]
    for (const [index, cid] of cids.entries())
      mirror.service.bucket('photos').add({ cid, name: `${index < 20 ? 'one' : 'two'} ${index}` })
    return new Stage(things.move(), { mirror, node, cids, known })
  }

  async run(inputs: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return this.mirror.run({ inputs: { ...this.#inputs, ...inputs } })
  }

  start(): ReturnType<Mirror['start']> {
    return this.mirror.start({ inputs: this.#inputs })
  }

  /** A CID that nobody has keeps a run from ending. */
  addDead(): string {
    const cid = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
    this.mirror.service.bucket('photos').add({ cid, name: 'dead' })
    return cid
  }

  /** How many of the CIDs the node pins. */
  async pinned(): Promise<number> {
    const pins = await this.node.pins()
    return this.cids.filter((cid) => pins.has(cid)).length
  }

  /** How many peers the node is peered with besides its user's friend, who must be as before. */
  async peeredWith(): Promise<number> {
    const { Peers } = JSON.parse(await this.node.rpc('swarm/peering/ls')) as PeeredWith
    const others = Peers.filter(({ ID }) => ID !== friend.ID)
    if (JSON.stringify(Peers.find(({ ID }) => ID === friend.ID)) !== JSON.stringify(friend))
      throw new Error(`the friend is not as before: ${JSON.stringify(Peers)}`)
    return others.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync()
  }
}

async function addTo(kubo: Kubo, name: string, count: number): Promise<string[]> {
  const files = Array.from({ length: count }, (_, index) => [
    `${name}-${index}`,
    `${name} ${index}`.repeat(200),
  ])
  const cids = await kubo.add(Object.fromEntries(files), { pin: true })
  return files.map(([path]) => cids.get(path ?? '') ?? '')
}
