import type { Report, StorageReport } from '../../report/report.ts'
import { count, size } from '../../text/numbers.ts'

/** What of it is most worth a word; `undefined` where no size is known. */
export function storageTitle({ fetched, missing, room }: StorageReport): string | undefined {
  if (fetched !== null && fetched > 0) return `${size(fetched)} fetched`
  if (missing > 0) return `up to ${size(missing)} missing`
  return room === null ? undefined : `room for ${size(room)}`
}

/** What was missing, what there was room for, what of it came, and why no more did. */
export function storageFacts(
  { missing, unknown, room, fetched }: StorageReport,
  leftBy: Report['leftBy'],
): string {
  const lacking = [
    ...(missing > 0 ? [`up to ${size(missing)}`] : []),
    ...(unknown > 0 ? [`${count(unknown, 'CID')} of unknown size`] : []),
  ]
  return [
    `Missing: ${lacking.join(', and ')}`,
    ...(room === null ? [] : [`room beyond \`keep-free\`: ${size(room)}`]),
    ...(fetched === null ? [] : [`fetched: ${size(fetched)}`]),
    ...leftBy.flatMap((one) => (one === 'time-limit' ? [] : [endings[one]])),
  ].join(' · ')
}

const endings = {
  'max-bytes': '`max-bytes` is used up: the rest comes in the next runs',
  'keep-free': '`keep-free` would not be left: the rest waits for room',
}
