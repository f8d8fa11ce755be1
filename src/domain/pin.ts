import { parseCid } from './cid.ts'

/** The states of a pin request, in the order in which they are shown. */
export const statuses = ['queued', 'pinning', 'pinned', 'failed'] as const
export type Status = (typeof statuses)[number]

/** Content that is said to be larger than a petabyte is not believed to be. */
export const largestSize = 2 ** 50

const longestName = 255

/**
 * Under which name a pin is known, whichever side tells of it: `null` for none, and where the name is the CID itself, as
 * some write it who have none (Filebase), in whatever form. A longer one than Kubo takes is cut.
 */
export function pinName(name: string | undefined, cid: string): string | null {
  if (name === undefined || name === '' || name === cid) return null
  const key = parseCid(cid)?.key
  // Nearly all names are told by this from what a base writes, which takes a tenth of the time.
  const mayBeCid = key !== undefined && name.length > key.length && !/[ .]/.test(name)
  return mayBeCid && parseCid(name)?.key === key ? null : cutName(name)
}

/** Kubo takes names of at most 255 bytes: cuts a longer one between two characters. */
function cutName(name: string): string {
  // No unit of a string takes more than three.
  if (3 * name.length <= longestName) return name
  const bytes = Buffer.from(name)
  if (bytes.length <= longestName) return name
  let end = longestName
  // 10xxxxxx continues a character.
  while (((bytes[end] as number) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

/** A pin request of the service, as a listing or an answer shows it (PinStatus of the Pinning Service API). */
export interface PinRequest {
  readonly requestid: string
  readonly status: Status
  /** When the service took it in, in ms since the epoch; finer fractions are dropped. */
  readonly created: number
  /** As the service gave it; need not parse. */
  readonly cid: string
  /** At most 255 bytes; `null` for none: see `pinName`. */
  readonly name: string | null
  readonly delegates: readonly string[]
  /**
   * What whoever asked for it wrote beside it, as it was read: texts, by the API. Filebase also writes there why it
   * failed. `null` for none.
   */
  readonly meta: Readonly<Record<string, unknown>> | 'unreadable' | null
  /** Why it failed, in the service's words; `null` where it did not, or none were given. */
  readonly failureReason: string | null
  /** Bytes of its content, as the service says; `null` where it does not, or not yet. */
  readonly size: number | null
}

/** A CID and the bucket whose request asks for it: how work is named in plans, report, summary and issue. */
export interface Entry {
  readonly cid: string
  readonly name: string | null
  readonly bucket: string
}
