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

/** As {@link code}, for text of several lines: each becomes a piece of code of its own. */
export function codeLines(text: string, most = 512): string {
  const lines = cut(text, most).split(/\r?\n/)
  return lines.map((line) => code(line, most)).join('<br>')
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
