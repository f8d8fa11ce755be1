import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const project = fileURLToPath(new URL('../../../', import.meta.url))

export const read = (path: string) => readFileSync(join(project, path), 'utf8')

/** The files of the repository whose names end so, as Git sees them, new ones too; each by its path from the root. */
export function files(ending: string): string[] {
  const all = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z', `*${ending}`]
  const gone = new Set(listed(['ls-files', '--deleted', '-z']))
  return listed(all).filter((path) => !gone.has(path))
}

function listed(args: readonly string[]): string[] {
  return execFileSync('git', args, { cwd: project, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '')
}

/** A block of code in a page, without the indent of its fence. */
export interface Block {
  readonly page: string
  /** The line of the page in which its text begins. */
  readonly line: number
  readonly language: string
  readonly text: string
}

const fenced = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm

export function blocks(language: string): Block[] {
  return files('.md').flatMap((page) => {
    const markdown = read(page)
    return [...markdown.matchAll(fenced)]
      .map(([, indent = '', lang = '', text = ''], index) => ({ indent, language: lang, text, index }))
      .map((block, index) => ({
        page,
        line: lineOf(markdown, index),
        language: block.language,
        text: block.text.replaceAll(new RegExp(`^${block.indent}`, 'gm'), ''),
      }))
      .filter((block) => block.language === language)
  })
}

function lineOf(markdown: string, index: number): number {
  const match = [...markdown.matchAll(fenced)][index]
  return markdown.slice(0, match?.index).split('\n').length + 1
}

/** What is code within a line. */
export function codeSpans(page: string): string[] {
  return [...prose(page).matchAll(/(`+)(.+?)\1/g)].map(([, , text = '']) => text.trim())
}

/** Finds what a page shows by words that one block alone, or one piece of code within its lines, has. */
export function shownIn(page: string): {
  block: (words: string, language?: string) => string
  code: (words: string) => string
} {
  const one = (found: readonly string[], words: string) => {
    const [text] = found
    if (text === undefined || found.length > 1)
      throw new Error(`${page} shows ${found.length} pieces of code with "${words}", not one`)
    return text
  }
  return {
    block: (words, language = 'sh') => {
      const own = blocks(language).filter((block) => block.page === page)
      return one(
        own.map(({ text }) => text).filter((text) => text.includes(words)),
        words,
      )
    },
    code: (words) => one([...new Set(codeSpans(page).filter((span) => span.includes(words)))], words),
  }
}

/** A page without its blocks of code. */
export function prose(page: string): string {
  return read(page).replaceAll(fenced, '')
}

interface Link {
  readonly page: string
  readonly target: string
  /** The file or folder it leads to, from the root; empty where that is the root itself. */
  readonly path: string
  /** The heading it leads to; empty for none. */
  readonly anchor: string
}

/** The links of a page that stay in the repository or, by `../../`, with it at GitHub. */
export function links(page: string): Link[] {
  const text = prose(page).replaceAll(/(`+).+?\1/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#')
      return { page, target, path: path === '' ? page : join(dirname(page), path), anchor }
    })
}

/** The anchors that GitHub gives to a page's headings. */
export function anchors(page: string): Set<string> {
  const found = new Set<string>()
  for (const [, heading = ''] of prose(page).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-')
    let distinct = anchor
    for (let count = 1; found.has(distinct); count++) distinct = `${anchor}-${count}`
    found.add(distinct)
  }
  return found
}
