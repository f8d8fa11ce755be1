import { code } from '../text/escape.ts'
import { count, number } from '../text/numbers.ts'

const mostNamed = 20

/** Says which buckets of the account nobody mirrors, in Markdown. */
export function unmirroredLine(names: readonly string[]): string {
  const [are, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them']
  return `**${count(names.length, 'bucket')} of this account ${are} not mirrored:** ${bucketNames(names)}. Add ${them} to \`buckets\`, or to \`ignore-buckets\`.`
}

/** The first twenty of many. */
export function bucketNames(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map((name) => code(name, 63))
  const more = names.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${number(more)} more`] : [])].join(', ')
}
