import type { Entries } from '../domain/entries.ts'
import { codeBlock } from './escape.ts'
import { number } from './numbers.ts'

/**
 * A page of Markdown that never grows over its limit: lists are measured row by row before they are written, and say
 * how much they left out.
 */
export class Page {
  readonly #limit: number
  readonly #reserve: number
  readonly #parts: string[] = []
  #bytes = 0
  #leftOut = 0

  /**
   * @param limit in bytes of UTF-8, which are never fewer than characters
   * @param reserve what lists leave free for the text around them
   */
  constructor(limit: number, reserve: number) {
    this.#limit = limit
    this.#reserve = reserve
  }

  /** A paragraph, heading or the like: of bounded length, and few of them. */
  add(markdown: string): void {
    this.#parts.push(markdown)
    this.#bytes += size(markdown) + 2
  }

  /** As many rows as there is room for, at most `most`; says how many it leaves out. */
  list<T>(list: {
    readonly head?: readonly string[]
    readonly rows: Entries<T>
    readonly row: (item: T) => string
    readonly most: number
  }): void {
    const lines = [...(list.head ?? [])]
    let room = this.#room()
    let taken = 0
    for (const item of list.rows) {
      if (taken === list.most) break
      const line = list.row(item)
      room -= size(line) + 1
      if (room < 0) break
      lines.push(line)
      taken++
    }
    const left = list.rows.length - taken
    if (taken > 0) this.add(lines.join('\n'))
    this.#leftOut += left
    if (left > 0)
      this.add(taken > 0 ? `…and ${number(left)} more.` : `${number(left)}, too many to list here.`)
  }

  /** Outside text to copy, a line each: as many as there is room for, at most `most`, of so many in all. */
  block(lines: { readonly rows: readonly string[]; readonly most: number; readonly of: number }): void {
    if (lines.of === 0) return
    const shown: string[] = []
    let room = this.#room()
    for (const row of lines.rows.slice(0, lines.most)) {
      room -= size(codeBlock([row]))
      if (room < 0) break
      shown.push(row)
    }
    if (shown.length > 0) this.add(codeBlock(shown))
    const left = lines.of - shown.length
    this.#leftOut += left
    if (left > 0)
      this.add(shown.length > 0 ? `…and ${number(left)} more.` : `${number(left)}, too many to list here.`)
  }

  /** Adds a block that is worth nothing when it is cut; returns whether there was room for it. */
  tryAdd(markdown: string): boolean {
    const fits = size(markdown) < this.#room()
    if (fits) this.add(markdown)
    return fits
  }

  /** How many rows the lists left out. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** Half of what is free, so that one long list leaves room for the next. */
  #room(): number {
    return (this.#limit - this.#reserve - this.#bytes) / 2
  }

  toString(): string {
    return this.#parts.join('\n\n')
  }
}

/** The row of a table; its cells are Markdown already. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Head of a table; a name that begins with `#` heads a column of numbers. */
export function tableHead(names: readonly string[]): string[] {
  return [
    tableRow(names.map((name) => name.replace(/^#/, ''))),
    tableRow(names.map((name) => (name.startsWith('#') ? '--:' : '---'))),
  ]
}

/** An RFC 3339 instant to the minute, in UTC. */
export function minute(instant: string): string {
  const time = Date.parse(instant)
  return Number.isNaN(time) ? '?' : new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}

const size = (text: string) => Buffer.byteLength(text)
