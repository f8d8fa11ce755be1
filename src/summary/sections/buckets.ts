import type { BucketReport, Report } from '../../report/report.ts'
import { code, prose } from '../../text/escape.ts'
import { count, number } from '../../text/numbers.ts'
import { type Page, tableHead, tableRow } from '../../text/page.ts'
import type { FailureGroup } from '../failure-groups.ts'

/** A bucket as the table has it. */
interface Row {
  readonly rank: 0 | 1 | 2
  readonly cells: readonly string[]
  /** Something was done or is the matter. */
  readonly isNews: boolean
}

const signs = ['❌', '⚠️', '✅'] as const

/** The buckets, those with trouble first; folded away where there is no news of any. */
export function addBuckets(page: Page, report: Report, groups: readonly FailureGroup[]): void {
  const { buckets, inspect } = report
  if (buckets.length === 0 || inspect.length > 0) return
  const rows = rowsOf(report, groups)
  const isQuiet = !rows.some(({ isNews }) => isNews)
  page.add(isQuiet ? `<details><summary>${count(buckets.length, 'bucket')}</summary>` : '### Buckets')
  page.list({
    head: tableHead(['Bucket', 'On the node', 'This run', 'Notes']),
    rows: rows.toSorted((a, b) => a.rank - b.rank),
    row: ({ cells }) => tableRow(cells),
    most: 200,
  })
  if (isQuiet) page.add('</details>')
}

function rowsOf(report: Report, groups: readonly FailureGroup[]): Row[] {
  const { backup, update, buckets, service } = report
  const pinned = countByBucket(buckets, backup?.pinned)
  const sent = countByBucket(buckets, update?.pinned)
  const failed = new Map<string, number>()
  for (const group of groups)
    if (group.direction === 'backup')
      for (const { name, count } of group.buckets) failed.set(name, (failed.get(name) ?? 0) + count)
  return buckets.map((bucket) => {
    const { name, listing } = bucket
    const [here, there] = [pinned.get(name) ?? 0, sent.get(name) ?? 0]
    const failedHere = failed.get(name) ?? 0
    const { trouble, notes } = notesOf(bucket, failedHere, service)
    const rank = listing.brokeOff ? 0 : trouble ? 1 : 2
    const run = [here > 0 ? `+${number(here)}` : '', there > 0 ? `${number(there)} sent` : '']
    const sign = `${signs[rank]} ${code(name, 60)}`
    const cells = listing.brokeOff
      ? [sign, '–', run.filter((one) => one !== '').join(', ') || '–', notes.join(', ')]
      : [sign, onNode(bucket, here), run.filter((one) => one !== '').join(', '), notes.join(', ')]
    return { rank, cells, isNews: rank < 2 || here + there > 0 }
  })
}

/** Of each bucket, how many of the entries are its own. With one bucket all of them are. */
function countByBucket(
  buckets: readonly BucketReport[],
  entries: Iterable<{ readonly bucket: string }> & { readonly length: number } = [],
): Map<string, number> {
  const counts = new Map<string, number>()
  const [only, ...others] = buckets
  if (only !== undefined && others.length === 0) return counts.set(only.name, entries.length)
  if (entries.length > 0) for (const { bucket } of entries) counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
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
  failedHere: number,
  service: string,
): { readonly trouble: boolean; readonly notes: readonly string[] } {
  const name = prose(service)
  const onTheWay = requests.queued + requests.pinning
  const odd = invalid.length + moreInvalid
  const troubles = [
    ...(listing.brokeOff ? ['not listed'] : []),
    ...(listing.vanished > 0 ? [`${count(listing.vanished, 'request')} vanished`] : []),
    ...(!listing.brokeOff && !listing.complete && listing.vanished === 0 ? ['not proved complete'] : []),
    ...(failedHere > 0 ? [`${number(failedHere)} failed here`] : []),
    ...(failedRequests.length > 0 ? [`${number(failedRequests.length)} failed at ${name}`] : []),
    ...(odd > 0 ? [`${number(odd)} cannot be read`] : []),
  ]
  const news = onTheWay > 0 ? [`${number(onTheWay)} still on the way at ${name}`] : []
  return { trouble: troubles.length > 0, notes: [...troubles, ...news] }
}
