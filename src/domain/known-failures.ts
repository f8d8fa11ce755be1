import type { CidKey } from './cid.ts'
import { CidMarks } from './cid-marks.ts'
import { grown } from './grown.ts'
import type { KnownFailure } from './schedule.ts'

/** What a direction has to know of a failure before it begins. */
export interface FailureBefore extends KnownFailure {
  /** When the request was created that failed; `null` where none was: a pin failed on the node, or was refused. */
  readonly requestCreated: number | null
}

/** 0 is for what did not fail. */
const marks = { later: 1, never: 2 } as const

/** The failures that a direction begins with, packed, as there may be a million: some 80 bytes each. */
export class KnownFailures {
  readonly #marks = new CidMarks()
  #nextAttempts = new Float64Array(16)
  #requestsCreated = new Float64Array(16)

  get size(): number {
    return this.#marks.size
  }

  add(key: CidKey, { nextAttempt, retry, requestCreated }: FailureBefore): void {
    const place = this.#marks.set(key, marks[retry])
    this.#nextAttempts = grown(this.#nextAttempts, place)
    this.#requestsCreated = grown(this.#requestsCreated, place)
    this.#nextAttempts[place] = nextAttempt
    this.#requestsCreated[place] = requestCreated ?? Number.NaN
  }

  has(key: CidKey): boolean {
    return this.size > 0 && this.#marks.get(key) !== 0
  }

  get(key: CidKey): FailureBefore | undefined {
    if (!this.has(key)) return undefined
    const place = this.#marks.placeOf(key)
    const created = this.#requestsCreated[place] as number
    return {
      nextAttempt: this.#nextAttempts[place] as number,
      retry: this.#marks.get(key) === marks.never ? 'never' : 'later',
      requestCreated: Number.isNaN(created) ? null : created,
    }
  }
}
