import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { atOnce } from '../src/domain/long-work.ts'
import { Http } from '../src/http/http.ts'
import { type ListingResult, listBucket } from '../src/listing/list-bucket.ts'
import { BucketClient } from '../src/service/pinning-service.ts'
import { RateLimit } from '../src/service/rate-limit.ts'
import type { Snapshot } from '../src/snapshot/snapshot.ts'
import { openSnapshot } from '../src/snapshot-file/open.ts'
import { temporaryFolder } from '../test/demo/temporary-folder.ts'
import { type Cost, measured } from './measured.ts'

/** The default of `requests-per-second`. */
export const requestsPerSecond = 50

/** A bucket of a service, with the snapshot of it on disk. */
export class BenchBucket implements AsyncDisposable {
  readonly path = join(temporaryFolder('bench'), 'snapshot.sqlite')
  readonly #snapshot: Snapshot
  readonly #http = new Http('bench')
  readonly #endpoint: URL
  #run = 0

  constructor(endpoint: string) {
    this.#endpoint = new URL(endpoint)
    this.#snapshot = atOnce(
      openSnapshot(this.path, 'bench', (warning) => {
        throw new Error(warning)
      }),
    )
  }

  /** Lists it as a run does. @throws where the listing is not proved complete */
  async list(): Promise<ListingResult & Cost & { readonly asked: number }> {
    using gate = new RateLimit(requestsPerSecond)
    const client = new BucketClient(
      { name: 'main', token: 'token' },
      { http: this.#http, endpoint: this.#endpoint, gate },
    )
    const { result, ...cost } = await measured(() =>
      listBucket({
        client,
        requests: this.#snapshot.bucket('main'),
        run: ++this.#run,
        full: false,
        signal: new AbortController().signal,
        onProgress: () => {},
      }),
    )
    if (!result.complete) throw new Error(`the listing is not complete: ${result.notes.join()}`)
    return { ...result, ...cost, asked: client.requestsSent }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.close()
    this.#snapshot[Symbol.dispose]()
    rmSync(this.path)
  }
}
