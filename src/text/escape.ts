/*
 * Names, CIDs, reasons and messages come from outside. This is the one place where they become safe to show; nothing
 * else puts them into Markdown or a log line.
 */

/**
 * Outside text as inline code for GitHub's Markdown, tables included. Inside `<code>` GitHub links no mention and no
 * reference, and with its punctuation as entities the Markdown parser sees none of it.
 * @param most characters (code points); what is longer ends in an ellipsis
 */
export function code(text: string, most = 128): string {
  // Entities are resolved before GitHub's parser looks for e-mail addresses; a tag before the @ cuts them in two.
  return `<code>${entities(shown(text, most)).replaceAll('&#64;', '<wbr>&#64;')}</code>`
}

/**
 * Outside text among words of ours, to be read as a sentence: what is in backticks becomes code, and so does each word
 * that is more than letters and digits. So no mention, reference, link, or Markdown is left in it.
 * @param most characters (code points) of each line
 */
export function prose(text: string, most = 1000): string {
  return cut(text, most)
    .split(/\r?\n/)
    .map((line) => sentence(shown(line, most)))
    .join('<br>')
}

function sentence(line: string): string {
  const parts = line.split('`')
  // Without its pair, a backtick is as any other sign.
  const last = parts.length % 2 === 0 ? `\`${parts.pop()}` : ''
  return parts
    .map((part, index) => (index % 2 === 1 ? code(part, part.length) : words(part)))
    .concat(last === '' ? '' : words(last))
    .join('')
}

function words(text: string): string {
  return text.replaceAll(/[^ ]+/g, (word, index: number) => {
    const before = opening.exec(word)?.[0] ?? ''
    const rest = word.slice(before.length)
    const end = lengthWithoutClosing(rest)
    const core = rest.slice(0, end)
    // At the beginning of a line a number with its stop, or a dash, is a list.
    const mark = index === 0 ? entities : (sign: string) => sign
    const shownCore =
      core === '' || isPlain(core) ? mark(core).replace(/^-$/, '&#45;') : code(core, core.length)
    return `${mark(before)}${shownCore}${mark(rest.slice(end))}`
  })
}

const opening = /^[(“„"']*/
const closing = new Set('.,;:!?)”"…’\'')

function lengthWithoutClosing(word: string): number {
  let end = word.length
  while (end > 0 && closing.has(word[end - 1] as string)) end--
  return end
}

const plain = /^(?:[\p{L}\p{M}\p{N}]+(?:[-’'/.,–·][\p{L}\p{M}\p{N}]+)*%?|\d\d:\d\d|[–—→·-]|[+−][\d.,]+)$/u
/** What GitHub makes links of, though it is letters and digits: commits, issues, addresses of the web. */
const linked = /\b(?:[\da-f]{7,}\b|gh-\d|www\.)/i

function isPlain(word: string): boolean {
  return plain.test(word) && !linked.test(word)
}

/** Lines to copy, as a block of its own. */
export function codeBlock(lines: readonly string[]): string {
  return `<pre>\n${lines.map((line) => entities(shown(line, 512))).join('\n')}\n</pre>`
}

/**
 * Outside text as one line of a log: no control characters, no colours, and no workflow command. The runner takes
 * `::name::` for one at the start of a line, after white space too, and `##[name]` anywhere in it.
 */
export function logLine(text: string, most = 2000): string {
  return shown(text, most)
    .replaceAll('##[', '# #[')
    .replace(/^\s*::/, (start) => start.replace('::', ': :'))
}

const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]/g
/** Controls, bidi overrides, zero-width and other invisible characters; not the two that pick an emoji's style. */
const unseen = /[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]--[\uFE0E\uFE0F]]/gv
/** All ASCII punctuation but three that mean nothing inside a line and that CIDs' names and multiaddrs are full of. */
const special = /[!-+.:-@[-`{-~]/g

function shown(text: string, most: number): string {
  return cut(text, most).replace(lineBreaks, ' ').replace(unseen, '\uFFFD').toWellFormed()
}

function entities(text: string): string {
  return text.replace(special, (character) => `&#${character.charCodeAt(0)};`)
}

/** At most so many code points, of which the last is an ellipsis where something was cut off. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const characters = Array.from(text.slice(0, 2 * most + 2))
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}
