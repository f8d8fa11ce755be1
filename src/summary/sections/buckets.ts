import type { BucketReport, DirectionReport, Report } from '../../report/report.ts'
import { code, prose } from '../../text/escape.ts'
import { count, number } from '../../text/numbers.ts'
import { type Page, tableHead, tableRow } from '../../text/page.ts'
import type { FailureGroup } from '../failure-groups.ts'

/** A bucket as the table has it; what is empty in all rows is no column. */
interface Row {
  readonly rank: 0 | 1 | 2
  readonly cells: readonly [name: string, onNode: string, run: string, notes: string]
}

const signs = ['❌', '⚠️', '✅'] as const
const names = ['Bucket', 'On the node', 'This run', 'Notes'] as const

/** The buckets, those with trouble first; folded away where there is no news of any, or of all the same. */
export function addBuckets(page: Page, report: Report, groups: readonly FailureGroup[]): void {
  const { buckets, inspect } = report
  if (buckets.length === 0 || inspect.length > 0) return
  const rows = rowsOf(report, groups)
  const columns = names.map((_, column) => column).filter((column) => rows.some(({ cells }) => cells[column]))
  const isQuiet = rows.every(({ rank, cells: [, , run, notes] }) => rank === 2 && run === '' && notes === '')
  const isNoneListed = buckets.every(({ listing }) => listing.brokeOff)
  const isFolded = isQuiet || (isNoneListed && buckets.length > 1)
  const title = `${count(buckets.length, 'bucket')}${isNoneListed ? ', none of them listed' : ''}`
  page.add(isFolded ? `<details><summary>${title}</summary>` : '### Buckets')
  page.list({
    head: tableHead(columns.map((column) => names[column] ?? '')),
    rows: rows.toSorted((a, b) => a.rank - b.rank),
    row: ({ cells }) => tableRow(columns.map((column) => cells[column] ?? '')),
    most: 200,
  })
  if (isFolded) page.add('</details>')
}

function rowsOf(report: Report, groups: readonly FailureGroup[]): Row[] {
  const { backup, update, buckets } = report
  const [pinned, left] = [countByBucket(buckets, backup?.pinned), countByBucket(buckets, backup?.pending)]
  const [sent, onTheWay] = [countByBucket(buckets, update?.pinned), countByBucket(buckets, update?.pending)]
  const [failed, failedThere] = [failedByBucket(groups, 'backup'), failedByBucket(groups, 'update')]
  return buckets.map((bucket) => {
    const { name, listing } = bucket
    const of = (counts: ReadonlyMap<string, number>) => counts.get(name) ?? 0
    const { troubles, news } = notesOf(
      bucket,
      { failed: of(failed), failedThere: of(failedThere), left: of(left), onTheWay: of(onTheWay) },
      report,
    )
    const rank = listing.brokeOff ? 0 : troubles.length > 0 ? 1 : 2
    const run = [
      ...(of(pinned) > 0 ? [`+${number(of(pinned))}`] : []),
      ...(of(sent) > 0 ? [`${number(of(sent))} sent`] : []),
    ]
    return {
      rank,
      cells: [
        `${signs[rank]}&nbsp;${code(name, 60)}`,
        listing.brokeOff ? '–' : onNode(bucket, of(pinned)),
        run.join(', '),
        [...troubles, ...news].join(', '),
      ],
    }
  })
}

/** Of each bucket, how many of the entries are its own. With one bucket all of them are. */
function countByBucket(
  buckets: readonly BucketReport[],
  entries: DirectionReport['pinned'] = [],
): Map<string, number> {
  const counts = new Map<string, number>()
  const [only, ...others] = buckets
  if (only !== undefined && others.length === 0) return counts.set(only.name, entries.length)
  if (entries.length > 0) for (const { bucket } of entries) counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  return counts
}

function failedByBucket(groups: readonly FailureGroup[], of: FailureGroup['direction']): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { direction, buckets } of groups)
    if (direction === of)
      for (const { name, count } of buckets) counts.set(name, (counts.get(name) ?? 0) + count)
  return counts
}

function onNode({ cids, onNode }: BucketReport, pinned: number): string {
  if (onNode === null) return '–'
  const there = Math.min(cids, onNode + pinned)
  if (cids === 0) return 'empty'
  return there === cids ? `all ${number(cids)}` : `**${number(there)}** of ${number(cids)}`
}

function notesOf(
  { listing, requests, failedRequests, invalid, moreInvalid }: BucketReport,
  {
    failed,
    failedThere,
    left,
    onTheWay,
  }: Readonly<Record<'failed' | 'failedThere' | 'left' | 'onTheWay', number>>,
  { service, dryRun }: Report,
): { readonly troubles: readonly string[]; readonly news: readonly string[] } {
  const name = prose(service)
  // What this run has sent is on the way, too.
  const unsettled = Math.max(requests.queued + requests.pinning, onTheWay)
  const odd = invalid.length + moreInvalid
  // A request that failed may be one that an update asked for.
  const failedAtService = Math.max(failedRequests.length, failedThere)
  const isUnproved = !listing.brokeOff && !listing.complete && listing.vanished === 0
  return {
    troubles: [
      ...(listing.brokeOff ? ['not listed'] : []),
      ...(listing.vanished > 0 ? [`${count(listing.vanished, 'request')} vanished`] : []),
      ...(isUnproved ? ['not proved complete'] : []),
      ...(failed > 0 ? [`${number(failed)} failed ${dryRun ? 'before' : 'here'}`] : []),
      ...(failedAtService > 0 ? [`${number(failedAtService)} failed at ${name}`] : []),
      ...(odd > 0 ? [`${number(odd)} cannot be read`] : []),
      ...(left > 0 ? [`${number(left)} ${dryRun ? 'to pin' : 'left'}`] : []),
    ],
    news: [...(unsettled > 0 ? [`${number(unsettled)} still on the way at ${name}`] : [])],
  }
}
