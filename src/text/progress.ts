import { RecentRate } from '../domain/recent-rate.ts'
import { number } from './numbers.ts'
import { duration } from './times.ts'

/** How long after a line the next one is due, in ms, by how long the work has gone on: many hours are a few hundred lines. */
export function pauseAfter(elapsed: number): number {
  if (elapsed < 60_000) return 5_000
  return elapsed < 600_000 ? 30_000 : 60_000
}

/** Says again and again, less and less often, how far long work has come, for as long as it lives. */
export class Progress implements Disposable {
  #timer: NodeJS.Timeout | undefined

  constructor({
    line,
    log,
    now,
  }: {
    /** What to say now; `null` for nothing. */
    readonly line: () => string | null
    readonly log: (line: string) => void
    /** ms, of a clock that only goes forward. */
    readonly now: () => number
  }) {
    const began = now()
    const next = () => {
      // A line in the log is no reason for the process to live on.
      this.#timer = setTimeout(
        () => {
          const text = line()
          if (text !== null) log(text)
          next()
        },
        pauseAfter(now() - began),
      ).unref()
    }
    next()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

/** How far something has come that is counted, with what it comes to at the rate of late. */
export class Counted {
  readonly #what: string
  readonly #rate: RecentRate
  #done = 0
  /** `undefined` while it is not known. */
  total: number | undefined

  /** @param what is counted, in the plural: `CIDs asked for`, `requests read` */
  constructor(what: string, now: number, total?: number) {
    this.#what = what
    this.#rate = new RecentRate(now)
    this.total = total
  }

  get done(): number {
    return this.#done
  }

  add(now: number, howMany = 1): void {
    this.#done += howMany
    this.#rate.note(now, howMany)
  }

  /** `null` where there is nothing to tell: nothing of nobody knows how much. */
  line(now: number): string | null {
    if (this.#done === 0 && this.total === undefined) return null
    const state = { done: this.#done, total: this.total, perSecond: this.#rate.perSecond(now) }
    return countedLine(this.#what, state)
  }
}

/** `1,200 of 5,000 requests read (24%), 96 a second, about 40s left` */
export function countedLine(
  what: string,
  state: { readonly done: number; readonly total: number | undefined; readonly perSecond: number },
): string {
  const { done, total, perSecond } = state
  const share = total === undefined ? '' : ` of ${number(total)}`
  const percent = total !== undefined && total > 0 ? ` (${Math.floor((100 * done) / total)}%)` : ''
  const time = total === undefined ? null : timeLeft(total - done, perSecond)
  const parts = [`${number(done)}${share} ${what}${percent}`, rateOf(perSecond), time && `about ${time} left`]
  return parts.filter((part) => part !== null).join(', ')
}

/** How long it takes to do so many; `null` where nobody knows, or nothing is left. */
export function timeLeft(left: number, perSecond: number): string | null {
  if (left <= 0 || perSecond <= 0) return null
  return duration(Math.max(1, Math.round(left / perSecond)) * 1000)
}

/** `96 a second`, `3 a minute`; `null` for nothing. */
export function rateOf(perSecond: number): string | null {
  if (perSecond <= 0) return null
  if (perSecond >= 10) return `${number(Math.round(perSecond))} a second`
  if (perSecond >= 1) return `${number(Math.round(perSecond * 10) / 10)} a second`
  return `${number(Math.max(1, Math.round(perSecond * 60)))} a minute`
}
