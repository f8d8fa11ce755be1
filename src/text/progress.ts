import prettyMs from 'pretty-ms'

const every = 5_000

/** Says every few seconds how far long work has come, for as long as it lives. */
export class Progress implements Disposable {
  readonly #what: string
  readonly #log: (line: string) => void
  readonly #now: () => number
  readonly #started: number
  readonly #timer: NodeJS.Timeout
  #total: number | undefined
  #done = 0
  #shown = -1

  constructor(options: {
    /** What is counted, in the plural: `CIDs pinned`, `requests read`. */
    readonly what: string
    /** Leave it out where it is not known yet. */
    readonly total?: number
    readonly log: (line: string) => void
    /** ms, of a clock that only goes forward. */
    readonly now: () => number
  }) {
    this.#what = options.what
    this.#total = options.total
    this.#log = options.log
    this.#now = options.now
    this.#started = options.now()
    // A line in the log is no reason for the process to live on.
    this.#timer = setInterval(() => this.tell(), every).unref()
  }

  add(n = 1): void {
    this.#done += n
  }

  setTotal(total: number): void {
    this.#total = total
  }

  /** Says it now. */
  tell(): void {
    // Nothing of nobody knows how much is no news.
    if (this.#done === 0 && this.#total === undefined) return
    this.#shown = this.#done
    const elapsed = this.#now() - this.#started
    this.#log(progressLine({ what: this.#what, done: this.#done, total: this.#total, elapsed }))
  }

  /** Ends the lines, with a last one where something happened since the one before. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    if (this.#shown !== -1 && this.#shown !== this.#done) this.tell()
  }
}

/** `1,200 of 5,000 CIDs pinned (24%), 96 a second, about 40s left`; `elapsed` in ms. */
export function progressLine(state: {
  readonly what: string
  readonly done: number
  readonly total: number | undefined
  readonly elapsed: number
}): string {
  const { what, done, total, elapsed } = state
  const perSecond = elapsed > 0 ? (done * 1000) / elapsed : 0
  const share = total === undefined ? '' : ` of ${format(total)}`
  const percent = total !== undefined && total > 0 ? ` (${Math.floor((100 * done) / total)}%)` : ''
  const rate = perSecond === 0 ? '' : `, ${rateOf(perSecond)}`
  const left = total !== undefined && perSecond > 0 && done < total ? (total - done) / perSecond : undefined
  const time =
    left === undefined
      ? ''
      : `, about ${prettyMs(Math.max(1, Math.round(left)) * 1000, { unitCount: 2 })} left`
  return `${format(done)}${share} ${what}${percent}${rate}${time}`
}

function rateOf(perSecond: number): string {
  if (perSecond >= 10) return `${format(Math.round(perSecond))} a second`
  if (perSecond >= 1) return `${perSecond.toFixed(1)} a second`
  return `${(perSecond * 60).toFixed(1)} a minute`
}

const format = (value: number) => value.toLocaleString('en-US')
