import { type CidKind, Cids } from '../sandbox/identity.ts'
import {
  filebase,
  type NewRow,
  type PinningService,
  startPinningService,
} from '../sandbox/pinning-service.ts'
import { Random } from '../sandbox/random.ts'
import { type File, file, peerId } from './content.ts'
import type { DemoNode } from './node.ts'

const minute = 60_000
const day = 24 * 60 * minute

const sizes = { photos: 2400, videos: 640, documents: 1100, website: 260 }
type BucketName = keyof typeof sizes
const bucketNames = Object.keys(sizes) as BucketName[]

/** Tokens as Filebase has them: Base64 of key, secret and bucket. */
export const tokens = Object.fromEntries(
  bucketNames.map((name) => [name, Buffer.from(`KEY0DEMO:secret-of-the-demo:${name}`).toString('base64')]),
) as Readonly<Record<BucketName, string>>

/** A pinning service with four buckets that grew over two years, and what of them can be had. */
export class Scene {
  readonly service: PinningService
  /** The service's peers that the user knows, as multiaddrs. */
  readonly delegates: readonly string[]
  /** In all buckets together. */
  readonly requests: number
  readonly #node: DemoNode
  readonly #cids: Cids
  readonly #lost: readonly File[]

  private constructor(
    service: PinningService,
    delegates: readonly string[],
    node: DemoNode,
    cids: Cids,
    lost: readonly File[],
  ) {
    this.service = service
    this.delegates = delegates
    this.requests = bucketNames.reduce((sum, name) => sum + service.bucket(name).size, 0)
    this.#node = node
    this.#cids = cids
    this.#lost = lost
  }

  static async set(node: DemoNode): Promise<Scene> {
    const now = Date.now()
    const [first = '', second = '', third = '', newcomer = ''] = peers()
    const delegates = [first, second, third]
    const service = await startPinningService({
      buckets: tokens,
      manners: { ...filebase, delegates },
      latency: { ms: 120 },
      // Since last week, videos are fetched by a peer that the user has not heard of.
      delegates: ({ name, created }) =>
        name?.endsWith('.mp4') && created > now - 7 * day ? [first, newcomer] : delegates,
    })
    const cids = new Cids(2024)
    for (const name of bucketNames) service.bucket(name).addAll(history(name, now, cids, node.kind))
    const lost = addTrouble(service, now, cids, node.kind)
    await setNode(node, service, lost, cids)
    return new Scene(service, delegates, node, cids, lost)
  }

  /** What happens in an hour: uploads, a deletion, an upload that settles, a file that somebody has again. */
  async hourLater(): Promise<void> {
    const bucket = (name: BucketName) => this.service.bucket(name)
    const later = Date.now() - 10 * minute
    for (const name of ['harbour.jpg', 'ferry.jpg', 'gulls.jpg'])
      bucket('photos').add({ cid: this.#cids.next(this.#node.kind), name, created: later })
    bucket('videos').add({ cid: this.#cids.next(this.#node.kind), name: 'arrival.mp4', created: later })
    const deleted = bucket('documents').rows()[500]
    if (deleted !== undefined) bucket('documents').remove(deleted.requestid)
    const settled = bucket('photos')
      .rows()
      .find(({ status }) => status === 'pinning')
    if (settled !== undefined) bucket('photos').setStatus(settled.requestid, 'pinned')
    const [found] = this.#lost
    if (found !== undefined) await this.#node.offer(found)
  }

  /** How often the service was asked since this was last called. */
  takeRequests(): number {
    return this.service.requests.splice(0).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]()
  }
}

function peers(): string[] {
  const random = new Random(7)
  return ['pin-0', 'pin-1', 'pin-2', 'pin-eu'].map(
    (host) => `/dns4/${host}.example.net/tcp/4001/p2p/${peerId(random)}`,
  )
}

/** Two years of uploads, many of them in bulk, so that many requests share their second. */
function* history(bucket: BucketName, now: number, cids: Cids, kind: CidKind): Generator<NewRow> {
  const endings = { photos: 'jpg', videos: 'mp4', documents: 'pdf', website: 'html' }
  const batch = 40
  const batches = Math.ceil(sizes[bucket] / batch)
  for (let index = 0; index < sizes[bucket]; index++) {
    const age = (1 - Math.floor(index / batch) / batches) * 730 * day + 2 * 60 * minute
    const name = `${bucket}-${String(index + 1).padStart(4, '0')}.${endings[bucket]}`
    // Four uploads a second.
    yield { cid: cids.next(kind), name, created: now - age + (index % batch) * 250 }
  }
}

/** Requests under way, requests that failed, and content that was pinned once and that nobody has now. */
function addTrouble(service: PinningService, now: number, cids: Cids, kind: CidKind): File[] {
  const next = (name: string, days: number) => ({ cid: cids.next(kind), name, created: now - days * day })
  const photos = service.bucket('photos')
  photos.addAll([
    { ...next('sunrise.jpg', 0.1), status: 'queued' },
    { ...next('sunset.jpg', 0.1), status: 'queued' },
    { ...next('panorama.jpg', 0.2), status: 'pinning' },
  ])
  const reason = 'Exceeded Max Attempts (11)'
  service.bucket('videos').addAll([
    { ...next('interview-raw.mp4', 41), status: 'failed', reason },
    { ...next('workshop.mp4', 3), status: 'failed', reason },
  ])
  const lost = ['atlas.pdf', 'minutes-2024.pdf', 'old-logo.svg', 'poster.pdf']
  return lost.map((name, index) => {
    const made = file(`The content of ${name}`)
    service.bucket('documents').add({ cid: made.cid, name, created: now - (300 - 40 * index) * day })
    return made
  })
}

/** The node has most of what is pinned, and something of its own. */
async function setNode(node: DemoNode, service: PinningService, lost: readonly File[], cids: Cids) {
  const nobodyHas = new Set(lost.map(({ cid }) => cid))
  const pinned = bucketNames
    .flatMap((name) => service.bucket(name).rows())
    .filter(({ cid, status }) => status === 'pinned' && !nobodyHas.has(cid))
    .map(({ cid }) => cid)
  const isMissing = (index: number) => index % 8 === 3
  await node.pin([...pinned.filter((_, index) => !isMissing(index)), ...cids.take(25, node.kind)])
  node.slowDown(pinned.filter((_, index) => isMissing(index)).slice(0, 6))
  node.lose([...nobodyHas])
}
