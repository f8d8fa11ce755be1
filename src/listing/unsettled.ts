import type { PinRequest } from '../domain/pin.ts'
import { everything, type Window } from '../domain/windows.ts'
import { ServiceError } from '../errors.ts'
import { inSlices } from '../in-slices.ts'
import { inStep } from '../service/in-step.ts'
import { cidsPerQuery, fullPage } from '../service/pinning-service.ts'
import type { KnownRequest } from '../snapshot/bucket/requests.ts'
import type { Listing } from './listing.ts'
import { unsettled } from './manners/statuses.ts'
import { askWindow } from './pages.ts'
import { partsAround, reread } from './parts.ts'
import { takePage, upTo } from './take.ts'

/**
 * Makes every status in the snapshot right. It lists the requests that are not `pinned`, which are few. A request
 * that was unsettled before, and is not among them, is looked up: it is pinned now, or gone.
 */
export async function refreshStatuses(listing: Listing): Promise<void> {
  const { client, requests, signal } = listing
  const newest = requests.newest()
  if (newest === undefined) return
  const take = (found: readonly PinRequest[]) => takePage(listing, upTo(newest, found), null)
  const before = await inSlices(requests.unsettled(), signal)
  const seen = await listUnsettled(listing, take)
  const isLeft = ({ requestid }: KnownRequest) => !seen.has(requestid)
  const settled = before.filter(isLeft)
  const pages = await partsAround(
    listing,
    settled.map(({ created }) => created),
  )
  const isCheaper = pages.length < settled.length / cidsPerQuery
  if (isCheaper) await reread(listing, pages)
  const left = isCheaper ? (await inSlices(requests.unsettled(), signal)).filter(isLeft) : settled
  await inStep(
    chunks(left, cidsPerQuery),
    () => client.width,
    (some) => lookUp(listing, some, take),
  )
}

type Take = (found: readonly PinRequest[]) => Promise<void>

async function listUnsettled(listing: Listing, take: Take): Promise<Set<string>> {
  const seen = new Set<string>()
  const waiting: Window[] = [everything]
  for (let window = waiting.shift(); window !== undefined; window = waiting.shift()) {
    const { page, rest } = await askWindow(listing, window, unsettled)
    await take(page.requests)
    for (const { requestid } of page.requests) seen.add(requestid)
    for (const one of rest) waiting.push(one)
  }
  return seen
}

async function lookUp(listing: Listing, requests: readonly KnownRequest[], take: Take): Promise<void> {
  const { client, signal } = listing
  const wanted = new Set(requests.map(({ requestid }) => requestid))
  const cids = [...new Set(requests.map(({ cid }) => cid))]
  if (requests.length > 1) {
    const shown = await listMany(listing, cids)
    const found = shown.filter(({ requestid }) => wanted.delete(requestid))
    await take(found.filter(isKnowledge))
  }
  for (const request of requests.filter(({ requestid }) => wanted.has(requestid))) {
    const found = await client.get(request.requestid, signal)
    if (found !== undefined) await take([found].filter(isKnowledge))
    else {
      listing.requests.tombstones.vanishOne(request, listing.run)
      listing.changes.vanished++
    }
  }
}

/** None where the service does not take such a filter: it may take one CID at a time, or not this one. */
async function listMany(
  { client, signal }: Listing,
  cids: readonly string[],
): Promise<readonly PinRequest[]> {
  try {
    return (await client.list({ cids, limit: fullPage }, signal)).requests
  } catch (error) {
    if (error instanceof ServiceError && error.status < 500) return []
    throw error
  }
}

/**
 * Asked for a single request, an IPFS Cluster whose Kubo is down answers `failed`, created in the year 1 (measured).
 * That tells nothing.
 */
function isKnowledge({ created }: PinRequest): boolean {
  return created > 0
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
