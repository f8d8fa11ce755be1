import { cidForms, type PinCid, parseCid } from '../domain/cid.ts'
import type { PinRequest } from '../domain/pin.ts'
import { ServiceError } from '../errors.ts'
import { type BucketClient, fullPage } from '../service/pinning-service.ts'

/** The most CIDs that the API takes in a filter. */
const cidsPerQuery = 10

/** The request for a CID that is pinned or on the way; over all statuses, and form by form: filters are literal. */
export async function findLive(
  client: BucketClient,
  cid: PinCid,
  signal: AbortSignal,
): Promise<PinRequest | undefined> {
  const requests = await findByForms(client, cid, signal)
  return requests.find(({ status }) => status !== 'failed')
}

/** All requests for a CID: one form a query, since a filter by two may find nothing. */
async function findByForms(
  client: BucketClient,
  cid: PinCid,
  signal: AbortSignal,
): Promise<readonly PinRequest[]> {
  const found: PinRequest[] = []
  for (const form of formsOf(cid)) {
    const { requests } = await client.list({ cids: [form], limit: fullPage }, signal)
    for (const request of requests) if (parseCid(request.cid)?.key === cid.key) found.push(request)
  }
  return found
}

/** The live requests for many CIDs, asked for by several at a time where the service was seen to understand that. */
export async function findManyLive(
  client: BucketClient,
  cids: readonly PinCid[],
  { examples, signal }: { readonly examples: readonly string[]; readonly signal: AbortSignal },
): Promise<readonly PinRequest[]> {
  const found: PinRequest[] = []
  if (cids.length < 3 || !(await takesSeveral(client, examples, signal))) {
    for (const cid of cids) {
      const request = await findLive(client, cid, signal)
      if (request !== undefined) found.push(request)
    }
    return found
  }
  const forms = cids.flatMap(formsOf)
  const wanted = new Set(cids.map(({ key }) => key))
  for (let from = 0; from < forms.length; from += cidsPerQuery) {
    const some = forms.slice(from, from + cidsPerQuery)
    const { requests } = await client.list({ cids: some, limit: fullPage }, signal)
    for (const request of requests) {
      const key = parseCid(request.cid)?.key
      if (request.status !== 'failed' && key !== undefined && wanted.has(key)) found.push(request)
    }
  }
  return found
}

/** Whether a filter by several CIDs that are known to be there, at its first and its last place, finds both. */
async function takesSeveral(
  client: BucketClient,
  examples: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const [first, ...others] = examples.slice(0, cidsPerQuery)
  const last = others.at(-1)
  if (first === undefined || last === undefined) return false
  try {
    const { requests } = await client.list({ cids: [first, ...others], limit: fullPage }, signal)
    const shown = new Set(requests.map(({ cid }) => cid))
    return shown.has(first) && shown.has(last)
  } catch (error) {
    // It takes one at a time.
    if (error instanceof ServiceError && error.status < 500) return false
    throw error
  }
}

function formsOf(cid: PinCid): string[] {
  return [...new Set([cid.text, ...cidForms(cid.key)])]
}
