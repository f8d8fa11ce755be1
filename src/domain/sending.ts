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
  const blanked = reason.replaceAll(/\w+/g, (word) => (/\d/.test(word) || word.length >= 40 ? '#' : word))
  return `${status} ${blanked}`
}

/** So many equal refusals without a success, or so many that got no answer, are the service's fault. */
const enough = 20

/**
 * Finds out who is at fault by who else succeeds: one refusal among successes belongs to that CID, the same one for
 * all to the service. Nobody is blamed before the end, since answers come in any order.
 */
export class Blame<T> {
  readonly #refused = new Map<string, T[]>()
  /** Since the last success. */
  readonly #streaks = new Map<string, number>()
  #unansweredInARow = 0
  #hasSucceeded = false

  succeeded(): void {
    this.#hasSucceeded = true
    this.#streaks.clear()
    this.#unansweredInARow = 0
  }

  refused(one: T, likeness: string): void {
    const alike = this.#refused.get(likeness)
    if (alike === undefined) this.#refused.set(likeness, [one])
    else alike.push(one)
    this.#streaks.set(likeness, (this.#streaks.get(likeness) ?? 0) + 1)
  }

  unanswered(): void {
    this.#unansweredInARow++
  }

  /** Whether the service is at fault, as it refuses all with the same words. */
  get isService(): boolean {
    return this.#longestStreak() >= enough
  }

  /** Whether the service is at fault, as it gives nobody an answer that counts. */
  get isSilent(): boolean {
    return this.#unansweredInARow >= enough
  }

  /**
   * What is refused with the same words: in a streak that is long enough, or, at the end, by all with nobody taken.
   * They may all lack the same thing.
   */
  alike(isEnd: boolean): readonly T[] {
    for (const [likeness, streak] of this.#streaks)
      if (streak >= enough) return this.#refused.get(likeness) ?? []
    const [only, ...others] = this.#refused.values()
    return isEnd && !this.#hasSucceeded && others.length === 0 ? (only ?? []) : []
  }

  /** They are not to blame, for what all of them lacked. */
  absolve(ones: readonly T[]): void {
    for (const [likeness, alike] of this.#refused)
      if (alike === ones) {
        this.#refused.delete(likeness)
        this.#streaks.delete(likeness)
      }
  }

  get refusals(): readonly T[] {
    return [...this.#refused.values()].flat()
  }

  #longestStreak(): number {
    let longest = 0
    for (const streak of this.#streaks.values()) longest = Math.max(longest, streak)
    return longest
  }
}
