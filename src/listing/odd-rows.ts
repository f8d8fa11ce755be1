import { everything, type Window } from '../domain/windows.ts'
import type { OddRow, Page } from '../service/answers.ts'

/** So many are remembered and told: a service may show any number of them. */
const mostTold = 1000

/** The rows that answers showed and that are no requests, each once. */
export class OddRows {
  readonly #rows = new Map<string, OddRow>()
  readonly #windows = new Map<string, Window>()
  #isCut = false

  /** @param asked the window of which an answer showed them */
  see({ odd, moreOdd }: Pick<Page, 'odd' | 'moreOdd'>, asked: Window): void {
    if (odd.length > 0 && this.#windows.size < mostTold)
      this.#windows.set(`${asked.after} ${asked.before}`, asked)
    this.#isCut ||= moreOdd > 0
    for (const row of odd) {
      // Several may have the same requestid once a secret is taken out of it.
      const key = row.requestid === '' ? JSON.stringify(row) : `${row.requestid} ${row.cid}`
      if (this.#rows.size < mostTold) this.#rows.set(key, row)
      else this.#isCut ||= !this.#rows.has(key)
    }
  }

  /** Infinite where there were more than are remembered. */
  get size(): number {
    return this.#isCut ? Number.POSITIVE_INFINITY : this.#rows.size
  }

  /**
   * The windows that held them. They are to be read again: when an odd row becomes a request, or goes as another one
   * comes, the counts stay equal and show nothing.
   */
  windows(): readonly Window[] {
    return this.#windows.size < mostTold ? [...this.#windows.values()] : [everything]
  }

  told(): readonly OddRow[] {
    return [...this.#rows.values()]
  }

  /** Why the listing is not complete; `undefined` where there are none. */
  gap(): string | undefined {
    const [first] = this.#rows.values()
    if (first === undefined) return undefined
    const { requestid, problem } = first
    const which = requestid === '' ? 'one' : `request ${requestid}`
    const many = this.#isCut
      ? `more than ${mostTold} rows are`
      : this.size === 1
        ? '1 row is'
        : `${this.size} rows are`
    return `${many} no request that can be read, such as ${which}: ${problem}`
  }
}
