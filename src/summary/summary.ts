import type { Report } from '../report/report.ts'
import { prose } from '../text/escape.ts'
import { count } from '../text/numbers.ts'
import { Page } from '../text/page.ts'
import { givenUpOf } from './counts.ts'
import { factsLine, shareLines } from './facts.ts'
import { failureGroups } from './failure-groups.ts'
import { verdictOf } from './headline.ts'
import { resultLine } from './result.ts'
import { addBuckets } from './sections/buckets.ts'
import { addByItself } from './sections/by-itself.ts'
import { addCluster } from './sections/cluster.ts'
import { addNewDelegates } from './sections/delegates.ts'
import { addDetails } from './sections/details.ts'
import { addFailed } from './sections/failed.ts'
import { addInspected } from './sections/inspected.ts'
import { addNeedsYou, needsOf } from './sections/needs-you.ts'
import { addServiceTrouble } from './sections/service-trouble.ts'
import { verifiedLine } from './sections/verified.ts'
import { addWarnings } from './sections/warnings.ts'

/** GitHub drops a step's summary that is larger than 1 MiB. */
const limit = 1024 * 1024

const nothingNeeded = 'Nothing needs you.'

/** Whether all is known that a person might have to see to. */
function isWell({ conclusion, dryRun, inspect, node, buckets, warnings }: Report): boolean {
  const isEnded = conclusion === 'ok' || conclusion === 'failed-pins'
  const isListed = node !== null && buckets.every(({ listing }) => !listing.brokeOff)
  const isSync = !dryRun && inspect.length === 0
  // What is only said of delegates is none of those.
  const isCalm = warnings.every(({ where }) => where === 'delegates')
  return isSync && isListed && (isEnded || conclusion === 'out-of-time') && isCalm
}

/**
 * The job summary, in GitHub's Markdown: under 1 MiB whatever the report holds. The verdict comes first, then what
 * needs a person, then figures; what is looked up now and then is folded away. A section with nothing to say is left
 * out.
 */
export function renderSummary(
  report: Report,
  { issue }: { readonly issue: { readonly url: string; readonly number: number } | null },
): string {
  const page = new Page(limit - 1, 64 * 1024)
  const groups = failureGroups(report)
  const { icon, text } = verdictOf(report)
  page.add(`## ${icon} ${prose(text)}`)
  // Read once: there may be a million.
  const givenUp = givenUpOf(report)
  const needs = needsOf(report, groups, givenUp)
  const result = [
    resultLine(report, groups),
    ...(needs.length === 0 && isWell(report) ? [nothingNeeded] : []),
  ]
    .filter((sentence) => sentence !== undefined)
    .join(' ')
  const standing = [shareLines(report), verifiedLine(report)].filter((part) => part !== undefined).join(' · ')
  for (const line of [result, standing, factsLine(report, issue)])
    if (line !== undefined && line !== '') page.add(line)
  addNeedsYou(page, needs)
  addByItself(page, report, groups)
  addInspected(page, report)
  addFailed(page, report, groups)
  addCluster(page, report)
  addBuckets(page, report, groups, givenUp)
  addServiceTrouble(page, report, givenUp)
  addNewDelegates(page, report)
  addWarnings(page, report)
  addDetails(page, report)
  if (page.leftOut > 0)
    page.add(
      `<sub>${count(page.leftOut, 'row')} left out here. ${report.conclusion === 'cancelled' ? 'More' : 'All'} of it is in the JSON report: output \`report\`; keep it with actions/upload-artifact.</sub>`,
    )
  return `${page}\n`
}
