import { masked, type Secrets } from './secrets.ts'

/** A line that is longer is not waited for. */
const longestLine = 64 * 1024

/**
 * A text that comes piece by piece, without secrets, be it that one lies across two pieces: it goes on line by line, as
 * no secret has a line break in it. Of a long line the last part is kept back, until it is seen what it is.
 */
export class CleanLines {
  readonly #secrets: Secrets
  #rest = ''
  /** So many characters of the rest are behind a mask that went on. */
  #masked = 0

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  /** @returns what may go on by now */
  write(piece: string): string {
    const text = this.#rest + piece
    const line = piece.lastIndexOf('\n') + 1
    const whole = line === 0 ? 0 : this.#rest.length + line
    const { longest } = this.#secrets
    // At least as much goes on as is kept back: so nothing is looked at more than twice.
    const isLong = text.length - whole > Math.max(longestLine, 2 * longest)
    return isLong
      ? this.#pass(text, Math.max(whole, text.length - longest), text.length)
      : this.#pass(text, whole, whole)
  }

  /** @returns what was kept back */
  end(): string {
    return this.#pass(this.#rest, this.#rest.length, this.#rest.length)
  }

  /** @returns what may go on where it is not waited for the rest */
  cut(): string {
    return this.#pass(this.#rest, Math.max(0, this.#rest.length - this.#secrets.longest), this.#rest.length)
  }

  /**
   * What is before `end` goes on. A secret that lies across it is masked now, as are those that overlap it: what is
   * behind it need not be known for that, however many there are in a row.
   * @param seen so far it is looked for them
   */
  #pass(text: string, end: number, seen: number): string {
    const spans = this.#secrets.spansIn(text.slice(0, seen)).filter(({ start }) => start < end)
    const clean = masked(text.slice(0, end), spans, this.#masked)
    const masks = spans.reduce((most, span) => Math.max(most, span.end), this.#masked)
    this.#masked = Math.max(0, masks - end)
    this.#rest = text.slice(end)
    return clean
  }
}
