import { setTimeout as sleep } from 'node:timers/promises'
import { retryDelay } from '../domain/backoff.ts'
import { cidForms, parseCid } from '../domain/cid.ts'
import type { PinRequest } from '../domain/pin.ts'
import type { Wanted } from '../domain/plan-update.ts'
import { BadAnswerError, DeadlineError, NoAnswerError, ServiceError } from '../errors.ts'
import { type BucketClient, fullPage, type PinWanted, type Until } from '../service/pinning-service.ts'

/** What the service said to one CID that it should pin. */
export type Asked =
  | { readonly request: PinRequest }
  /** It does not take this one; others may do well. */
  | { readonly refusal: string }
  /** It gave no answer that counts however often it was sent, and does not have it. */
  | { readonly unanswered: unknown; readonly reason: string }
  /** It may have taken it, and cannot be asked any more. */
  | { readonly lost: unknown }

/** So often a CID is sent that gets no answer that counts, with growing pauses: a minute or two in all. */
const tries = 8

/**
 * Asks the service to pin, so that in the end it has one live request for the CID. One that got no answer may have been
 * taken in all the same: it is looked for before it is sent again.
 * @throws a fault of the whole service, which did not take it: no other CID would fare better; or a signal's reason
 */
export async function askService(
  client: BucketClient,
  wanted: Wanted,
  origins: readonly string[],
  until: Until,
): Promise<Asked> {
  const { signal } = until
  for (let attempt = 1; ; attempt++) {
    let failure: unknown
    try {
      return { request: await ask(client, wanted, origins, until) }
    } catch (error) {
      if (error instanceof ServiceError && isOfThisCid(error)) return { refusal: wordsOf(error) }
      if (!mayHaveBeenTaken(error, wanted)) throw error
      failure = error
    }
    try {
      await pause(retryDelay(attempt + 1, undefined, Math.random()), signal)
      const request = await find(client, wanted, signal)
      if (request !== undefined) return { request }
    } catch (lost) {
      return { lost }
    }
    if (attempt === tries) {
      const reason = `it was sent ${tries} times in vain: ${(failure as Error).message}`
      return { unanswered: failure, reason }
    }
  }
}

async function ask(
  client: BucketClient,
  wanted: Wanted,
  origins: readonly string[],
  until: Until,
): Promise<PinRequest> {
  const { cid, name, failed } = wanted
  const { signal } = until
  if (failed === null) return client.add(pinOf(cid.text, name, origins), until)
  // Between the listing and now it may have been asked for again, by anyone.
  const current = (await client.get(failed.requestid, signal)) ?? (await find(client, wanted, signal))
  if (current === undefined) return client.add(pinOf(cid.text, name, origins), until)
  if (current.status !== 'failed') return current
  const pin = { ...pinOf(current.cid, current.name ?? name, origins), ...metaOf(current) }
  // IPFS Cluster names requests by their CIDs, and replacing one there unpins it (measured).
  const isCid = parseCid(current.requestid)?.key === cid.key
  return isCid ? client.add(pin, until) : client.replace(current.requestid, pin, until)
}

function pinOf(cid: string, name: string | null, origins: readonly string[]): PinWanted {
  return { cid, ...(name !== null && { name }), ...(origins.length > 0 && { origins }) }
}

/** As it was, but for what Filebase wrote there about the failure. */
function metaOf({ meta }: PinRequest): Pick<PinWanted, 'meta'> {
  const { failure_reason: _, ...own } = meta ?? {}
  return Object.keys(own).length > 0 ? { meta: own } : {}
}

/** The request for a CID, under either form of it, that is pinned or on the way; over all statuses. */
async function find(
  client: BucketClient,
  { cid }: Wanted,
  signal: AbortSignal,
): Promise<PinRequest | undefined> {
  const cids = [...new Set([cid.text, ...cidForms(cid.key)])]
  const { requests } = await client.list({ cids, limit: fullPage }, signal)
  return requests.find(({ status, cid: text }) => status !== 'failed' && parseCid(text)?.key === cid.key)
}

/** @throws the signal's reason, which a timer hides in an error of its own */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}

/** Whether a failure leaves it open what the service did. */
function mayHaveBeenTaken(error: unknown, { failed }: Wanted): boolean {
  if (error instanceof ServiceError) {
    // Replaced or deleted by someone else just before.
    if (error.status === 404) return failed !== null
    return error.status >= 500 || passing.has(error.status)
  }
  return [NoAnswerError, DeadlineError, BadAnswerError].some((kind) => error instanceof kind)
}

/** Timed out, and sent too early. */
const passing = new Set([408, 425])

/** Token, plan, funds, address and rate are the same for all CIDs. */
const ofTheService = new Set([401, 402, 403, 404, 405, 409, 429])

function isOfThisCid({ status }: ServiceError): boolean {
  return status >= 400 && status < 500 && !ofTheService.has(status) && !passing.has(status)
}

function wordsOf({ reason, details, status }: ServiceError): string {
  const words = [reason, details].filter((word) => word !== '').join(': ')
  return words === '' ? `the service refused it with status ${status}` : words
}
