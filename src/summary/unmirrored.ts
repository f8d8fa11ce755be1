import type { Report } from '../report/report.ts'
import { code } from '../text/escape.ts'
import { count, number } from '../text/numbers.ts'
import type { Page } from '../text/page.ts'

const mostNamed = 20

/** The line about buckets of the account that nobody mirrors, where there are any. */
export function addUnmirrored(page: Page, account: Report['account']): void {
  if (account !== null && account.unmirrored.length > 0) page.add(unmirroredLine(account.unmirrored))
}

/** Names buckets of the account that nobody mirrors, in Markdown. */
export function unmirroredLine(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map((name) => code(name, 63))
  const more = names.length - shown.length
  const all = more > 0 ? [...shown, `and ${number(more)} more`] : shown
  const [are, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them']
  return `**${count(names.length, 'bucket')} of this account ${are} not mirrored:** ${all.join(', ')}. Add ${them} to \`buckets\`, or to \`ignore-buckets\`.`
}
