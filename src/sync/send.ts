import pMap from 'p-map'
import type { PinRequest } from '../domain/pin.ts'
import type { Wanted } from '../domain/plan-update.ts'
import { RequestError, ServiceError } from '../errors.ts'
import type { BucketClient } from '../service/pinning-service.ts'
import { type Asked, askService } from './ask-service.ts'

/** A CID that the service accepted, and of its request what settlement needs: there may be a million of them. */
export interface Accepted extends Pick<PinRequest, 'created' | 'status'> {
  readonly wanted: Wanted
}

/** What became of what was to be sent; what was refused for its own sake is in none of these. */
export interface SendResult {
  readonly accepted: readonly Accepted[]
  /** Cut off while the service may have been taking it in: the next listing tells. */
  readonly unsure: readonly Wanted[]
  readonly unsent: readonly Wanted[]
  /** The fault of the whole service that ended it. */
  readonly serviceError: Error | null
}

export interface SendEdges {
  readonly clientOf: (bucket: string) => BucketClient
  /** The addresses that the service may fetch from. */
  readonly origins: readonly string[]
  /** Called as each result is known; an error that it throws ends the sending. */
  readonly onAccepted: (wanted: Wanted, request: PinRequest) => void
  readonly onRefused: (wanted: Wanted, reason: string) => void
}

export interface SendOptions {
  /** Requests at once; how many a second is for the clients to keep. */
  readonly inFlight: number
  /** Aborted when the run is cancelled: what is in flight is cut off. */
  readonly signal: AbortSignal
  /** Aborted when the run is to end: nothing more is sent. */
  readonly inTime: AbortSignal
}

/** So many CIDs in a row that the service gave no answer to are not at fault themselves. */
const enoughUnanswered = 20

/** Sends what is due, many at once, until a fault of the whole service or the end of the run. */
export async function sendAll(
  due: readonly Wanted[],
  edges: SendEdges,
  options: SendOptions,
): Promise<SendResult> {
  const accepted: Accepted[] = []
  const unsure: Wanted[] = []
  const unsent: Wanted[] = []
  const fault = new AbortController()
  const unanswered: { readonly wanted: Wanted; readonly reason: string }[] = []
  let serviceError: Error | null = null
  let bug: { readonly error: unknown } | undefined
  const notAfter = AbortSignal.any([options.inTime, options.signal, fault.signal])

  async function send(wanted: Wanted): Promise<void> {
    try {
      await sendOne(wanted)
    } catch (error) {
      bug ??= { error }
      fault.abort()
    }
  }

  async function sendOne(wanted: Wanted): Promise<void> {
    if (notAfter.aborted) return void unsent.push(wanted)
    let asked: Asked
    try {
      const until = { signal: options.signal, notAfter }
      asked = await askService(edges.clientOf(wanted.bucket), wanted, edges.origins, until)
    } catch (error) {
      return stop(error, wanted, options.signal.aborted ? unsure : unsent)
    }
    if ('lost' in asked) return stop(asked.lost, wanted, unsure)
    if ('unanswered' in asked) {
      unanswered.push({ wanted, reason: asked.reason })
      if (unanswered.length < enoughUnanswered) return
      for (const one of unanswered.splice(0)) unsure.push(one.wanted)
      return fail(asked.unanswered)
    }
    // The service takes others: those before it failed by their own fault.
    refuseUnanswered()
    if ('refusal' in asked) return edges.onRefused(wanted, asked.refusal)
    const { created, status } = asked.request
    accepted.push({ wanted, created, status })
    edges.onAccepted(wanted, asked.request)
  }

  function refuseUnanswered(): void {
    for (const { wanted, reason } of unanswered.splice(0)) edges.onRefused(wanted, reason)
  }

  function stop(error: unknown, wanted: Wanted, left: Wanted[]): void {
    left.push(wanted)
    if (options.signal.aborted || error === notAfter.reason) return
    fail(error)
  }

  /** Nothing more is sent. */
  function fail(error: unknown): void {
    if (!(error instanceof ServiceError || error instanceof RequestError)) throw error
    serviceError ??= error
    fault.abort()
  }

  await pMap(due, send, { concurrency: options.inFlight })
  if (bug !== undefined) throw (bug as { error: unknown }).error
  if (serviceError === null) refuseUnanswered()
  else for (const { wanted } of unanswered) unsure.push(wanted)
  return { accepted, unsure, unsent, serviceError }
}
