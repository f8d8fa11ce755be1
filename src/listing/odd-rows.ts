import type { OddRow, Page } from '../service/answers.ts'

/** So many are remembered and told: a service may show any number of them. */
const mostTold = 1000

/** The rows that answers showed and that are no requests, each once. */
export class OddRows {
  readonly #rows = new Map<string, OddRow>()
  #isCut = false

  see({ odd, moreOdd }: Pick<Page, 'odd' | 'moreOdd'>): void {
    this.#isCut ||= moreOdd > 0
    for (const row of odd) {
      const key = keyOf(row)
      if (this.#rows.size < mostTold) this.#rows.set(key, row)
      else this.#isCut ||= !this.#rows.has(key)
    }
  }

  /** Infinite where there were more than are remembered. */
  get size(): number {
    return this.#isCut ? Number.POSITIVE_INFINITY : this.#rows.size
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

/** Whether a page shows this row as well, as far as it tells of such rows. */
export function isOddIn({ odd, moreOdd }: Pick<Page, 'odd' | 'moreOdd'>, row: OddRow): boolean {
  return moreOdd > 0 || odd.some((one) => keyOf(one) === keyOf(row))
}

/** Several may have the same requestid once a secret is taken out of it. */
function keyOf(row: OddRow): string {
  return row.requestid === '' ? JSON.stringify(row) : `${row.requestid} ${row.cid}`
}
