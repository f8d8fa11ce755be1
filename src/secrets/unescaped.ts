import { Rewritten } from './rewritten.ts'

/**
 * How text is escaped in URLs, in JSON and other languages, and in HTML, where a semicolon may be left out. NULs are
 * what is between the letters of UTF-16 that is read as UTF-8.
 */
const escapes =
  /%[\da-f]{2}|\\(?:u[\da-f]{4}|u\{[\da-f]{1,8}\}|x[\da-f]{2}|[0-3]?[0-7]{1,2}|[nrt]|[^\da-z])|&(?:#x[\da-f]{1,8}|#\d{1,8}|amp|lt|gt|quot|apos|equals|plus|sol|colon|commat);?|\0+/gi

/** Escapes of escapes that are seen through. */
export const mostLevels = 3
/** Of the characters that one is written with, whose number has up to eight digits: `&#x0000004D;`. */
export const longestEscape = 12

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
  if (!['%', '\\', '&', '\0'].some((sign) => source.includes(sign))) return undefined
  const rewritten = new Rewritten(source)
  for (const { 0: escaped, index } of source.matchAll(escapes))
    rewritten.replace(index, index + escaped.length, characterOf(escaped))
  return rewritten
}

function characterOf(escaped: string): string {
  if (escaped.startsWith('%')) return numbered(escaped.slice(1), 16)
  if (escaped.startsWith('\\')) return afterBackslash(escaped.slice(1))
  return escaped.startsWith('&') ? afterAmpersand(escaped.slice(1).toLowerCase()) : ''
}

function afterBackslash(text: string): string {
  if (/^\d/.test(text)) return numbered(text, 8)
  return text.length === 1 ? (blanks[text] ?? text) : numbered(text.replace(/^.\{?/, ''), 16)
}

function afterAmpersand(text: string): string {
  if (text.startsWith('#x')) return numbered(text.slice(2), 16)
  if (text.startsWith('#')) return numbered(text.slice(1), 10)
  return named[text.replace(';', '')] ?? '\uFFFD'
}

/** The character of a number, whatever is behind its digits. */
function numbered(digits: string, base: number): string {
  const code = Number.parseInt(digits, base)
  if (code === 0) return ''
  return code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code)
}
