import { grown } from '../domain/grown.ts'
import type { Span } from './finder.ts'

/** So many pieces of a text are put together at a time. */
const mostPieces = 4096
/** The numbers of a change: where it starts and ends in the source, its place in the text, and its width there. */
const perChange = 4

/** A text that is made of another from its beginning to its end, and knows where each character of it comes from. */
export class Rewritten {
  readonly #source: string
  /** Those of all changes, one after the other: what a server makes up has one every two characters. */
  #changes = new Uint32Array(0)
  #count = 0
  readonly #parts: string[] = []
  #pieces: string[] = []
  #length = 0
  #done = 0

  constructor(source: string) {
    this.#source = source
  }

  /** Puts a text in the place of a stretch of the source, behind those before. */
  replace(start: number, end: number, by: string): void {
    this.#pieces.push(this.#source.slice(this.#done, start), by)
    if (this.#pieces.length >= mostPieces) {
      this.#parts.push(this.#pieces.join(''))
      this.#pieces = []
    }
    this.#length += start - this.#done
    const at = this.#count++ * perChange
    this.#changes = grown(this.#changes, at + perChange - 1)
    this.#changes[at] = start
    this.#changes[at + 1] = end
    this.#changes[at + 2] = this.#length
    this.#changes[at + 3] = by.length
    this.#length += by.length
    this.#done = end
  }

  /** `undefined` where nothing was replaced. */
  get text(): string | undefined {
    if (this.#count === 0) return undefined
    return [...this.#parts, ...this.#pieces, this.#source.slice(this.#done)].join('')
  }

  /** The stretch of the source that a stretch of the text comes from. */
  sourceOf({ start, end }: Span): Span {
    return { start: this.#sourceAt(start).start, end: this.#sourceAt(end - 1).end }
  }

  #sourceAt(place: number): Span {
    let low = 0
    for (let high = this.#count; low < high; ) {
      const middle = (low + high) >>> 1
      if (this.#number(middle, 2) <= place) low = middle + 1
      else high = middle
    }
    if (low === 0) return { start: place, end: place + 1 }
    const [start, end] = [this.#number(low - 1, 0), this.#number(low - 1, 1)]
    const behind = place - this.#number(low - 1, 2) - this.#number(low - 1, 3)
    return behind < 0 ? { start, end } : { start: end + behind, end: end + behind + 1 }
  }

  #number(change: number, which: number): number {
    return this.#changes[change * perChange + which] as number
  }
}
