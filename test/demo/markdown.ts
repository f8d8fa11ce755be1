import { stripVTControlCharacters, styleText } from 'node:util'

/**
 * Shows the Markdown of the action's own summary and issue as text for a terminal: only what those use of Markdown,
 * and of HTML. What is folded in them is named and left out.
 */
export function terminalText(markdown: string, width: number): string {
  const lines = markdown.replace(/<!--.*?-->/gs, '').split('\n')
  const blocks: string[] = []
  while (lines.length > 0) {
    const line = lines.shift() ?? ''
    const folded = /^<details><summary>(.*)<\/summary>/.exec(line)?.[1]
    const heading = /^#+ (.*)/.exec(line)?.[1]
    if (folded !== undefined) {
      takeFold(lines)
      blocks.push(`▸ ${inline(folded)} (folded)`)
    } else if (line === '<pre>') {
      blocks.push(indent(takeUntil(lines, '</pre>').map(inline).join('\n'), '    '))
    } else if (heading !== undefined) {
      blocks.push(styleText('bold', `── ${inline(heading)}`))
    } else if (line.startsWith('|')) {
      blocks.push(table([line, ...takeWhile(lines, (next) => next.startsWith('|'))], width))
    } else if (isItem(line)) {
      const items = numbered([line, ...takeWhile(lines, isItem)])
      blocks.push(
        items
          .map((item) =>
            hanging(inline(item), width, /^ *(?:-|\d+\.) /.exec(item)?.[0].replaceAll(/./g, ' ') ?? ''),
          )
          .join('\n'),
      )
    } else if (line !== '') {
      blocks.push(hanging(inline(line), width, ''))
    }
  }
  return blocks.join('\n\n')
}

/** Of a page, the section with this title. */
export function section(markdown: string, title: string): string {
  return markdown.split(/^(?=#+ )/m).find((part) => part.split(/[ \n]/)[1] === title) ?? ''
}

/** What is folded, with what is folded in it. */
function takeFold(lines: string[]): void {
  for (let open = 1; open > 0 && lines.length > 0; ) {
    const line = lines.shift() ?? ''
    if (line.startsWith('<details>')) open++
    if (line === '</details>') open--
  }
}

function isItem(line: string): boolean {
  return /^ *(?:-|1\.) /.test(line)
}

/** Markdown counts by itself: each of them is written as the first. */
function numbered(items: readonly string[]): string[] {
  let count = 0
  return items.map((item) => item.replace(/^1\./, () => `${++count}.`))
}

function takeUntil(lines: string[], end: string): string[] {
  const taken = takeWhile(lines, (line) => line !== end)
  lines.shift()
  return taken
}

function takeWhile(lines: string[], holds: (line: string) => boolean): string[] {
  const end = lines.findIndex((line) => !holds(line))
  return lines.splice(0, end === -1 ? lines.length : end)
}

function inline(text: string): string {
  return text
    .replace(/<br>/g, ' ')
    .replace(/<wbr>/g, '')
    .replace(/<\/?(?:code|b|sub)>|`/g, '')
    .replace(/\*\*(.+?)\*\*/g, (_, bold: string) => styleText('bold', bold))
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1 <$2>')
    .replaceAll('&nbsp;', ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

/** A table that is too wide becomes a record a row. */
function table(lines: readonly string[], width: number): string {
  const [head = [], rule = [], ...rows] = lines.map((line) => line.slice(2, -2).split(' | '))
  const shown = [head, ...rows].map((row) => row.map(inline))
  const widths = head.map((_, column) => Math.max(...shown.map((row) => length(row[column] ?? ''))))
  if (widths.reduce((sum, one) => sum + one + 2, 0) > width) return records(shown, width)
  const isNumber = rule.map((cell) => cell.endsWith(':'))
  const [title = '', ...body] = shown.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0, isNumber[column] === true))
      .join('  ')
      .trimEnd(),
  )
  return [styleText('dim', title), ...body].join('\n')
}

function records([head = [], ...rows]: readonly string[][], width: number): string {
  return rows
    .map(([first = '', ...rest]) => {
      const named = rest.map((cell, index) => (cell === '' ? '' : `${head[index + 1]}: ${cell}`))
      const facts = named.filter((fact) => fact !== '').join(' · ')
      return `${first}\n${hanging(`    ${facts}`, width, '    ')}`
    })
    .join('\n')
}

/** Breaks a line at spaces; all lines but the first are indented. */
function hanging(text: string, width: number, indentation: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) /)) {
    if (line !== '' && length(line) + 1 + length(word) > width) {
      lines.push(line)
      line = indentation + word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].join('\n')
}

function padded(cell: string, width: number, left: boolean): string {
  const space = ' '.repeat(width - length(cell))
  return left ? space + cell : cell + space
}

export function indent(text: string, by: string): string {
  return text.replace(/^(?=.)/gm, by)
}

const length = (text: string) => stripVTControlCharacters(text).length
