import type { VerifyReport } from '../report/report.ts'
import { code } from '../text/escape.ts'
import { count, number, size } from '../text/numbers.ts'
import { type Page, tableHead, tableRow } from '../text/page.ts'
import { reasonWords } from '../text/reasons.ts'
import { addFailures } from './tables.ts'

const mostRows = 200

/** What was read again of what is pinned, how far all is verified, and what is broken. */
export function addVerified(page: Page, verify: VerifyReport | null): void {
  if (verify === null) return
  page.add('### Verified')
  page.add(coverageOf(verify).join(' '))
  if (verify.buckets.length > 1) addBuckets(page, verify)
  if (verify.failed.length === 0) return
  page.add(`### Broken on the node: ${count(verify.failed.length, 'CID')}`)
  const isCorrupt = Iterator.from(verify.failed).some((entry) => entry.class === 'corrupt-block')
  if (isCorrupt) page.add(reasonWords('corrupt-block').advice)
  addFailures(page, verify.failed, mostRows)
}

/** `98% of 1.2 TB verified in the last 30 days, the oldest 34 days ago; 2 CIDs mended.`, as sentences. */
function coverageOf({ buckets, checked, bytes, mended, unread, oldest }: VerifyReport): string[] {
  const sum = (of: (bucket: VerifyReport['buckets'][number]) => number) =>
    buckets.reduce((total, bucket) => total + of(bucket), 0)
  const [cids, never] = [sum((one) => one.cids), sum((one) => one.never)]
  const since = oldest === null ? '' : `, the oldest on ${oldest}`
  const recent = sum((one) => one.recent)
  const [all, recentBytes] = [sum((one) => one.bytes), sum((one) => one.recentBytes)]
  const known =
    never === 0
      ? `${percent(recentBytes, all)} of ${size(all)} verified in the last 30 days${since}.`
      : `${number(recent)} of ${count(cids, 'CID')} verified in the last 30 days (${size(recentBytes)})${since}; ${number(never)} never so far.`
  const now = checked === 0 ? [] : [`This run read ${count(checked, 'CID')} again (${size(bytes)}).`]
  const repaired =
    mended === 0 ? [] : [`${count(mended, 'CID')} mended: blocks that were missing were fetched.`]
  const left =
    unread === 0 ? [] : [`The node did not come to the end of ${number(unread)}; a later run reads them.`]
  return [known, ...now, ...repaired, ...left]
}

function addBuckets(page: Page, { buckets }: VerifyReport): void {
  page.list({
    head: tableHead(['Bucket', '#Pinned', '#Verified in 30 days', '#Bytes', '#Never', '#Broken', 'Oldest']),
    rows: buckets,
    row: (one) =>
      tableRow([
        code(one.name, 60),
        number(one.cids),
        number(one.recent),
        size(one.recentBytes),
        number(one.never),
        number(one.broken),
        one.oldest ?? '',
      ]),
    most: mostRows,
  })
}

/** Never 100% while anything is left. */
function percent(part: number, all: number): string {
  return `${all === 0 ? 100 : Math.floor((100 * part) / all)}%`
}
