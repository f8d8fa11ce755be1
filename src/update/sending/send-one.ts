import { parseCid } from '../../domain/cid.ts'
import type { PinRequest } from '../../domain/pin.ts'
import type { Wanted } from '../../domain/plan-update.ts'
import { meaningOf } from '../../domain/sending.ts'
import { BadAnswerError, type ServiceError } from '../../errors.ts'
import type { BucketClient, PinWanted, Until } from '../../service/pinning-service.ts'
import { fateOf } from './failed-request.ts'
import { failureOf } from './failure-of.ts'

/** What the service said to one CID that it should pin. */
export type Answer =
  | { readonly request: PinRequest }
  /** Somebody had asked for it in the meantime. */
  | { readonly found: PinRequest }
  /** It does not take this one. `isSure`: nor has it taken it in all the same. */
  | { readonly refusal: ServiceError; readonly isSure: boolean }
  /** It may have taken it, and is not asked again in this run. */
  | { readonly doubt: Error }
  /** It may have taken it, and the run ends. */
  | { readonly cutOff: unknown }
  /** It was not asked for, and why. */
  | { readonly leftAlone: string }

/** Where it is written down that the service may have taken a request in. */
export interface Note {
  /** Called before it goes out. */
  readonly write: () => void
  /** It was not taken in, for sure. */
  readonly withdraw: () => void
  /** It waits to be sent: only what was sent before counts. */
  readonly takeBack: () => void
  readonly answer: (requestid: string) => void
}

/** So often is it tried to reach a service that cannot be reached. */
const tries = 5

/**
 * Asks the service once to pin: what may have been taken in is not sent a second time, whatever the answer was.
 * @throws a fault of the whole service, which did not take it: no other CID would fare better; or a signal's reason
 */
export async function sendOne(
  client: BucketClient,
  wanted: Wanted,
  { origins, until, note }: { origins: readonly string[]; until: Until; note: Note },
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const way = await wayOf(client, wanted, origins, until.notAfter)
    if (typeof way !== 'function') return way
    let isSent = false
    const onSend = () => {
      if (!isSent) note.write()
      isSent = true
    }
    const onHeld = () => {
      note.takeBack()
      isSent = false
    }
    try {
      const request = await way({ ...until, onSend, onHeld })
      if (parseCid(request.cid)?.key !== wanted.cid.key) return { doubt: anotherCid(wanted, request) }
      note.answer(request.requestid)
      return { request }
    } catch (error) {
      if (!isSent) throw error
      const failure = failureOf(error)
      if (failure === undefined) {
        if (until.signal.aborted || until.notAfter.aborted) return { cutOff: error }
        throw error
      }
      const meaning = meaningOf(failure)
      if (meaning === 'maybe-taken') return { doubt: error as Error }
      if (meaning === 'refused-perhaps') return { refusal: error as ServiceError, isSure: false }
      note.withdraw()
      if (meaning === 'takes-nothing') throw error
      if (meaning === 'not-sent') {
        if (attempt === tries) throw error
        await client.pause(attempt, error, until.notAfter)
        continue
      }
      // Replaced or deleted by someone else just before: it is looked at again.
      const isGone = (error as ServiceError).status === 404 && wanted.failed !== null && attempt === 1
      if (!isGone) return { refusal: error as ServiceError, isSure: true }
    }
  }
}

type Way = (until: Until) => Promise<PinRequest>

/** How to ask for it; or what there is by now, which leaves nothing to ask for. */
async function wayOf(
  client: BucketClient,
  { cid, name, failed }: Wanted,
  origins: readonly string[],
  signal: AbortSignal,
): Promise<Way | Answer> {
  const add: Way = (until) => client.add(pinOf(cid.text, name, origins), until)
  if (failed === null) return add
  const fate = await fateOf(client, cid, failed.requestid, signal)
  if (!('failed' in fate)) return fate
  const { failed: current } = fate
  if (current === null) return add
  const pin = { ...pinOf(current.cid, current.name ?? name, origins), ...metaOf(current.meta) }
  // IPFS Cluster names requests by their CIDs, and replacing one there unpins it (measured).
  const isCid = parseCid(failed.requestid)?.key === cid.key
  return (until) => (isCid ? client.add(pin, until) : client.replace(failed.requestid, pin, until))
}

function pinOf(cid: string, name: string | null, origins: readonly string[]): PinWanted {
  return { cid, ...(name !== null && { name }), ...(origins.length > 0 && { origins }) }
}

/** As it was, but for what Filebase wrote there about the failure. */
function metaOf(meta: PinRequest['meta']): Pick<PinWanted, 'meta'> {
  const { failure_reason: _, ...own } = typeof meta === 'object' && meta !== null ? meta : {}
  return Object.keys(own).length > 0 ? { meta: own } : {}
}

function anotherCid({ cid, bucket }: Wanted, request: PinRequest): BadAnswerError {
  const detail = `the service was asked for ${cid.text} and answered with a request for ${request.cid.slice(0, 100)}: what it took is not known`
  return new BadAnswerError({ method: 'POST', url: `bucket ${bucket}`, detail })
}

/** A refusal in the service's words. */
export function wordsOf({ reason, details, status }: ServiceError): string {
  const words = [reason, details].filter((word) => word !== '').join(': ')
  return words === '' ? `the service refused it with status ${status}` : words
}
