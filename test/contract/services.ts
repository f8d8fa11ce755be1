import { Cluster } from '../peers/cluster.ts'
import { Kubo } from '../peers/kubo.ts'
import { cluster, startPinningService } from '../sandbox/pinning-service.ts'

/** A Pinning Service API with IPFS Cluster's manners, without pins. Content of its own (identity CIDs) it pins at once. */
export interface ServiceUnderTest extends AsyncDisposable {
  readonly url: string
  readonly token: string
  /** Takes the service's own node down, behind its back. */
  loseNode(): Promise<void>
  regainNode(): Promise<void>
}

export async function sandboxService(): Promise<ServiceUnderTest> {
  const service = await startPinningService({
    buckets: { main: 'token' },
    manners: cluster,
    settle: ({ cid }) => ({
      status: cid.startsWith('bafkqa') ? 'pinned' : 'pinning',
      after: { requests: 0 },
    }),
  })
  const bucket = service.bucket('main')
  return {
    url: service.url,
    token: 'token',
    loseNode: async () => {
      bucket.hidden = () => true
    },
    regainNode: async () => {
      bucket.hidden = undefined
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  }
}

export async function realService(): Promise<ServiceUnderTest> {
  await using things = new AsyncDisposableStack()
  const kubo = things.use(await Kubo.start())
  const real = things.use(await Cluster.start(kubo))
  const kept = things.move()
  return {
    url: real.pinningServiceUrl,
    token: real.token,
    loseNode: () => kubo.stop(),
    regainNode: () => kubo.restart(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
