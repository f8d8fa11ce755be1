/** What counts as of late, in ms. */
const late = 30_000

/** How many of something there are a second, of late. Times are of any clock that only goes forward, in ms. */
export class RecentRate {
  readonly #began: number
  /** A count for each second that had any. */
  readonly #counts: { readonly second: number; count: number }[] = []

  constructor(now: number) {
    this.#began = now
  }

  note(now: number, howMany = 1): void {
    const second = Math.floor(now / 1000)
    const last = this.#counts.at(-1)
    if (last?.second === second) last.count += howMany
    else this.#counts.push({ second, count: howMany })
    this.#forget(now)
  }

  perSecond(now: number): number {
    this.#forget(now)
    const span = now - Math.max(this.#began, firstSecond(now) * 1000)
    if (span <= 0) return 0
    return (this.#counts.reduce((sum, { count }) => sum + count, 0) * 1000) / span
  }

  #forget(now: number): void {
    while ((this.#counts[0]?.second ?? Number.POSITIVE_INFINITY) < firstSecond(now)) this.#counts.shift()
  }
}

/** The first that counts, as a whole. */
function firstSecond(now: number): number {
  return Math.floor((now - late) / 1000)
}
