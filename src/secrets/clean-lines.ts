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

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  /** @returns what may go on by now */
  write(piece: string): string {
    const text = this.#rest + piece
    const lines = text.lastIndexOf('\n') + 1
    if (text.length - lines <= longestLine) {
      this.#rest = text.slice(lines)
      return this.#secrets.redact(text.slice(0, lines))
    }
    const spans = this.#secrets.spansIn(text)
    let end = Math.max(lines, text.length - this.#secrets.longest)
    // The last ones first: before one that would be cut there may be another that lies across it.
    for (const span of spans.toSorted((a, b) => b.end - a.end))
      if (span.start < end && span.end > end) end = span.start
    this.#rest = text.slice(end)
    return masked(
      text.slice(0, end),
      spans.filter((span) => span.end <= end),
    )
  }

  /** @returns what was kept back */
  end(): string {
    const rest = this.#rest
    this.#rest = ''
    return this.#secrets.redact(rest)
  }
}
