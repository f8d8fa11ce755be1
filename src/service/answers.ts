import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import { largestSize, type PinRequest, pinName, statuses } from '../domain/pin.ts'
import { mask } from '../secrets/secrets.ts'

/**
 * Bounds of what is read of a request, as a service may send anything: the API's limit of delegates, and lengths that
 * nothing of use reaches.
 */
const most = {
  delegates: 20,
  addressLength: 1000,
  requestidBytes: 1024,
  /** No CID that can be read is longer. */
  cidLength: 512,
  reasonLength: 1000,
  /** By the API they are a few texts. */
  metaLevels: 20,
  metaValues: 10_000,
}

/** With an offset: a date without one would be read in the box's own time zone. */
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

/**
 * PinStatus of the Pinning Service API. What a listing needs must be good. Of the rest, `toRequest` drops what is bad.
 */
const pinStatus = z.object({
  requestid: z
    .string()
    .min(1)
    .transform((id, context) => {
      const problem = problemWith(id)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
      // A lone surrogate is replaced, since it would not come back from the snapshot as it went in.
      return id.toWellFormed()
    }),
  status: z.enum(statuses),
  created: z.string().transform((text, context) => {
    const instant = rfc3339.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isNaN(instant))
      context.addIssue({ code: 'custom', message: 'is not an RFC 3339 date with its offset' })
    return instant
  }),
  pin: z.object({
    cid: z.string(),
    name: z.unknown().optional(),
    meta: z.unknown().optional(),
  }),
  delegates: z.unknown().optional(),
  info: z.unknown().optional(),
})

function problemWith(requestid: string): string | undefined {
  // No character takes more than 3 bytes for each of its units.
  const isShort = 3 * requestid.length <= most.requestidBytes
  if (!isShort && Buffer.byteLength(requestid) > most.requestidBytes) return 'is longer than 1 kB'
  // In a URL these mean another folder, so nothing could be asked about such a request.
  if (requestid === '.' || requestid === '..') return 'Invalid input'
  // What stood there cannot be asked for by its name any more, and is not kept.
  return requestid.includes(mask) ? 'holds a secret' : undefined
}

const pinResults = z.object({
  count: z.number(),
  // `null` is how some services write an empty list.
  results: z
    .array(z.unknown())
    .nullable()
    .transform((rows) => rows ?? []),
})

/** A row of an answer that is no request. */
export interface OddRow {
  /** Empty where it cannot be read; cut where it is too long to be told. */
  readonly requestid: string
  readonly cid: string
  /** What is odd about it. */
  readonly problem: string
}

export interface Page {
  /**
   * How many requests match, as the service says: some count all of them, some only those of this page. Never less
   * than the page shows.
   */
  readonly count: number
  readonly requests: readonly PinRequest[]
  /** The rows that are no requests: the first of them. */
  readonly odd: readonly OddRow[]
  /** How many more such rows there are. */
  readonly moreOdd: number
  /** How many rows it shows, odd ones too. Rows with the same requestid count once. */
  readonly shown: number
  /** It shows a requestid more than once. */
  readonly isDoubled: boolean
}

type Rows = Pick<Page, 'requests' | 'odd' | 'moreOdd'>

/** So many odd rows of a page are told. */
const mostOdd = 1000
/** So many rows are read in one go. Some pages have hundreds of thousands, and everything else waits meanwhile. */
const rowsInOneGo = 2000

/** Reads PinResults, row by row: one that is odd does not hide the others. @throws ZodError, or the signal's reason */
export async function readPage(json: unknown, signal: AbortSignal): Promise<Page> {
  const { count, results } = pinResults.parse(json)
  const requests: PinRequest[] = []
  const odd: OddRow[] = []
  let moreOdd = 0
  for (const [index, row] of results.entries()) {
    if (index % rowsInOneGo === 0) {
      if (index > 0) await turn()
      signal.throwIfAborted()
    }
    // To say what is wrong with a row takes long. Once enough rows were told, most of the others are only looked at.
    const read = odd.length < mostOdd || isLikeRow(row) ? pinStatus.safeParse(row) : undefined
    if (read?.success) requests.push(toRequest(read.data))
    else if (read !== undefined && odd.length < mostOdd) odd.push(toOdd(row, read.error))
    else moreOdd++
  }
  return pageOf({ requests, odd, moreOdd }, count)
}

function isLikeRow(row: unknown): boolean {
  return isObject(row) && typeof row['requestid'] === 'string' && isObject(row['pin'])
}

/** @param count as the service says; what is no number of requests tells nothing */
export function pageOf(rows: Rows, count: number): Page {
  const { requests, odd, moreOdd } = rows
  const distinct = new Set(requests.map(({ requestid }) => requestid)).size
  const shown = distinct + odd.length + moreOdd
  return {
    count: Number.isSafeInteger(count) ? Math.max(count, shown) : shown,
    requests,
    odd,
    moreOdd,
    shown,
    isDoubled: distinct < requests.length,
  }
}

/** Stands for an error in the place of an empty list. */
export const emptyPage: Page = pageOf({ requests: [], odd: [], moreOdd: 0 }, 0)

/** The counts of those answers that have one. */
export function countsOf(pages: readonly Page[]): number[] {
  return pages.filter((page) => page !== emptyPage).map(({ count }) => count)
}

/**
 * The answers to one filter for each of some statuses, as one.
 * @param countsAny the service counts requests of every status, whatever status is asked for
 */
export function mergePages(pages: readonly Page[], countsAny: boolean): Page {
  // A request whose status changes meanwhile may be in two of them. They were asked for in this order, so the last
  // one is right.
  const requests = new Map(
    pages.flatMap((page) => page.requests.map((one) => [`${one.created} ${one.requestid}`, one])),
  )
  const odd = pages.flatMap((page) => page.odd)
  const sumOf = (number: (page: Page) => number) => pages.reduce((sum, page) => sum + number(page), 0)
  const moreOdd = sumOf((page) => page.moreOdd)
  const rows = pageOf({ requests: [...requests.values()], odd, moreOdd }, 0)
  // A request that two of them show was counted twice.
  const shownTwice = sumOf(({ shown }) => shown) - rows.shown
  const count = countsAny
    ? pages.reduce((most, one) => Math.max(most, one.count), 0)
    : sumOf((page) => page.count) - shownTwice
  return { ...pageOf(rows, count), isDoubled: pages.some((page) => page.isDoubled) }
}

const anyRow = z.object({
  requestid: z.string().catch(''),
  pin: z.object({ cid: z.string().catch('') }).catch({ cid: '' }),
})

function toOdd(row: unknown, error: z.ZodError): OddRow {
  const { requestid = '', pin = { cid: '' } } = anyRow.safeParse(row).data ?? {}
  return {
    requestid: cut(requestid, most.cidLength),
    cid: cut(pin.cid, most.cidLength),
    problem: error.issues
      .slice(0, 3)
      .map(({ path, message }) => [path.join('.'), message].filter((text) => text !== '').join(': '))
      .join('; '),
  }
}

/** Reads a PinStatus. @throws ZodError */
export function readRequest(json: unknown): PinRequest {
  return toRequest(pinStatus.parse(json))
}

function toRequest(status: z.output<typeof pinStatus>): PinRequest {
  const { requestid, created, pin } = status
  const info = isObject(status.info) ? status.info : {}
  return {
    requestid,
    status: status.status,
    created,
    cid: cut(pin.cid, most.cidLength),
    name: typeof pin.name === 'string' ? pinName(pin.name, pin.cid) : null,
    delegates: readDelegates(status.delegates),
    meta: readMeta(pin.meta),
    // The spec's place, then Filebase's.
    failureReason:
      status.status === 'failed'
        ? cutOrNull(textIn(info, 'status_details') ?? textIn(pin.meta, 'failure_reason'))
        : null,
    size: readSize(info['size']),
  }
}

function readDelegates(said: unknown): string[] {
  if (!Array.isArray(said) || said.some((one) => typeof one !== 'string')) return []
  return (said as string[]).slice(0, most.delegates).filter(({ length }) => length <= most.addressLength)
}

/** Filebase says 0 of what is not pinned yet, and writes a text. */
function readSize(said: unknown): number | null {
  const size = typeof said === 'string' && /^\d{1,16}$/.test(said) ? Number(said) : said
  return Number.isSafeInteger(size) && (size as number) > 0 && (size as number) <= largestSize
    ? (size as number)
    : null
}

/** Cuts a text that is too long. The sign at its end makes sure that a part of a CID is no CID. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`
}

function cutOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : cutReason(text)
}

export function cutReason(text: string): string {
  return cut(text, most.reasonLength)
}

function readMeta(meta: unknown): PinRequest['meta'] {
  if (meta === null || meta === undefined) return null
  return isObject(meta) && isSmall(meta) ? meta : 'unreadable'
}

/** What is nested thousands of levels deep can be read, and not be written again. */
function isSmall(meta: object): boolean {
  let room = most.metaValues
  const isIn = (value: unknown, levels: number): boolean => {
    if (typeof value !== 'object' || value === null) return true
    const values = levels === 0 ? [] : Object.values(value)
    room -= values.length
    return levels > 0 && room >= 0 && values.every((one) => isIn(one, levels - 1))
  }
  return isIn(meta, most.metaLevels)
}

function textIn(meta: unknown, name: string): string | null {
  const text = isObject(meta) ? meta[name] : null
  return typeof text === 'string' ? text : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
