import { dayOf } from '../../domain/verifying.ts'
import type { BucketVerification, Report } from '../../report/report.ts'
import { count, number, size } from '../../text/numbers.ts'

/**
 * How far what is pinned is verified: `98% of 1.2 TB verified in the last 30 days, the oldest 34 days ago; 2 CIDs
 * mended.`, or, before all was read once, in CIDs. `undefined` where nothing is.
 */
export function verifiedLine({ verify, finishedAt }: Report): string | undefined {
  if (verify === null) return undefined
  const { buckets, oldest, mended } = verify
  const sum = (of: (bucket: BucketVerification) => number) =>
    buckets.reduce((total, bucket) => total + of(bucket), 0)
  const [cids, never, bytes] = [sum((one) => one.cids), sum((one) => one.never), sum((one) => one.bytes)]
  const [recent, recentBytes] = [sum((one) => one.recent), sum((one) => one.recentBytes)]
  if (cids === 0) return undefined
  const share =
    never === 0
      ? `${percent(recentBytes, bytes, recent < cids ? 99 : 100)} of ${size(bytes)} verified`
      : `${number(recent)} of ${count(cids, 'CID')} verified (${size(recentBytes)})`
  const age = oldest === null ? '' : `, the oldest ${ago(oldest, finishedAt)}`
  const left = never === 0 ? '' : `, ${number(never)} never so far`
  const repaired = mended === 0 ? '' : `; ${count(mended, 'CID')} mended`
  return `${share} in the last 30 days${age}${left}${repaired}.`
}

function ago(day: string, now: string): string {
  const days = dayOf(Date.parse(now)) - dayOf(Date.parse(day))
  return days < 1 ? 'today' : `${count(days, 'day')} ago`
}

/** Rounded down. @param most of nothing less than all is said that it is 100% */
function percent(part: number, all: number, most: number): string {
  return `${all === 0 ? most : Math.min(most, Math.floor((100 * part) / all))}%`
}
