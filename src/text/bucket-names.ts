import { code } from './escape.ts'
import { number } from './numbers.ts'

const mostNamed = 20

/** Names of buckets in Markdown, the first twenty of many. */
export function bucketNames(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map((name) => code(name, 63))
  const more = names.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${number(more)} more`] : [])].join(', ')
}
