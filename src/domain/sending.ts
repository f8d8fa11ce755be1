import { blanked } from './reasons/blanked.ts'

/**
 * What an answer to a POST means, and who is at fault when the service does not take what it is sent. Pure: no clock,
 * no requests.
 */

/** How asking ended, where not with a request that the service shows. */
export type Failure =
  /** @param isInTheApisWords the body is an error as the API defines it, and no proxy's page */
  | { readonly kind: 'status'; readonly status: number; readonly isInTheApisWords: boolean }
  /** No answer, or not all of it. */
  | { readonly kind: 'no-answer'; readonly code: string }
  /** None in time, or one that is not of the API, or of another CID. */
  | { readonly kind: 'unreadable' }

export type Meaning =
  /** It never reached the service. */
  | 'not-sent'
  /** The service did not take it, and says so. */
  | 'refused'
  /** It was refused by somebody who need not be the service: it may have been taken all the same. */
  | 'refused-perhaps'
  | 'maybe-taken'
  /** The service takes nothing from this token or at this address. */
  | 'takes-nothing'

/** Errors of the system and of undici from before a request goes out. */
const beforeSending = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPUBLICHTTP',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Timed out, sent too early, and hung up on. */
const passing = new Set([408, 425, 499])

export function meaningOf(failure: Failure): Meaning {
  if (failure.kind === 'unreadable') return 'maybe-taken'
  if (failure.kind === 'no-answer') return beforeSending.has(failure.code) ? 'not-sent' : 'maybe-taken'
  const { status, isInTheApisWords } = failure
  if (status >= 500 || passing.has(status)) return 'maybe-taken'
  // The token, the rate after all patience, and a redirect, which is not followed.
  if (status === 401 || status === 429 || status < 400) return 'takes-nothing'
  return isInTheApisWords ? 'refused' : 'refused-perhaps'
}

/** The same for refusals that differ only in the CID or in numbers. */
export function likenessOf({ status, reason }: { readonly status: number; readonly reason: string }): string {
  return `${status} ${blanked(reason)}`
}

/** Whom a refusal is about, as far as its fields tell. */
type Reach =
  /** The whole account: funds. */
  | 'account'
  /** The account, whose plan does not include it, or this CID, which is on a list: services say both in this way. */
  | 'account-perhaps'
  | 'one-perhaps'

function reachOf({ status, reason }: { readonly status: number; readonly reason: string }): Reach {
  if (status === 402 || (status === 409 && reason === 'INSUFFICIENT_FUNDS')) return 'account'
  return status === 403 && reason === 'FORBIDDEN' ? 'account-perhaps' : 'one-perhaps'
}

/** So many equal refusals without a success, or so many that got no answer, are the service's fault. */
const enough = 20

/** Refusals that are alike. */
interface Alike<T> {
  readonly reach: Reach
  readonly ones: T[]
  /** How many since a success, and which one that was: the last, or this streak is over. */
  streak: number
  success: number
  /** How many of CIDs that had not been refused before. */
  fresh: number
}

/**
 * Finds out who is at fault by who else succeeds: one refusal among successes belongs to that CID, the same one for
 * all to the service. Nobody is blamed before the end, since answers come in any order.
 */
export class Blame<T> {
  readonly #refused = new Map<string, Alike<T>>()
  #unansweredInARow = 0
  #successes = 0
  #isStreakLong = false

  succeeded(): void {
    this.#successes++
    this.#isStreakLong = false
    this.#unansweredInARow = 0
  }

  /** @param isFresh the CID was not refused before: one that was may be refused for its own sake again */
  refused(one: T, error: { readonly status: number; readonly reason: string }, isFresh: boolean): void {
    const likeness = likenessOf(error)
    const none = { reach: reachOf(error), ones: [], streak: 0, success: 0, fresh: 0 }
    const alike = this.#refused.get(likeness) ?? none
    this.#refused.set(likeness, alike)
    alike.ones.push(one)
    // What was refused before tells nothing new, unless it is about the account.
    if (isFresh || alike.reach === 'account') {
      alike.streak = this.#streakOf(alike) + 1
      alike.success = this.#successes
    }
    if (isFresh) alike.fresh++
    this.#isStreakLong ||= this.#streakOf(alike) >= enough
  }

  unanswered(): void {
    this.#unansweredInARow++
  }

  /** Whether the service is at fault, as it refuses all with the same words. */
  get isService(): boolean {
    return this.#isStreakLong
  }

  /** Whether the service is at fault, as it gives nobody an answer that counts. */
  get isSilent(): boolean {
    return this.#unansweredInARow >= enough
  }

  /**
   * The refusals that are the service's fault: those of a streak that is long enough; and, at the end, fewer whose
   * fields say so.
   */
  servicesOwn(isEnd: boolean): readonly T[] {
    const own = this.#refused.values().filter((alike) => this.#isServicesOwn(alike, isEnd))
    return own.flatMap(({ ones }) => ones).toArray()
  }

  #isServicesOwn(alike: Alike<T>, isEnd: boolean): boolean {
    const { reach, fresh } = alike
    const streak = this.#streakOf(alike)
    if (streak >= enough) return true
    if (!isEnd) return false
    // A single one at the end of successes may be its own: if it is not, it will be alone the next time.
    if (reach === 'account') return this.#successes === 0 || streak > 1
    // One CID on a list, with nothing else to send, is no fault of the account, nor is one that was found out before.
    return reach === 'account-perhaps' && this.#successes === 0 && fresh > 1
  }

  #streakOf({ streak, success }: Alike<T>): number {
    return success === this.#successes ? streak : 0
  }

  /**
   * What is refused with the same words: in a streak that is long enough, or, at the end, by all with nobody taken.
   * They may all lack the same thing.
   */
  alike(isEnd: boolean): readonly T[] {
    for (const alike of this.#refused.values()) if (this.#streakOf(alike) >= enough) return alike.ones
    const [only] = this.#refused.values()
    return isEnd && this.#successes === 0 && this.#refused.size === 1 ? (only?.ones ?? []) : []
  }

  /** They are not to blame, for what all of them lacked. */
  absolve(ones: readonly T[]): void {
    for (const [likeness, alike] of this.#refused) if (alike.ones === ones) this.#refused.delete(likeness)
    this.#isStreakLong = this.#refused.values().some((alike) => this.#streakOf(alike) >= enough)
  }

  /** It is not known any more that this one is refused. */
  drop(one: T): void {
    for (const { ones } of this.#refused.values()) {
      const place = ones.indexOf(one)
      if (place !== -1) ones.splice(place, 1)
    }
  }

  get refusals(): readonly T[] {
    return this.#refused
      .values()
      .flatMap(({ ones }) => ones)
      .toArray()
  }
}
