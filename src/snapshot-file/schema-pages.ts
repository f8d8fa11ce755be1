/*
 * How much of a database SQLite reads as its schema: all of it, at once and before it can be asked anything. 300,000
 * views, which are 18 MB, hold it up for three minutes, and no signal is heard meanwhile (measured). So the pages of the
 * schema are counted without it: https://www.sqlite.org/fileformat.html, "B-tree Pages".
 */

/** SQLite's own, which no run changes. */
export const pageSize = 4096
/** Ours takes two. */
const mostPages = 16
/** Of a definition, in bytes: the longest of ours has a thousand. */
const longest = 20_000

const headerLength = 100
const leaf = 0x0d
const inner = 0x05

/**
 * Whether the schema is no larger than one that this program makes.
 * @param page gives a page by its number, from 1 on; what is not there is empty
 */
export function isSchemaSmall(page: (number: number) => Buffer): boolean {
  const first = page(1)
  if (first.length < pageSize || first[headerLength] !== inner) return areShort(first, headerLength)
  const children = cellsOf(first, headerLength, 12).map((at) => first.readUInt32BE(at))
  if (children.length >= mostPages) return false
  return [...children, first.readUInt32BE(headerLength + 8)].every((number) => {
    const child = page(number)
    // A kill may have left it unwritten: then SQLite takes it from the journal.
    return child.length < pageSize || (child[0] !== inner && areShort(child, 0))
  })
}

/** Whether the definitions on a leaf are short. */
function areShort(page: Buffer, header: number): boolean {
  if (page.length < pageSize || page[header] !== leaf) return true
  return cellsOf(page, header, 8).every((at) => numberAt(page, at) <= longest)
}

/** Where the cells of a page begin; those that say they are outside of it are left out, as SQLite refuses them. */
function cellsOf(page: Buffer, header: number, length: number): number[] {
  const most = (pageSize - header - length) / 2
  const count = Math.min(page.readUInt16BE(header + 3), most)
  return Array.from({ length: count }, (_, n) => page.readUInt16BE(header + length + 2 * n)).filter(
    (at) => at <= pageSize - 9,
  )
}

/** A number of seven bits a byte, the highest first; all bytes but the last have their eighth bit set. */
function numberAt(page: Buffer, at: number): number {
  let number = 0
  for (let n = 0; n < 8; n++) {
    const byte = page[at + n] as number
    number = number * 128 + (byte & 0x7f)
    if (byte < 128) return number
  }
  return Number.POSITIVE_INFINITY
}
