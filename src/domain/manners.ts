import type { Grid } from './windows.ts'

/** Longer than any page. */
export const anyLength = Number.MAX_SAFE_INTEGER

/** What is kept of a service's manners from run to run. */
export interface KeptManners {
  /** Which bounds the service honours; `undefined` until it was needed and found out. */
  readonly grid: Grid | undefined
  /**
   * Up to which length of a page `count` was found to tell all that match, and not just that length: 0 where it was
   * found not to; `undefined` until found out.
   */
  readonly honestUpTo: number | undefined
  /** The most requests that an answer ever brought; 0 until then. */
  readonly pageSize: number
  /** Whether each status is asked for alone, as a filter by several is misread or refused; `undefined` until found out. */
  readonly asksSingly: boolean | undefined
  /** Whether `count` is of every status, whatever status is asked for. */
  readonly countsAnyStatus: boolean
}

/**
 * What is known of a service's manners: how it answers for one bucket where the specification says nothing, or is not
 * kept to. One object a bucket and run.
 *
 * - Learned from answers: by the client (`service/`) what any request shows, by a listing (`listing/manners/`) what it
 *   takes a look of its own to find out.
 * - Used by both, to ask in a form that the service takes, and to know what an answer proves.
 * - Kept from run to run with the bucket (`snapshot/bucket/state.ts`): `KeptManners`, and nothing else of it.
 *
 * What is the same for every service is not learned: how a bound is written, and how odd answers are read, is in
 * `service/bounds.ts` and `service/answers.ts`.
 */
export class Manners implements KeptManners {
  grid: Grid | undefined
  honestUpTo: number | undefined
  pageSize = 0
  asksSingly: boolean | undefined
  countsAnyStatus = false

  // Of this run.

  /** It gave a list in an earlier run: the endpoint is right. */
  hasListed = false
  /** It showed a request, now or in an earlier run: then a row that is none is odd, and not the whole service. */
  hasShown = false
  /** It gave an error in the place of an empty list. */
  showsEmptyAs404 = false
  /** Filters by several statuses that it was seen to take. */
  readonly takenFilters = new Set<string>()

  // Of this listing: it begins anew with the next one.

  /** `count` was found to be more than there is. */
  isLying = false
  /** The most requests that an answer brought: the service may give less than it did in earlier runs. */
  largestPage = 0
  /** A page of so many requests was found not to hold all that was asked for. */
  cutAt = Number.POSITIVE_INFINITY
  /** Instants finer than seconds were seen. */
  showsFractions = false
  /** How often a request was looked for beyond the bound that it should have been before. */
  looksBeyond = 0
  /** While it is being found out which bounds are honoured. */
  probe: Promise<Grid> | undefined

  /**
   * A listing begins, and knows what is kept of earlier ones.
   * @param hasListed whether a list was ever read to its end
   */
  begin(kept: KeptManners, hasListed: boolean): void {
    this.grid = kept.grid
    this.honestUpTo = kept.honestUpTo
    this.pageSize = kept.pageSize
    this.asksSingly ||= kept.asksSingly
    this.countsAnyStatus ||= kept.countsAnyStatus
    // The answers of a run that was killed tell it as well.
    this.hasListed ||= hasListed || kept.pageSize > 0
    this.isLying = false
    this.largestPage = 0
    this.cutAt = Number.POSITIVE_INFINITY
    this.showsFractions = false
    this.looksBeyond = 0
    this.probe = undefined
  }

  /** Whether `count` tells all that match, as far as it was found out. */
  get honestCount(): boolean | undefined {
    return this.honestUpTo === undefined ? undefined : this.honestUpTo > 0
  }

  /** All but the length of a page is to be found out again: one wrong answer must not stay for ever. */
  forget(): void {
    this.grid = undefined
    this.honestUpTo = undefined
    this.asksSingly = undefined
    this.countsAnyStatus = false
  }

  /** A filter was misread: what was found out of its counts says nothing. */
  forgetCounts(): void {
    this.isLying = false
    this.honestUpTo = undefined
    this.cutAt = Number.POSITIVE_INFINITY
  }

  /** `count` was found to be more than there is. */
  foundLying(): void {
    this.isLying = true
    this.honestUpTo = 0
  }

  /** @param upTo a page's length; `anyLength` where a page held less than its count; 0 where `count` was found not to be honest */
  foundHonest(upTo: number): void {
    if (this.isLying) return
    // A page that held less than its count leaves no doubt.
    if (this.honestUpTo === anyLength) return
    if (upTo === anyLength || upTo === 0) this.honestUpTo = upTo
    else if (this.honestUpTo !== 0) this.honestUpTo = Math.max(this.honestUpTo ?? 0, upTo)
  }
}
