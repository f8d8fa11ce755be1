import type { Manners } from './manners.ts'
import type { PinRow } from './row.ts'

/** What a service keeps of an instant: most drop the ms. */
export function keptInstant(manners: Manners, instant: number): number {
  const isFine = manners.created === 'utc-milliseconds' || manners.created === 'hidden-milliseconds'
  return isFine ? Math.floor(instant) : Math.floor(instant / 1000) * 1000
}

function shownInstant(manners: Manners, instant: number): string {
  if (manners.created === 'utc-milliseconds') return new Date(instant).toISOString()
  if (manners.created !== 'new-york-seconds') return new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z')
  // By month, which is near enough: a client must compare instants, whatever the offset.
  const month = new Date(instant).getUTCMonth()
  const hours = month >= 2 && month <= 9 ? 4 : 5
  return new Date(instant - hours * 3_600_000).toISOString().replace('Z', `-0${hours}:00`)
}

interface PinStatus {
  readonly created: string
  readonly status: string
}

/** A row as a PinStatus of the Pinning Service API. */
export function shownRow(manners: Manners, row: PinRow, delegates: readonly string[]): PinStatus {
  const reason = row.status === 'failed' ? row.reason : undefined
  const tells = (where: Manners['failureReason']) => reason !== undefined && manners.failureReason === where
  const meta = tells('pin.meta.failure_reason') ? { ...row.meta, failure_reason: reason } : row.meta
  const name = row.name ?? (manners.nameless === 'cid' ? row.cid : undefined)
  const showsEmpty = manners.empty === 'shown'
  const pin = {
    cid: row.cid,
    ...(name !== undefined && { name }),
    ...((showsEmpty || row.origins.length > 0) && { origins: row.origins }),
    ...((showsEmpty || Object.keys(meta).length > 0) && { meta }),
  }
  const size = row.size === undefined ? {} : { size: row.size }
  const info = {
    ...manners.info(row),
    ...size,
    ...(tells('info.status_details') && { status_details: reason }),
  }
  const { requestid, status, created } = row
  return { requestid, status, created: shownInstant(manners, created), pin, info, delegates } as PinStatus
}

/** A row in the answer to the POST that made it: IPFS Cluster shows `created` in ns there, and keeps the seconds. */
export function shownNewRow(manners: Manners, row: PinRow, delegates: readonly string[]): PinStatus {
  const shown = shownRow(manners, row, delegates)
  if (manners.created !== 'utc-seconds') return shown
  return { ...shown, created: shown.created.replace('Z', '.680324803Z') }
}

/** A row that a service shows by its requestid while its own node is down: IPFS Cluster's answer. */
export function shownLost(shown: PinStatus): PinStatus {
  return { ...shown, status: 'failed', created: '0001-01-01T00:00:00Z' }
}
