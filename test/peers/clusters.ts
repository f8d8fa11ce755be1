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

  /** Waits until so many peers are there that see as many, and know their free space, by which they allocate. */
  async untilSeen(count: number): Promise<void> {
    for (const end = Date.now() + 120_000; ; ) {
      const views = (await Promise.all(this.peers.map(view))).filter((one) => one !== undefined)
      if (views.length === count && views.flat().every((seen) => seen === count)) return
      if (Date.now() > end)
        throw new Error(`not each of ${count} peers sees as many: ${JSON.stringify(views)}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync()
  }
}

/** How many peers one sees, and of how many it knows the free space; `undefined` where it does not answer itself. */
async function view({ restUrl }: Cluster): Promise<readonly [number, number] | undefined> {
  const ask = async (path: string) => (await fetch(`${restUrl}/${path}`)).text()
  try {
    const [peers, metrics] = await Promise.all([ask('peers'), ask('monitor/metrics/freespace')])
    const well = peers.split('\n').filter((line) => line !== '' && JSON.parse(line).error === '')
    return [well.length, (JSON.parse(metrics) as unknown[]).length]
  } catch {
    return undefined
  }
}

/** Each announces a public address too, as one on the Internet does; nobody can dial it there. */
function startKubo(index: number): Promise<Kubo> {
  return Kubo.start({ 'Addresses.AppendAnnounce': [`/ip4/93.184.216.${index + 1}/tcp/4001`] })
}
