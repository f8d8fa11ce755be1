import type { DatabaseSync } from 'node:sqlite'
import type { Config } from '../config.ts'
import type { Http } from '../http.ts'
import { type ListingResult, listBucket, modeOf } from '../listing/list-bucket.ts'
import type { ListingProgress } from '../listing/listing.ts'
import { BucketClient } from '../service/pinning-service.ts'
import { RateLimit } from '../service/rate-limit.ts'
import { BucketState } from '../snapshot/buckets.ts'
import type { DelegateBook } from '../snapshot/delegates.ts'
import { BucketRequests } from '../snapshot/requests.ts'

/** A bucket after its listing; its requests are in the snapshot, also those of a listing that broke off. */
export interface ListedBucket {
  readonly name: string
  readonly requests: BucketRequests
  /** What kind of listing it was to be. */
  readonly mode: ListingResult['mode']
  /** `undefined` where the listing broke off. */
  readonly result: ListingResult | undefined
  /** Why it broke off. */
  readonly error: unknown
  readonly httpRequests: number
}

/** Lists all buckets at the same time, under the one rate limit; one that fails leaves the others alone. */
export async function listService(
  config: Pick<Config, 'buckets' | 'endpoint' | 'requestsPerSecond' | 'fullListing'>,
  edges: {
    readonly http: Http
    readonly db: DatabaseSync
    readonly delegates: DelegateBook
    /** The number of this run. */
    readonly run: number
    readonly signal: AbortSignal
    readonly onProgress: (progress: ListingProgress) => void
  },
): Promise<ListedBucket[]> {
  using gate = new RateLimit(config.requestsPerSecond)
  const { http, db, delegates, run, signal, onProgress } = edges
  const listings = config.buckets.map(async (bucket) => {
    const client = new BucketClient(bucket, { http, endpoint: config.endpoint, gate })
    const requests = new BucketRequests(db, bucket.name, delegates)
    const mode = modeOf(new BucketState(db, requests.id), config.fullListing)
    const about = { name: bucket.name, requests, mode } as const
    try {
      const full = config.fullListing
      const result = await listBucket({ client, db, requests, run, full, signal, onProgress })
      return { ...about, result, error: undefined, httpRequests: client.requestsSent }
    } catch (error) {
      return { ...about, result: undefined, error, httpRequests: client.requestsSent }
    }
  })
  // Awaited here: the gate is for as long as the listings.
  return await Promise.all(listings)
}
