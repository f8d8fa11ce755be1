import { type PinCid, parseCid } from '../../domain/cid.ts'
import type { PinRequest } from '../../domain/pin.ts'
import type { BucketClient } from '../../service/pinning-service.ts'
import { lookUp } from '../looks/look-up.ts'
import { isOfMoreThanOne } from './failure-of.ts'

/** What became of a request that failed. */
export type Fate =
  /** It is there, and failed. */
  | { readonly failed: PinRequest }
  /** It is gone, and nobody has asked for its CID since. */
  | { readonly failed: null }
  /** Somebody has asked for it again. */
  | { readonly found: PinRequest }
  /** It must not be asked for again, and why. */
  | { readonly leftAlone: string }

/**
 * Looks at a request that failed before it is asked for again: between the listing and now anyone may have done so.
 * @throws a fault of the whole service, or the signal's reason
 */
export async function fateOf(
  client: BucketClient,
  cid: PinCid,
  requestid: string,
  signal: AbortSignal,
): Promise<Fate> {
  const look = await lookAt(client, requestid, signal)
  if ('leftAlone' in look) return look
  const { shown } = look
  if (shown !== undefined && parseCid(shown.cid)?.key !== cid.key)
    return {
      leftAlone: `the service shows another CID (${shown.cid.slice(0, 100)}) under the request ${requestid} that failed: it is not replaced`,
    }
  const current = shown ?? (await currentOf(client, cid, signal))
  if (current === undefined) return { failed: null }
  if ('leftAlone' in current) return current
  if (current.status !== 'failed') return { found: current }
  if (current.meta === 'unreadable')
    return {
      leftAlone: `the metadata of the request ${requestid} that failed is no object, or larger or deeper than any is, and could not be kept: it is not asked for again`,
    }
  return { failed: current }
}

/** What is live of a CID whose failed request is gone. */
async function currentOf(
  client: BucketClient,
  cid: PinCid,
  signal: AbortSignal,
): Promise<PinRequest | undefined | { readonly leftAlone: string }> {
  const look = await lookUp(client, cid, signal)
  if (look.kind === 'found') return look.request
  return look.kind === 'not-there'
    ? undefined
    : { leftAlone: `a request that failed is gone, and it is not known for what: ${look.why}` }
}

/** One that cannot be looked at does not hold up the others. */
async function lookAt(
  client: BucketClient,
  requestid: string,
  signal: AbortSignal,
): Promise<{ readonly shown: PinRequest | undefined } | { readonly leftAlone: string }> {
  try {
    return { shown: await client.get(requestid, signal) }
  } catch (error) {
    if (isOfMoreThanOne(error)) throw error
    return {
      leftAlone: `a request that failed cannot be looked at, and is left alone: ${(error as Error).message}`,
    }
  }
}
