import { relistBucket } from '../listing/list-bucket.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import type { ListedBucket } from '../sides/list-service.ts'
import type { RequestState } from '../snapshot/bucket/requests.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** A service's own instants may be so far apart, ms. */
const slack = 10 * 60_000

/** The buckets while requests that were sent to them settle: each listed once more whenever that is looked at. */
export class SettlingBuckets {
  readonly #buckets: Map<string, ListedBucket>
  readonly #snapshot: Snapshot
  readonly #signal: AbortSignal
  /** The newest request of each before anything is sent. */
  readonly #newest: ReadonlyMap<string, number | undefined>
  /** Why the last look at a bucket did not prove what it has, by its name. */
  readonly unproved = new Map<string, readonly string[]>()

  constructor(buckets: readonly ListedBucket[], snapshot: Snapshot, signal: AbortSignal) {
    this.#buckets = new Map(buckets.map((bucket) => [bucket.name, bucket]))
    this.#snapshot = snapshot
    this.#signal = signal
    this.#newest = new Map(buckets.map(({ name, requests }) => [name, requests.newest()]))
  }

  /** In the order of the input, with all that was found of them. */
  get listed(): readonly ListedBucket[] {
    return [...this.#buckets.values()]
  }

  clientOf(name: string): BucketClient {
    return this.#bucket(name).client
  }

  /** A bucket's number in the snapshot. */
  idOf(name: string): number {
    return this.#bucket(name).requests.id
  }

  /** The requests in the snapshot that were created at or after an instant. */
  since(name: string, created: number): Iterable<RequestState> {
    return this.#bucket(name).requests.since(created)
  }

  /** No request was created before, by the service's own instants, that was sent since. */
  sentSince(name: string): number {
    return (this.#newest.get(name) ?? slack) - slack
  }

  /** Lists into the snapshot what came, and what became of the unsettled. @throws what the listing throws */
  async relist(name: string): Promise<void> {
    const bucket = this.#bucket(name)
    const { client, requests, result } = bucket
    const { run } = this.#snapshot
    const asked = client.requestsSent
    const options = { client, requests, run, signal: this.#signal, onProgress: () => {} }
    const { added, changed, unproved } = await relistBucket(options)
    if (unproved.length > 0) this.unproved.set(name, unproved)
    else this.unproved.delete(name)
    const httpRequests = bucket.httpRequests + client.requestsSent - asked
    this.#buckets.set(name, {
      ...bucket,
      httpRequests,
      result: result && { ...result, added: result.added + added, changed: result.changed + changed },
    })
  }

  #bucket(name: string): ListedBucket {
    const bucket = this.#buckets.get(name)
    if (bucket === undefined) throw new Error(`there is no bucket ${name}`)
    return bucket
  }
}
