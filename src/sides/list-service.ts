import type { Config } from '../config/types.ts'
import type { Moment } from '../domain/moment.ts'
import { inSlices } from '../in-slices.ts'
import { type ListingResult, listBucket, modeOf } from '../listing/list-bucket.ts'
import type { ListingProgress, WindowDecision } from '../listing/listing.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import type { BucketFigures } from '../snapshot/bucket/overview.ts'
import type { BucketRequests } from '../snapshot/bucket/requests.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** A bucket after its listing; its requests are in the snapshot, also those of a listing that broke off. */
export interface ListedBucket {
  readonly name: string
  readonly client: BucketClient
  readonly requests: BucketRequests
  /** What is told of them, as they were when the listing ended. */
  readonly figures: BucketFigures
  /** Which kind of listing was begun. */
  readonly mode: ListingResult['mode']
  /** `undefined` where the listing broke off. */
  readonly result: ListingResult | undefined
  /** Why it broke off. */
  readonly error: unknown
  readonly httpRequests: number
  /** When the listing ended. */
  readonly listedAt: Moment
}

/** A run by hand with `full-listing: true` confirms what earlier runs saw vanish. */
export function isByPerson({ fullListing, github }: Pick<Config, 'fullListing' | 'github'>): boolean {
  return fullListing && github.manual
}

/**
 * Lists all buckets at the same time. One that fails does not disturb the others.
 * @throws the reason of the last look, where that is over before all is counted
 */
export async function listService(
  config: Pick<Config, 'fullListing' | 'github'>,
  edges: {
    /** In the input's order. */
    readonly clients: readonly BucketClient[]
    readonly snapshot: Snapshot
    readonly signal: AbortSignal
    /** Aborted when there is no time left to count what there is. */
    readonly lastLook: () => AbortSignal
    readonly onProgress: (progress: ListingProgress) => void
    readonly onWindow: (decision: WindowDecision) => void
  },
): Promise<ListedBucket[]> {
  const { clients, snapshot, signal, lastLook, onProgress, onWindow } = edges
  const { run } = snapshot
  const listings = clients.map(async (client) => {
    const requests = snapshot.bucket(client.bucket)
    const mode = modeOf(requests.state(), config.fullListing)
    const about = { name: client.bucket, client, requests, mode } as const
    try {
      const full = config.fullListing
      const isConfirmed = isByPerson(config)
      const listing = { client, requests, run, full, isConfirmed, signal, onProgress, onWindow }
      const result = await listBucket(listing)
      return { ...about, result, error: undefined, httpRequests: client.requestsSent, listedAt: client.now }
    } catch (error) {
      return { ...about, result: undefined, error, httpRequests: client.requestsSent, listedAt: client.now }
    }
  })
  return await withFigures(await Promise.all(listings), lastLook())
}

/** With what the snapshot has of each by now. @throws the signal's reason */
export async function withFigures(
  buckets: readonly Omit<ListedBucket, 'figures'>[],
  signal?: AbortSignal,
): Promise<ListedBucket[]> {
  const counted: ListedBucket[] = []
  for (const bucket of buckets)
    counted.push({ ...bucket, figures: await inSlices(bucket.requests.overview.figures(), signal) })
  return counted
}
