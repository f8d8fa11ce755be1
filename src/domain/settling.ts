import type { CidKey } from './cid.ts'
import type { Status } from './pin.ts'

/** A service may show an instant by whole seconds that it answered more finely. */
export const shownBefore = 1000
/** So long is it waited, ms, where nothing is left but what a listing need not show. */
const patience = 30_000
/** Between the two looks that it takes to believe that a request failed, ms. */
const secondLook = 10_000

const rank: readonly Status[] = ['failed', 'queued', 'pinning', 'pinned']

/** Of the requests that a service shows for a CID, the one that tells what became of the one that was sent. */
export function tellingOf<T extends { readonly created: number; readonly status: Status }>(
  shown: readonly T[],
  sent: {
    /** `null` where no answer told of its request. */
    readonly created: number | null
    /** When the request was created that failed before this one was sent, which tells nothing of it. */
    readonly failedBefore: number | undefined
  },
): T | undefined {
  const { created, failedBefore = Number.NEGATIVE_INFINITY } = sent
  const isOwn = (one: T) =>
    created === null ? one.created > failedBefore : one.created >= created - shownBefore
  return shown.filter(isOwn).toSorted((a, b) => rank.indexOf(b.status) - rank.indexOf(a.status))[0]
}

/** What looks at a service have shown of CIDs that were sent to it. Times in ms, of one clock. */
export class Settling {
  /** What was shown last, whatever becomes of it. */
  readonly shown = new Map<CidKey, Status>()
  readonly #shownSince = new Map<CidKey, number>()
  readonly #settleTimeout: number
  #lastChange: number

  /** @param settleTimeout how long it is waited after the last change */
  constructor(settleTimeout: number, now: number) {
    this.#settleTimeout = settleTimeout
    this.#lastChange = now
  }

  /** @returns whether it is settled: pinned, or failed for sure */
  see(key: CidKey, status: Status, now: number): boolean {
    const before = this.shown.get(key)
    this.shown.set(key, status)
    if (status !== before) {
      this.#lastChange = now
      this.#shownSince.set(key, now)
    }
    if (status !== 'failed') return status === 'pinned'
    // Services show a request as failed for a moment that comes to be pinned: it takes two looks, some time apart.
    const since = this.#shownSince.get(key) as number
    return status === before && now - since >= Math.min(this.#settleTimeout, secondLook)
  }

  /** How much longer it is waited; 0 or less: no longer. @param isSure something is left that a listing is to show */
  left(isSure: boolean, now: number): number {
    const wait = isSure ? this.#settleTimeout : Math.min(this.#settleTimeout, patience)
    return this.#lastChange + wait - now
  }
}
