import type { StorageReport } from '../report/report.ts'
import { count, size } from '../text/numbers.ts'
import type { Page } from '../text/page.ts'

/** The line about bytes, where there is one. */
export function addStorage(page: Page, storage: StorageReport | null): void {
  const line = storageLine(storage)
  if (line !== null) page.add(line)
}

/** What a backup fetched, what was missing, and what there was room for; `null` where nothing is known of it. */
export function storageLine(storage: StorageReport | null): string | null {
  if (storage === null) return null
  const { missing, unknown, room, fetched, stoppedBy } = storage
  const of = unknown === 0 ? '' : ` and ${count(unknown, 'CID')} of unknown size`
  const parts = [
    ...(fetched === null ? [] : [`${size(fetched)} fetched`]),
    ...(missing === 0 ? [] : [`up to ${size(missing)}${of} were missing`]),
    ...(room === null ? [] : [`there was room for ${size(room)}`]),
    ...(stoppedBy === null ? [] : [endings[stoppedBy]]),
  ]
  return parts.length === 0 ? null : `${parts.join(' · ')}.`
}

const endings = {
  'max-bytes': '**`max-bytes` is used up**: the next run goes on',
  'keep-free': '**`keep-free` is reached**: the rest waits for room',
}
