import { Rewritten } from './rewritten.ts'

/** A line break with what is blank beside it. Where more is blank, what is behind it is no part of the same. */
export const longestBreak = 100

const ofBase64 = /[\w+/=-]/
/** What stands before the brace that ends a line of JSON, and not before the one of `\u{41}`. */
const beforeBrace = /(?:^|["{}\]\s]|:\s*[\w.+-]{1,30})$/

/**
 * A text without the line breaks, and what is blank beside them, between two letters of Base64: MIME has it in lines of
 * 76, PEM of 64, Ruby of 60, and YAML indents them.
 */
export function unbroken(source: string): Rewritten {
  const rewritten = new Rewritten(source)
  let done = 0
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', done)) {
    let start = at
    while (start > done && isBlank(source.charAt(start - 1))) start--
    done = at + 1
    // Of most texts the lines end otherwise.
    if (!ofBase64.test(source.charAt(start - 1))) continue
    while (isBlank(source.charAt(done))) done++
    if (ofBase64.test(source.charAt(done)) && done - start <= longestBreak) rewritten.replace(start, done, '')
  }
  return rewritten
}

/**
 * Where the last line from a place on ends that does not go on behind its break, in whatever way its letters are
 * escaped: most lines do not, as those of JSON, which end in a brace. 0 for none.
 */
export function endOfLines(text: string, from: number): number {
  let at = text.lastIndexOf('\n')
  while (at >= from) {
    let end = at
    while (end > at - longestBreak && isFilling(text.charAt(end - 1))) end--
    if (!mayGoOn(text, end)) return at + 1
    at = text.lastIndexOf('\n', end - 1)
  }
  return 0
}

/** Whether a letter of Base64 may end there, be it by an escape. Behind a backslash the break itself is escaped. */
function mayGoOn(text: string, end: number): boolean {
  const last = text.charAt(end - 1)
  if (last === '}') return !beforeBrace.test(text.slice(Math.max(0, end - longestBreak), end - 1))
  return last === ';' || last === '\\' || ofBase64.test(last)
}

/** NULs too, as UTF-16 has them. */
function isFilling(character: string): boolean {
  return character === '\0' || isBlank(character)
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t'
}
