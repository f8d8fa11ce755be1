import type { Status } from '../../../src/domain/pin.ts'

/** What becomes of a new request, and when: after so many ms, or once the bucket was asked so often. */
export interface Settlement {
  readonly status: Status
  readonly reason?: string
  readonly after: { readonly ms: number } | { readonly requests: number }
}

interface Planned {
  readonly requestid: string
  readonly status: Status
  readonly reason: string | undefined
  readonly isDue: (now: number, asked: number) => boolean
}

/** The requests of a bucket that are still to settle. */
export class Settling {
  #planned: Planned[] = []
  #asked = 0

  plan(requestid: string, { status, reason, after }: Settlement): void {
    const dueAt = 'ms' in after ? Date.now() + after.ms : this.#asked + after.requests
    const isDue = 'ms' in after ? (now: number) => now >= dueAt : (_: number, asked: number) => asked >= dueAt
    this.#planned.push({ requestid, status, reason, isDue })
  }

  /** What is due and was not given before, in the order in which it was planned. */
  due(countsAsRequest: boolean): readonly Planned[] {
    if (countsAsRequest) this.#asked++
    if (this.#planned.length === 0) return []
    const now = Date.now()
    const { due = [], later = [] } = Object.groupBy(this.#planned, ({ isDue }) =>
      isDue(now, this.#asked) ? 'due' : 'later',
    )
    this.#planned = later
    return due
  }
}
