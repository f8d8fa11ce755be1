import type { BucketEntries } from '../../domain/entries.ts'
import type { BucketReport, Report, Standing } from '../../report/report.ts'
import { code, prose } from '../../text/escape.ts'
import { count, number } from '../../text/numbers.ts'
import { type Page, tableHead, tableRow } from '../../text/page.ts'
import { type BucketFigures, figuresByBucket } from '../bucket-figures.ts'
import { type GivenUp, knownBefore } from '../counts.ts'
import type { FailureGroup } from '../failure-groups.ts'

const columns = ['Bucket', 'On the node', 'At the service', 'This run', 'Notes'] as const
type Column = (typeof columns)[number]

/** A bucket as the table has it; what is empty in all rows is no column. */
interface Row {
  readonly rank: 0 | 1 | 2
  readonly bucket: BucketReport
  readonly cells: Readonly<Record<Column, string>>
}

const signs = ['❌', '⚠️', '✅'] as const
/** More that are well are folded away. */
const mostWell = 3
const mostRows = 200

/** The buckets: those with trouble first, and many that are well in a fold. */
export function addBuckets(
  page: Page,
  report: Report,
  groups: readonly FailureGroup[],
  givenUp: BucketEntries<GivenUp>,
): void {
  const { buckets, inspect } = report
  if (buckets.length === 0 || inspect.length > 0) return
  const rows = rowsOf(report, figuresByBucket(report, groups, givenUp)).toSorted((a, b) => a.rank - b.rank)
  const name = prose(report.service)
  if (buckets.length > 1 && buckets.every(({ listing }) => listing.brokeOff))
    addFold(page, `${count(buckets.length, 'bucket')}, none of them listed`, rows, name)
  else {
    const well = rows.filter(({ rank }) => rank === 2)
    const isQuiet = well.length === rows.length && well.every(({ cells }) => cells['This run'] === '')
    const folded = well.length > mostWell || isQuiet ? well : []
    const shown = rows.slice(0, rows.length - folded.length)
    if (shown.length > 0) {
      page.add('### Buckets')
      addTable(page, shown, name)
    }
    if (folded.length > 0) addFold(page, foldTitle(folded, shown.length > 0, report), folded, name)
  }
  addSumNote(page, report)
}

function addTable(page: Page, rows: readonly Row[], service: string): void {
  const used = columns.filter((column) => rows.some(({ cells }) => cells[column] !== ''))
  page.list({
    head: tableHead(used.map((column) => column.replace('the service', () => service))),
    rows,
    row: ({ cells }) => tableRow(used.map((column) => cells[column])),
    most: mostRows,
  })
}

function addFold(page: Page, title: string, rows: readonly Row[], service: string): void {
  page.add(`<details><summary>${title}</summary>`)
  addTable(page, rows, service)
  page.add('</details>')
}

/** `5 more buckets are well: the node has all 1,400 CIDs of theirs` */
function foldTitle(rows: readonly Row[], isMore: boolean, { direction, node, service }: Report): string {
  const which = `${number(rows.length)}${isMore ? ' more' : ''} ${rows.length === 1 ? 'bucket' : 'buckets'}`
  if (node === null) return `${which} listed`
  const sum = (of: keyof Standing) =>
    rows.reduce((total, { bucket }) => total + (bucket.standing?.[of] ?? 0), 0)
  const isAlike = direction === 'both' && sum('onNode') === sum('atService')
  const [who, whole] =
    direction === 'update' ? [prose(service), sum('onNode')] : ['the node', sum('atService')]
  const part = sum('onBoth')
  const what = part === whole ? `all ${count(whole, 'CID')}` : `${number(part)} of ${count(whole, 'CID')}`
  return `${which} ${rows.length === 1 ? 'is' : 'are'} well: ${isAlike ? 'both sides have' : `${who} has`} ${what}`
}

/** Where the bar counts fewer than the table: its CIDs are distinct. */
function addSumNote(page: Page, { buckets, standing, direction }: Report): void {
  if (standing === null) return
  const which = direction === 'update' ? 'onNode' : 'atService'
  const sum = buckets.reduce((total, bucket) => total + (bucket.standing?.[which] ?? 0), 0)
  const more = sum - standing[which]
  if (more > 0)
    page.add(
      `<sub>The buckets add up to ${number(more)} more than the bar counts: some CIDs are in several of them, and count once there.</sub>`,
    )
}

function rowsOf(report: Report, figures: ReturnType<typeof figuresByBucket>): Row[] {
  return report.buckets.map((bucket) => {
    const own = figures(bucket.name)
    const { troubles, news } = notesOf(bucket, own, report)
    const rank = bucket.listing.brokeOff ? 0 : troubles.length > 0 ? 1 : 2
    return {
      rank,
      bucket,
      cells: {
        Bucket: `${signs[rank]}&nbsp;${code(bucket.name, 60)}`,
        'On the node': report.direction === 'update' ? '' : shareOf(bucket, 'atService'),
        'At the service': report.direction === 'backup' ? '' : shareOf(bucket, 'onNode'),
        'This run': thisRun(own, report),
        Notes: [...troubles, ...news].join(', '),
      },
    }
  })
}

/** How many that the service has pinned the node lacks, of a bucket that was listed. */
function lackingIn({ listing, standing }: BucketReport): number {
  return listing.brokeOff || standing === null ? 0 : standing.atService - standing.onBoth
}

/** How much of what one side has is on both. */
function shareOf({ cids, listing, standing }: BucketReport, of: 'atService' | 'onNode'): string {
  if (listing.brokeOff || standing === null) return '–'
  const [whole, part] = [standing[of], standing.onBoth]
  if (whole === 0) return cids === 0 ? 'empty' : 'none'
  return part === whole ? `all ${number(whole)}` : `**${number(part)}** of ${number(whole)}`
}

function thisRun({ pinned, sent }: BucketFigures, { direction, service }: Report): string {
  const where = direction === 'both' ? ([' on the node', ` at ${prose(service)}`] as const) : ['', '']
  return [
    ...(pinned > 0 ? [`+${number(pinned)}${where[0]}`] : []),
    ...(sent > 0 ? [`+${number(sent)}${where[1]}`] : []),
  ].join(', ')
}

function notesOf(
  bucket: BucketReport,
  { failed, failedThere, left, onTheWay, unsent, givenUp }: BucketFigures,
  { service, dryRun, direction }: Report,
): { readonly troubles: readonly string[]; readonly news: readonly string[] } {
  const { listing, requests, invalid, moreInvalid } = bucket
  const name = prose(service)
  // What this run has sent is on the way, too.
  const unsettled = Math.max(requests.queued + requests.pinning, onTheWay)
  const odd = invalid.length + moreInvalid
  const known = knownBefore(bucket)
  const isUnproved = !listing.brokeOff && !listing.complete && listing.vanished === 0
  const not = dryRun ? 'waiting for the next try' : 'not pinned'
  // A CID of several buckets is told of in the first alone.
  const lacking = direction === 'update' ? 0 : lackingIn(bucket) - failed - left
  return {
    troubles: [
      ...(listing.brokeOff
        ? [known === 0 ? 'not listed' : `not listed: ${number(known)} known from before`]
        : []),
      ...(listing.vanished > 0 ? [`${count(listing.vanished, 'request')} vanished`] : []),
      ...(isUnproved ? ['not proved complete'] : []),
      ...(failed > 0 ? [`${number(failed)} ${not}${direction === 'both' ? ' on the node' : ''}`] : []),
      ...(failedThere > 0
        ? [`${number(failedThere)} ${not}${direction === 'both' ? ` at ${name}` : ''}`]
        : []),
      ...(givenUp > 0 ? [`${number(givenUp)} given up by ${name}`] : []),
      ...(odd > 0 ? [`${number(odd)} cannot be read`] : []),
      ...(left > 0 ? [`${number(left)} ${dryRun ? 'to pin on the node' : 'left for the next run'}`] : []),
      ...(lacking > 0 ? [`${number(lacking)} not on the node`] : []),
      ...(unsent > 0 ? [`${number(unsent)} ${dryRun ? `to send to ${name}` : 'not sent'}`] : []),
    ],
    news: [...(unsettled > 0 && !listing.brokeOff ? [`${number(unsettled)} on the way to ${name}`] : [])],
  }
}
