import type { Span } from './finder.ts'

/** How text is escaped in URLs, in JSON, and in HTML. */
const escapes =
  /%[\da-f]{2}|\\(?:u[\da-f]{4}|x[\da-f]{2}|["\\/])|&(?:#x[\da-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos|equals|plus|sol|colon|commat);/gi

/** Escapes of escapes that are seen through. */
export const mostLevels = 3
/** Of the characters that one is written with: `&#x00004D;`. */
export const longestEscape = 10

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  equals: '=',
  plus: '+',
  sol: '/',
  colon: ':',
  commat: '@',
}

/** A text without escapes, which knows where each character of it comes from. */
export class Unescaped {
  readonly text: string
  /** The places of what was escaped: in this text, and in its source. */
  readonly #places: readonly number[]
  readonly #sources: readonly Span[]

  private constructor(text: string, places: readonly number[], sources: readonly Span[]) {
    this.text = text
    this.#places = places
    this.#sources = sources
  }

  /** `undefined` where nothing is escaped. Bytes of UTF-8 that a URL escapes become a character each. */
  static of(source: string): Unescaped | undefined {
    // Most texts have none of these, and nothing is found faster.
    if (!source.includes('%') && !source.includes('\\') && !source.includes('&')) return undefined
    const places: number[] = []
    const sources: Span[] = []
    let text = ''
    let done = 0
    for (const { 0: escaped, index } of source.matchAll(escapes)) {
      text += source.slice(done, index)
      done = index + escaped.length
      places.push(text.length)
      sources.push({ start: index, end: done })
      text += characterOf(escaped)
    }
    return places.length === 0 ? undefined : new Unescaped(text + source.slice(done), places, sources)
  }

  /** The stretch of the source that a stretch of this text comes from. */
  sourceOf({ start, end }: Span): Span {
    return { start: this.#sourceAt(start).start, end: this.#sourceAt(end - 1).end }
  }

  #sourceAt(place: number): Span {
    let low = 0
    for (let high = this.#places.length; low < high; ) {
      const middle = (low + high) >>> 1
      if ((this.#places[middle] as number) <= place) low = middle + 1
      else high = middle
    }
    const before = this.#sources[low - 1]
    if (before === undefined) return { start: place, end: place + 1 }
    const behind = place - (this.#places[low - 1] as number)
    if (behind === 0) return before
    return { start: before.end + behind - 1, end: before.end + behind }
  }
}

/** One unit of a string for each escape; a sign stands for a character that is of two. */
function characterOf(escaped: string): string {
  const kind = escaped.charAt(1).toLowerCase()
  if (escaped.startsWith('%')) return unitOf(escaped.slice(1), 16)
  if (escaped.startsWith('\\')) return /[ux]/.test(kind) ? unitOf(escaped.slice(2), 16) : kind
  if (kind !== '#') return named[escaped.slice(1, -1).toLowerCase()] ?? '\uFFFD'
  const isHex = escaped.charAt(2).toLowerCase() === 'x'
  return unitOf(escaped.slice(isHex ? 3 : 2, -1), isHex ? 16 : 10)
}

function unitOf(digits: string, base: number): string {
  const code = Number.parseInt(digits, base)
  return String.fromCharCode(code > 0xffff ? 0xfffd : code)
}
