import { type ReasonCounts, totalOf } from '../../domain/reasons/counts.ts'
import { count, number, size } from '../numbers.ts'
import { byReason } from './by-reason.ts'

/** `1,200 CIDs read again (34 GB), 1,198 of them whole, 2 mended. 2 broken: A block is missing on the node (2)` */
export function verifiedLine(
  counts: {
    readonly checked: number
    readonly whole: number
    readonly mended: number
    readonly bytes: number
  },
  reasons: ReasonCounts,
): string {
  const { checked, whole, mended, bytes } = counts
  const read = `${count(checked, 'CID')} read again (${size(bytes)}), ${number(whole)} of them whole`
  const broken = totalOf(reasons)
  return [
    mended > 0 ? `${read}, ${number(mended)} mended` : read,
    ...(broken > 0 ? [`${number(broken)} broken: ${byReason(reasons)}`] : []),
  ].join('. ')
}
