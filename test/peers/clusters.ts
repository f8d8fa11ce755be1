import { randomBytes } from 'node:crypto'
import { Cluster } from './cluster.ts'
import { Kubo } from './kubo.ts'

interface Options {
  readonly peers: number
  /** How many of them are to have a CID. */
  readonly replication: number
  /** After so long without progress a pin fails; the cluster's own default is 2 minutes. */
  readonly pinTimeout?: string
  /** How often a peer tells the others what it has; the cluster's own default is a minute. */
  readonly rebroadcastInterval?: string
}

/** A real IPFS Cluster of several peers, each over a real Kubo node of its own. */
export class ClusterOfPeers implements AsyncDisposable {
  readonly #things: AsyncDisposableStack
  /** `peer-1` and so on. */
  readonly peers: readonly Cluster[]

  private constructor(things: AsyncDisposableStack, peers: readonly Cluster[]) {
    this.#things = things
    this.peers = peers
  }

  static async start({ peers: count, ...options }: Options): Promise<ClusterOfPeers> {
    await using things = new AsyncDisposableStack()
    const secret = randomBytes(32).toString('hex')
    const kubos = await Promise.all(Array.from({ length: count }, (_, index) => startKubo(index)))
    for (const kubo of kubos) things.use(kubo)
    const peers: Cluster[] = []
    for (const [index, kubo] of kubos.entries()) {
      const joins = peers[0] === undefined ? {} : { joins: peers[0].address }
      peers.push(
        things.use(await Cluster.start(kubo, { ...options, ...joins, secret, name: `peer-${index + 1}` })),
      )
    }
    const cluster = new ClusterOfPeers(things.move(), peers)
    try {
      await cluster.untilSeen(count)
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
    return cluster
  }

  /** The REST API of the first peer. */
  get restUrl(): string {
    return (this.peers[0] as Cluster).restUrl
  }

  /**
   * Waits until the first peer sees so many, itself included, and all know the free space of as many, by which they
   * allocate. The others need not see each other: they were told of the first alone.
   */
  async untilSeen(count: number): Promise<void> {
    for (const end = Date.now() + 120_000; ; ) {
      const [seen, known] = await Promise.all([this.#seenByFirst(), Promise.all(this.peers.map(knownBy))])
      const there = known.filter((one) => one !== undefined)
      if (seen === count && there.length === count && there.every((one) => one === count)) return
      if (Date.now() > end)
        throw new Error(`the first peer of the cluster sees ${seen} and not ${count}; all know of ${there}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  async #seenByFirst(): Promise<number> {
    const text = await (await fetch(`${this.restUrl}/peers`)).text()
    return text.split('\n').filter((line) => line !== '' && JSON.parse(line).error === '').length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync()
  }
}

/** Of how many peers one knows the free space; `undefined` where it does not answer itself. */
async function knownBy({ restUrl }: Cluster): Promise<number | undefined> {
  try {
    const response = await fetch(`${restUrl}/monitor/metrics/freespace`)
    return ((await response.json()) as unknown[]).length
  } catch {
    return undefined
  }
}

/** Each announces a public address too, as one on the Internet does; nobody can dial it there. */
function startKubo(index: number): Promise<Kubo> {
  return Kubo.start({ 'Addresses.AppendAnnounce': [`/ip4/93.184.216.${index + 1}/tcp/4001`] })
}
