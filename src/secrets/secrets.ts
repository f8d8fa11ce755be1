import { Finder, type Span } from './finder.ts'
import { formsOf, isDistinct, partsOf } from './forms.ts'
import { longestEscape, mostLevels, Unescaped } from './unescaped.ts'

/** What stands where a secret was. */
export const mask = '***'

/**
 * The secrets of a run, and the one way to take them out of a text: as they are, their parts, in Base64, and escaped in
 * any mixture of the manners of URLs, JSON and HTML. What is to be cut short is cut afterwards: a piece of a secret is
 * not known any more.
 *
 * Texts under 8 characters, and numbers of up to 16 digits, are no secrets that could be told from what has them by
 * chance (a piece of a CID, a size): the runner masks them in its log, and nothing else is done for them.
 */
export class Secrets {
  readonly #mask: (secret: string) => void
  readonly #given = new Set<string>()
  /** Made when it is first needed. */
  #finder: Finder | undefined
  #longest = 0

  /** @param mask given every secret and its parts at once, before anything can fail */
  constructor(mask: (secret: string) => void = () => {}) {
    this.#mask = mask
  }

  /** From now on a secret is known. */
  add(secret: string): void {
    for (const one of [secret, ...partsOf(secret)]) {
      if (one === '' || this.#given.has(one)) continue
      this.#given.add(one)
      this.#finder = undefined
      this.#mask(one)
    }
  }

  /** A text without any of them. */
  redact(text: string): string {
    return masked(text, this.spansIn(text))
  }

  /** The same for a value that was given to the action: without the short ones too. */
  redactInput(text: string): string {
    const short = [...this.#given].filter((one) => !isDistinct(one)).sort((a, b) => b.length - a.length)
    return short.reduce((shown, one) => shown.replaceAll(one, mask), this.redact(text))
  }

  /** A value as JSON whose texts are without any of them; its keys are the program's own. */
  json(value: unknown): string | undefined {
    const text = JSON.stringify(value)
    if (text === undefined || this.spansIn(text).length === 0) return text
    return JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? this.redact(one) : one))
  }

  /** Where they are in a text, in no order; stretches may overlap. */
  spansIn(text: string, level = 0): Span[] {
    if (this.#given.size === 0) return []
    this.#finder ??= this.#makeFinder()
    const spans = this.#finder.find(text)
    const inner = level < mostLevels ? Unescaped.of(text) : undefined
    if (inner !== undefined)
      for (const span of this.spansIn(inner.text, level + 1)) spans.push(inner.sourceOf(span))
    return spans
  }

  /** Not less than any of them takes, however it is written: a character may be ten, and each of these ten again. */
  get longest(): number {
    this.#finder ??= this.#makeFinder()
    return this.#longest * longestEscape ** mostLevels
  }

  #makeFinder(): Finder {
    const forms = [...new Set([...this.#given].filter(isDistinct).flatMap(formsOf))]
    this.#longest = forms.reduce((longest, { length }) => Math.max(longest, length), 0)
    return new Finder(forms)
  }
}

/**
 * A text with a mask for each stretch of it, or for several that overlap.
 * @param done so many of its first characters are behind a mask that is elsewhere
 */
export function masked(text: string, spans: readonly Span[], done = 0): string {
  let clean = ''
  let end = done
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.start >= end) clean += text.slice(end, span.start) + mask
    end = Math.max(end, span.end)
  }
  return clean + text.slice(end)
}
