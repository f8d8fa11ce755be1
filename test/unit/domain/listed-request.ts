import { parseCid } from '../../../src/domain/cid.ts'
import type { ListedRequest } from '../../../src/domain/compare.ts'

/** A request as the snapshot lists it: pinned, without a name, unless said otherwise. */
export function listedRequest(text: string, more: Partial<ListedRequest> = {}): ListedRequest {
  const defaults = {
    status: 'pinned',
    name: null,
    created: 1000,
    delegates: null,
    failureReason: null,
    size: null,
  } as const
  return { requestid: `id of ${text}`, text, key: parseCid(text)?.key, ...defaults, ...more }
}
