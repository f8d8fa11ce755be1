import { type CidKey, cidForms, type PinCid, parseCid } from '../../domain/cid.ts'
import type { PinRequest } from '../../domain/pin.ts'
import type { Page } from '../../service/answers.ts'
import { type BucketClient, cidsPerQuery, fullPage } from '../../service/pinning-service.ts'
import { isOfMoreThanOne } from '../sending/failure-of.ts'

/** What the service says of a CID. */
export type LookUp =
  | { readonly kind: 'found'; readonly request: PinRequest }
  | { readonly kind: 'not-there' }
  /** It does not say: not all was shown, or something odd, or there was no answer that counts. */
  | { readonly kind: 'not-known'; readonly why: string }

/**
 * Asks for the request for a CID that is pinned or on the way: over all statuses, and form by form, since filters are
 * literal, and one by two may find nothing.
 * @throws a fault of the whole service, or the signal's reason
 */
export async function lookUp(client: BucketClient, cid: PinCid, signal: AbortSignal): Promise<LookUp> {
  let gap: string | undefined
  for (const form of formsOf(cid)) {
    const page = await pageOf(client, [form], signal)
    const live = typeof page === 'string' ? undefined : liveIn(page).get(cid.key)
    if (live !== undefined) return { kind: 'found', request: live }
    gap ??= typeof page === 'string' ? page : gapIn(page, cid.text)
  }
  return gap === undefined ? { kind: 'not-there' } : { kind: 'not-known', why: gap }
}

/**
 * The live requests for several CIDs, in one question: only of a service that was seen to understand it.
 * @param cids of at most 10 forms
 * @returns `undefined` where the answer does not tell of all of them
 * @throws as `lookUp`
 */
export async function lookUpSeveral(
  client: BucketClient,
  cids: readonly PinCid[],
  signal: AbortSignal,
): Promise<ReadonlyMap<CidKey, PinRequest> | undefined> {
  const page = await pageOf(client, cids.flatMap(formsOf), signal)
  return typeof page === 'string' || gapIn(page, '') !== undefined ? undefined : liveIn(page)
}

/** Whether a filter by several CIDs that are known to be there, at its first and its last place, finds both. */
export async function takesSeveral(
  client: BucketClient,
  examples: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const [first, ...others] = examples.slice(0, cidsPerQuery)
  const last = others.at(-1)
  if (first === undefined || last === undefined) return false
  const page = await pageOf(client, [first, ...others], signal)
  if (typeof page === 'string') return false
  const shown = new Set(page.requests.map(({ cid }) => cid))
  return shown.has(first) && shown.has(last)
}

/** How a CID may be written at the service. */
export function formsOf(cid: PinCid): string[] {
  return [...new Set([cid.text, ...cidForms(cid.key)])]
}

/** @returns why there is none, where that may be due to what was asked for */
async function pageOf(
  client: BucketClient,
  cids: readonly string[],
  signal: AbortSignal,
): Promise<Page | string> {
  try {
    return await client.list({ cids, limit: fullPage }, signal)
  } catch (error) {
    if (isOfMoreThanOne(error)) throw error
    return (error as Error).message
  }
}

/** Why a page proves nothing of what it does not show. */
function gapIn({ count, shown, odd: [odd] }: Page, asked: string): string | undefined {
  if (odd !== undefined) return `asked for ${asked}, the service shows a request that is odd: ${odd.problem}`
  return count > shown ? `asked for ${asked}, the service shows ${shown} of ${count} requests` : undefined
}

function liveIn({ requests }: Page): ReadonlyMap<CidKey, PinRequest> {
  const live = new Map<CidKey, PinRequest>()
  for (const request of requests) {
    const key = request.status === 'failed' ? undefined : parseCid(request.cid)?.key
    if (key !== undefined) live.set(key, request)
  }
  return live
}
