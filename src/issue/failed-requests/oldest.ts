import type { FailedRequest } from '../../report/report.ts'

/** Of any number of requests those that were created first, in that order. */
export class Oldest {
  readonly #most: number
  /** The first `most` are in order, once there were twice as many. */
  readonly #kept: FailedRequest[] = []
  #isFull = false

  constructor(most: number) {
    this.#most = most
  }

  add(request: FailedRequest): void {
    const last = this.#isFull ? this.#kept[this.#most - 1] : undefined
    if (last !== undefined && byAge(last, request) <= 0) return
    this.#kept.push(request)
    if (this.#kept.length === 2 * this.#most) this.#cut()
  }

  all(): readonly FailedRequest[] {
    this.#cut()
    return this.#kept
  }

  #cut(): void {
    this.#kept.sort(byAge)
    this.#isFull = this.#kept.length >= this.#most
    this.#kept.splice(this.#most)
  }
}

function byAge(a: FailedRequest, b: FailedRequest): number {
  return compare(a.created, b.created) || compare(a.requestid, b.requestid)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
