import { isKnown } from '../../domain/reasons/classes.ts'
import type { Report } from '../../report/report.ts'
import { code, prose } from '../../text/escape.ts'
import { count, number } from '../../text/numbers.ts'
import type { Page } from '../../text/page.ts'
import { reasonWords } from '../../text/reasons.ts'
import { timeSeenFrom } from '../../text/times.ts'
import { type FailureGroup, otherReasons } from '../failure-groups.ts'

/** What failed: a fold for each reason, with the CIDs to copy. */
export function addFailed(page: Page, report: Report, groups: readonly FailureGroup[]): void {
  if (groups.length === 0) return
  const all = groups.reduce((sum, one) => sum + one.count, 0)
  const why = groups.length === 1 ? '' : `, for ${groups.length} reasons`
  page.add(`### ${titleOf(report, groups)}: ${count(all, 'CID')}${why}`)
  for (const group of groups) addGroup(page, report, group)
}

function titleOf({ dryRun, direction, service }: Report, groups: readonly FailureGroup[]): string {
  const [broken, others] = [true, false].map((are) =>
    groups.some((one) => (one.direction === 'verify') === are),
  )
  if (!others) return 'Broken on the node'
  // A dry run tries none.
  if (dryRun) return broken ? 'Broken, or waiting for their next try' : 'Waiting for their next try'
  const where = { backup: ' on the node', update: ` at ${prose(service)}`, both: '' }[direction]
  return broken ? `Not pinned${where}, or broken` : `Not pinned${where}`
}

function addGroup(page: Page, { finishedAt, service, direction }: Report, group: FailureGroup): void {
  const words = isKnown(group.class) ? reasonWords(group.class) : undefined
  const title = words?.title ?? (group.class === otherReasons ? 'Other reasons' : code(group.reason, 80))
  const side = direction === 'both' ? sides(service)[group.direction] : ''
  const next =
    group.retry === 'never'
      ? '⛔ trying again will not help'
      : `🔁 tried again ${group.nextAttemptAt <= finishedAt ? 'in the next run' : `from ${timeSeenFrom(group.nextAttemptAt, finishedAt)} UTC on`}`
  page.add(
    `<details><summary><b>${number(group.count)}${side} · ${title}.</b> ${where(group)} · ${next}</summary>`,
  )
  if (words !== undefined) page.add(words.advice)
  page.add(`${group.count === 1 ? 'It said' : 'One of them said'}: ${code(group.reason, 500)}`)
  page.block({ rows: group.cids, most: 200, of: group.count })
  page.add('</details>')
}

/** Of what is broken the title says so. */
function sides(service: string): Record<FailureGroup['direction'], string> {
  return { backup: ' not on the node', update: ` not at ${prose(service)}`, verify: '' }
}

const mostBuckets = 6

function where({ buckets }: FailureGroup): string {
  const left = buckets.length - mostBuckets
  const some = buckets.slice(0, mostBuckets).map(({ name, count }) => `${code(name, 40)} ${number(count)}`)
  return [...some, ...(left > 0 ? [`${number(left)} more`] : [])].join(', ')
}
