/** A stretch of a text; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The last characters of a window, by which it is told how far the next one may be. */
const blockLength = 3
const places = 2 ** 15

/**
 * Finds texts in a text, all in one pass that mostly jumps (the algorithm of Wu and Manber): what is looked at are the
 * three characters at the end of a window as long as the shortest text. Where none of the texts has them near, the
 * window moves on by nearly its length.
 */
export class Finder {
  readonly #window: number
  /** By a block's hash, how far the window may move on: 0 where it may be what is looked for. */
  readonly #shifts = new Uint8Array(places)
  /** The texts whose first window ends in a block, by its hash. */
  readonly #texts = new Map<number, string[]>()

  /** @param texts each of at least 8 characters */
  constructor(texts: readonly string[]) {
    this.#window = texts.reduce((shortest, { length }) => Math.min(shortest, length), 255)
    this.#shifts.fill(this.#window - blockLength + 1)
    for (const text of texts) {
      for (let end = blockLength - 1; end < this.#window; end++) {
        const hash = hashAt(text, end)
        this.#shifts[hash] = Math.min(this.#shifts[hash] as number, this.#window - 1 - end)
      }
      const hash = hashAt(text, this.#window - 1)
      this.#texts.set(hash, [...(this.#texts.get(hash) ?? []), text])
    }
  }

  /** Where they are: the longest at each place; stretches may overlap. */
  find(text: string): Span[] {
    const spans: Span[] = []
    for (let end = this.#window - 1; end < text.length; ) {
      const hash = hashAt(text, end)
      const shift = this.#shifts[hash] as number
      if (shift === 0) {
        const start = end - this.#window + 1
        const length = this.#lengthAt(text, start, hash)
        if (length > 0) spans.push({ start, end: start + length })
      }
      end += shift || 1
    }
    return spans
  }

  #lengthAt(text: string, start: number, hash: number): number {
    let longest = 0
    for (const one of this.#texts.get(hash) ?? [])
      if (one.length > longest && text.startsWith(one, start)) longest = one.length
    return longest
  }
}

function hashAt(text: string, end: number): number {
  const block = text.charCodeAt(end) + (text.charCodeAt(end - 1) << 5) + (text.charCodeAt(end - 2) << 10)
  return block & (places - 1)
}
