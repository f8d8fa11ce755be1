import { Finder, type Span } from './finder.ts'
import { formsOf, isDistinct, partsOf } from './forms.ts'
import type { Rewritten } from './rewritten.ts'
import { unbroken } from './unbroken.ts'
import { longestEscape, mostLevels, unescaped } from './unescaped.ts'

/** What stands where a secret was. */
export const mask = '***'

/**
 * Of the characters that one of a secret is written with: each of those of an escape may be escaped in its turn, and as
 * many may be between it and the next, of UTF-16 and of line breaks.
 */
const longestLetter = 2 * longestEscape ** mostLevels

/**
 * In characters. To look through more at a time holds the process up: of a JSON Web Token of 1,400 letters each would
 * take 3,456. What takes more than this is found where a text is looked through as a whole, as all that is short is.
 */
const mostKeptBack = 1024 * 1024

/**
 * The secrets of a run, and the one way to take them out of a text: as they are, their parts, in Base64, in lines too,
 * and escaped in any mixture of the manners of URLs, JSON and HTML. What is to be cut short is cut afterwards: a piece
 * of a secret is not known any more.
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
  #hasSpaces = false

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
    const find = (within: string) => this.#find(within)
    const inner = level < mostLevels ? unescaped(text) : undefined
    return [
      ...find(text),
      ...spansOf(unbroken(text), find),
      ...spansOf(inner, (within) => this.spansIn(within, level + 1)),
    ]
  }

  /** Not less than any of them takes, however it is written, up to `mostKeptBack`. */
  get longest(): number {
    this.#finder ??= this.#makeFinder()
    return Math.min(this.#longest * longestLetter, mostKeptBack)
  }

  #find(text: string): Span[] {
    this.#finder ??= this.#makeFinder()
    return this.#finder.find(this.#hasSpaces ? withoutPlus(text) : text)
  }

  #makeFinder(): Finder {
    const forms = [...this.#given].filter(isDistinct).flatMap(formsOf)
    this.#hasSpaces = forms.some((form) => form.includes(' '))
    this.#longest = forms.reduce((longest, { length }) => Math.max(longest, length), 0)
    return new Finder([...new Set(this.#hasSpaces ? forms.map(withoutPlus) : forms)])
  }
}

/** Of the places in a text that another was made of, where there is another. */
function spansOf(rewritten: Rewritten | undefined, find: (text: string) => Span[]): Span[] {
  const text = rewritten?.text
  return text === undefined ? [] : find(text).map((span) => (rewritten as Rewritten).sourceOf(span))
}

/** A form has a plus for each space, and nothing tells which one is a plus: both are looked for as the same. */
function withoutPlus(text: string): string {
  return text.replaceAll('+', ' ')
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
