import type { ListingResult } from '../../../src/listing/list-bucket.ts'
import type { ListedBucket } from '../../../src/sides/list-service.ts'
import { proved } from '../listing/proved.ts'

/** A bucket whose listing came to this; `null` for one that broke off. */
export function listedBucket(
  result: Partial<ListingResult> | null,
  listedAt: ListedBucket['listedAt'],
): ListedBucket {
  const listed =
    result === null ? { result: undefined, error: new Error('cut') } : { result: { ...proved, ...result } }
  return { name: 'photos', listedAt, ...listed } as ListedBucket
}
