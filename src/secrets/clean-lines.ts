import { masked, type Secrets } from './secrets.ts'
import { endOfLines, longestBreak } from './unbroken.ts'

/** What is longer, and may go on, is not waited for. */
const longestLine = 64 * 1024

/**
 * A text that comes piece by piece, without secrets, be it that one lies across two pieces: it goes on line by line,
 * but for lines that may be followed by more of the same Base64. Of what is long the last part is kept back, until it
 * is seen what it is.
 */
export class CleanLines {
  readonly #secrets: Secrets
  #rest = ''
  /** The end of all that came, by itself: the rest is put together from its pieces only when some of it goes on. */
  #last = ''
  /** So many characters of the rest are behind a mask that went on. */
  #masked = 0

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  /** @returns what may go on by now */
  write(piece: string): string {
    const before = this.#last.length
    const near = this.#last + piece
    const lines = endOfLines(near, before)
    const whole = lines === 0 ? 0 : this.#rest.length - before + lines
    this.#last = near.slice(-longestBreak)
    this.#rest += piece
    const { longest } = this.#secrets
    const { length } = this.#rest
    // At least as much goes on as is kept back: so nothing is looked at more than twice.
    if (length - whole > Math.max(longestLine, 2 * longest))
      return this.#pass(Math.max(whole, length - longest), length)
    return whole === 0 ? '' : this.#pass(whole, whole)
  }

  /** @returns what was kept back */
  end(): string {
    return this.#pass(this.#rest.length, this.#rest.length)
  }

  /** @returns what may go on where it is not waited for the rest */
  cut(): string {
    const { length } = this.#rest
    return this.#pass(Math.max(0, length - this.#secrets.longest), length)
  }

  /**
   * What is before `end` goes on. A secret that lies across it is masked now, as are those that overlap it: what is
   * behind it need not be known for that, however many there are in a row.
   * @param seen so far it is looked for them
   */
  #pass(end: number, seen: number): string {
    const text = this.#rest
    const spans = this.#secrets.spansIn(text.slice(0, seen)).filter(({ start }) => start < end)
    const clean = masked(text.slice(0, end), spans, this.#masked)
    const masks = spans.reduce((most, span) => Math.max(most, span.end), this.#masked)
    this.#masked = Math.max(0, masks - end)
    this.#rest = text.slice(end)
    return clean
  }
}
