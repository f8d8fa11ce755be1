import type { Span } from './finder.ts'

/** A stretch of a source, and what stands for it in a text: so many characters from a place on. */
interface Change extends Span {
  readonly place: number
  readonly width: number
}

/** A text that is made of another from its beginning to its end, and knows where each character of it comes from. */
export class Rewritten {
  readonly #source: string
  readonly #changes: Change[] = []
  #written = ''
  #done = 0

  constructor(source: string) {
    this.#source = source
  }

  /** Puts a text in the place of a stretch of the source, behind those before. */
  replace(start: number, end: number, by: string): void {
    this.#written += this.#source.slice(this.#done, start)
    this.#changes.push({ start, end, place: this.#written.length, width: by.length })
    this.#written += by
    this.#done = end
  }

  /** `undefined` where nothing was replaced. */
  get text(): string | undefined {
    return this.#changes.length === 0 ? undefined : this.#written + this.#source.slice(this.#done)
  }

  /** The stretch of the source that a stretch of the text comes from. */
  sourceOf({ start, end }: Span): Span {
    return { start: this.#sourceAt(start).start, end: this.#sourceAt(end - 1).end }
  }

  #sourceAt(place: number): Span {
    let low = 0
    for (let high = this.#changes.length; low < high; ) {
      const middle = (low + high) >>> 1
      if ((this.#changes[middle] as Change).place <= place) low = middle + 1
      else high = middle
    }
    const before = this.#changes[low - 1]
    if (before === undefined) return { start: place, end: place + 1 }
    const behind = place - before.place - before.width
    return behind < 0 ? before : { start: before.end + behind, end: before.end + behind + 1 }
  }
}
