import type { Status } from './pin.ts'

/** A service may show an instant by whole seconds that it answered more finely. */
export const shownBefore = 1000
/** So long is it waited, ms, where nothing is left but what a listing need not show. */
const patience = 30_000
/** Between the two looks that it takes to believe that a request failed, ms. */
const secondLook = 10_000

const rank: readonly Status[] = ['failed', 'queued', 'pinning', 'pinned']

/** When the request was created that was sent, or what is known of that; ms. */
export interface SentRequest {
  /** `null` where no answer told of its request. */
  readonly created: number | null
  /** When the request was created that failed before this one was sent, which tells nothing of it. */
  readonly failedBefore: number | undefined
}

/**
 * Of the requests that a service shows for a CID, one tells what became of the one that was sent.
 * @param best the status of the one that told it until now
 * @returns whether this one tells it rather
 */
export function tellsMore(
  shown: { readonly created: number; readonly status: Status },
  best: Status | undefined,
  { created, failedBefore = Number.NEGATIVE_INFINITY }: SentRequest,
): boolean {
  if (best !== undefined && rank.indexOf(shown.status) <= rank.indexOf(best)) return false
  return created === null ? shown.created > failedBefore : shown.created >= created - shownBefore
}

/** When what was sent counts as settled, and how long it is waited for. Times in ms, of one clock. */
export class Settling {
  /** Since when those that failed are shown so. */
  readonly #failedSince = new Map<number, number>()
  readonly #settleTimeout: number
  #lastChange: number

  /** @param settleTimeout how long it is waited after the last change */
  constructor(settleTimeout: number, now: number) {
    this.#settleTimeout = settleTimeout
    this.#lastChange = now
  }

  /**
   * A look at the service has shown a request.
   * @param before what the look before has shown
   * @returns whether it is settled: pinned, or failed for sure
   */
  see(index: number, status: Status, before: Status | undefined, now: number): boolean {
    if (status !== before) this.#lastChange = now
    if (status !== 'failed') {
      this.#failedSince.delete(index)
      return status === 'pinned'
    }
    // Services show a request as failed for a moment that comes to be pinned: it takes two looks, some time apart.
    const since = this.#failedSince.get(index)
    if (since === undefined) this.#failedSince.set(index, now)
    return since !== undefined && now - since >= Math.min(this.#settleTimeout, secondLook)
  }

  /** How much longer it is waited; 0 or less: no longer. @param isSure something is left that a listing is to show */
  left(isSure: boolean, now: number): number {
    const wait = isSure ? this.#settleTimeout : Math.min(this.#settleTimeout, patience)
    return this.#lastChange + wait - now
  }
}
