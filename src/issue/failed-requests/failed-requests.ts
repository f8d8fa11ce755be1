import { type LongWork, paused } from '../../domain/long-work.ts'
import { type ReasonClass, retryOf } from '../../domain/reasons/classes.ts'
import type { BucketReport, FailedRequest } from '../../report/report.ts'
import type { AlikeInBucket } from '../failures.ts'
import type { FailedAlike } from '../tracked.ts'
import { NamedRequests } from './named-requests.ts'
import { Oldest } from './oldest.ts'

/** Those of one class. */
interface Alike {
  /** A row each bucket, the last of which grows. */
  readonly rows: (AlikeInBucket & { cids: number; oldest: number })[]
  readonly oldest: Oldest
}

/**
 * The requests that failed at the service and that nobody asks for again. A frozen account shows all of a million as
 * failed, so that they are gone over once.
 */
export class FailedRequests {
  readonly named = new NamedRequests()
  readonly #alike = new Map<ReasonClass, Alike>()
  readonly #mostCids: number

  /**
   * @param isAskedAgain of a CID: such requests come and go
   * @param mostCids that are told of one class
   */
  static *in(
    buckets: readonly Pick<BucketReport, 'name' | 'failedRequests'>[],
    {
      isAskedAgain,
      mostCids,
    }: { readonly isAskedAgain: (cid: string) => boolean; readonly mostCids: number },
  ): LongWork<FailedRequests> {
    const all = new FailedRequests(mostCids)
    for (const { name, failedRequests } of buckets)
      yield* paused(failedRequests, (request) => {
        if (!isAskedAgain(request.cid)) all.#add(request, name)
      })
    return all
  }

  private constructor(mostCids: number) {
    this.#mostCids = mostCids
  }

  /** By class and bucket. */
  *rows(): Generator<AlikeInBucket> {
    for (const { rows } of this.#alike.values()) yield* rows
  }

  /** The words of the oldest of a class, and the CIDs of the oldest. */
  detailsOf(reasonClass: ReasonClass): Pick<FailedAlike, 'reason' | 'first'> {
    const oldest = this.#alike.get(reasonClass)?.oldest.all() ?? []
    return { reason: oldest[0]?.reason ?? '', first: oldest.map(({ cid }) => cid) }
  }

  #add(request: FailedRequest, bucket: string): void {
    this.named.add(request.cid)
    const { rows, oldest } = this.#alikeOf(request.class)
    oldest.add(request)
    const created = Date.parse(request.created)
    const last = rows.at(-1)
    if (last?.bucket === bucket) {
      last.cids++
      last.oldest = Math.min(last.oldest, created)
    } else rows.push({ ...rowOf(request.class), bucket, cids: 1, oldest: created })
  }

  #alikeOf(reasonClass: ReasonClass): Alike {
    let alike = this.#alike.get(reasonClass)
    if (alike === undefined) {
      alike = { rows: [], oldest: new Oldest(this.#mostCids) }
      this.#alike.set(reasonClass, alike)
    }
    return alike
  }
}

function rowOf(reasonClass: ReasonClass) {
  return { kind: 'request', class: reasonClass, retry: retryOf(reasonClass), next: null } as const
}
