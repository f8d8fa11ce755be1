import { Rewritten } from './rewritten.ts'

/**
 * How text is escaped in URLs, in JSON, and in HTML.
 */
const escapes =
  /%[\da-f]{2}|\\(?:u[\da-f]{4}|x[\da-f]{2}|["\\/nrt])|&(?:#x[\da-f]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos|equals|plus|sol|colon|commat);/gi

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

const blanks: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** A text without escapes; `undefined` where it has none. Bytes of UTF-8 that a URL escapes become a character each. */
export function unescaped(source: string): Rewritten | undefined {
  // Most texts have none of these, and nothing is found faster.
  if (!['%', '\\', '&'].some((sign) => source.includes(sign))) return undefined
  const rewritten = new Rewritten(source)
  for (const { 0: escaped, index } of source.matchAll(escapes))
    rewritten.replace(index, index + escaped.length, characterOf(escaped))
  return rewritten
}

function characterOf(escaped: string): string {
  if (escaped.startsWith('%')) return numbered(escaped.slice(1), 16)
  if (escaped.startsWith('\\')) return afterBackslash(escaped.slice(1))
  return afterAmpersand(escaped.slice(1).toLowerCase())
}

function afterBackslash(text: string): string {
  return text.length === 1 ? (blanks[text] ?? text) : numbered(text.slice(1), 16)
}

function afterAmpersand(text: string): string {
  if (text.startsWith('#x')) return numbered(text.slice(2), 16)
  if (text.startsWith('#')) return numbered(text.slice(1), 10)
  return named[text.replace(';', '')] ?? '\uFFFD'
}

/** The character of a number, whatever is behind its digits. */
function numbered(digits: string, base: number): string {
  const code = Number.parseInt(digits, base)
  return code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code)
}
