import type { DatabaseSync } from 'node:sqlite'
import type { Config } from '../config/types.ts'
import { type ListingResult, listBucket, modeOf } from '../listing/list-bucket.ts'
import type { ListingProgress } from '../listing/listing.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import { BucketState } from '../snapshot/buckets.ts'
import type { DelegateBook } from '../snapshot/delegates.ts'
import { BucketRequests } from '../snapshot/requests.ts'

/** A bucket after its listing; its requests are in the snapshot, also those of a listing that broke off. */
export interface ListedBucket {
  readonly name: string
  readonly client: BucketClient
  readonly requests: BucketRequests
  /** What kind of listing it was to be. */
  readonly mode: ListingResult['mode']
  /** `undefined` where the listing broke off. */
  readonly result: ListingResult | undefined
  /** Why it broke off. */
  readonly error: unknown
  readonly httpRequests: number
}

/** Lists all buckets at the same time; one that fails leaves the others alone. */
export async function listService(
  config: Pick<Config, 'fullListing'>,
  edges: {
    /** In the input's order. */
    readonly clients: readonly BucketClient[]
    readonly db: DatabaseSync
    readonly delegates: DelegateBook
    /** The number of this run. */
    readonly run: number
    readonly signal: AbortSignal
    readonly onProgress: (progress: ListingProgress) => void
  },
): Promise<ListedBucket[]> {
  const { clients, db, delegates, run, signal, onProgress } = edges
  const listings = clients.map(async (client) => {
    const requests = new BucketRequests(db, client.bucket, delegates)
    const mode = modeOf(new BucketState(db, requests.id), config.fullListing)
    const about = { name: client.bucket, client, requests, mode } as const
    try {
      const full = config.fullListing
      const result = await listBucket({ client, db, requests, run, full, signal, onProgress })
      return { ...about, result, error: undefined, httpRequests: client.requestsSent }
    } catch (error) {
      return { ...about, result: undefined, error, httpRequests: client.requestsSent }
    }
  })
  return Promise.all(listings)
}
