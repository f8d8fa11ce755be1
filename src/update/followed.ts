import { type Status, statuses } from '../domain/pin.ts'

/** `known`: the service has a request. `waits`: until it is settled. `sure`: a listing will show it. */
type Mark = keyof typeof bits

const bits = { known: 1, waits: 2, sure: 4 }

/** What is known of the request for each CID of an agenda, by its index there: some 12 bytes each. */
export class Followed {
  readonly #bucketNames: readonly string[]
  /** 0 for none, else from 1. */
  readonly #buckets: Uint16Array
  /** `NaN` where no answer told. */
  readonly #created: Float64Array
  readonly #marks: Uint8Array
  /** 1 and more: what a listing has shown. */
  readonly #shown: Uint8Array
  #waiting = 0

  constructor(length: number, bucketNames: readonly string[]) {
    this.#bucketNames = bucketNames
    this.#buckets = new Uint16Array(length)
    this.#created = new Float64Array(length)
    this.#marks = new Uint8Array(length)
    this.#shown = new Uint8Array(length)
  }

  /** How many are not settled. */
  get waiting(): number {
    return this.#waiting
  }

  /** @param request.created `null` where no answer told of it */
  add(
    index: number,
    { bucket, created }: { readonly bucket: string; readonly created: number | null },
    ...marks: readonly Mark[]
  ): void {
    if (this.waits(index)) this.#waiting--
    this.#buckets[index] = this.#bucketNames.indexOf(bucket) + 1
    this.#created[index] = created ?? Number.NaN
    this.#marks[index] = marks.reduce((sum, mark) => sum | bits[mark], 0)
    if (this.waits(index)) this.#waiting++
  }

  /** It is settled. */
  end(index: number): void {
    if (!this.waits(index)) return
    this.#marks[index] = (this.#marks[index] as number) & ~bits.waits
    this.#waiting--
  }

  /** A listing shows it. */
  show(index: number, status: Status): void {
    this.#shown[index] = statuses.indexOf(status) + 1
  }

  /** What a listing has shown last, whatever became of it before. */
  shown(index: number): Status | undefined {
    return statuses[(this.#shown[index] as number) - 1]
  }

  /** Those for which the service has a request. */
  *atService(): Generator<number> {
    for (let index = 0; index < this.#marks.length; index++) if (this.isAtService(index)) yield index
  }

  /** Whether the service has a request, by its answers or by what a listing has shown. */
  isAtService(index: number): boolean {
    return this.#has(index, bits.known) || this.#shown[index] !== 0
  }

  waits(index: number): boolean {
    return this.#has(index, bits.waits)
  }

  /** Where its request is, or is to be; `undefined` where none was asked for. */
  bucketOf(index: number): string | undefined {
    return this.#bucketNames[(this.#buckets[index] as number) - 1]
  }

  createdOf(index: number): number | null {
    const created = this.#created[index] as number
    return Number.isNaN(created) ? null : created
  }

  /** Those that are not settled in a bucket. */
  *waitingIn(bucket: string): Generator<number> {
    const number = this.#bucketNames.indexOf(bucket) + 1
    for (let index = 0; index < this.#marks.length; index++)
      if (this.waits(index) && this.#buckets[index] === number) yield index
  }

  /** The buckets with any that is not settled. */
  bucketsWaiting(): string[] {
    return this.#bucketNames.filter((name) => this.waitingIn(name).next().done !== true)
  }

  /** Whether any that is not settled is there, or sure to come to be shown. */
  isAnyThere(): boolean {
    for (let index = 0; index < this.#marks.length; index++)
      if (this.waits(index) && (this.#has(index, bits.sure) || this.#shown[index] !== 0)) return true
    return false
  }

  #has(index: number, bit: number): boolean {
    return ((this.#marks[index] as number) & bit) !== 0
  }
}
