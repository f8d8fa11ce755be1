import { z } from 'zod'
import { type PinRequest, statuses } from '../domain/pin.ts'

/** The API's limit of delegates a request, and what no multiaddr is longer than: a service may say anything. */
const most = { delegates: 20, addressLength: 1000 }

/** With its offset: without one, the time would be the box's own. */
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

const texts = z.record(z.string(), z.string())

/** PinStatus of the Pinning Service API. What a listing rests on must be there; the rest is dropped where it is bad. */
const pinStatus = z.object({
  // A lone surrogate would not come back from the snapshot as it went in.
  requestid: z
    .string()
    .min(1)
    // A URL takes these for steps: nothing could be asked about such a request.
    .refine((id) => id !== '.' && id !== '..')
    .transform((id) => id.toWellFormed()),
  status: z.enum(statuses),
  created: z.string().transform((text, context) => {
    const instant = rfc3339.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isNaN(instant)) context.addIssue({ code: 'custom', message: 'is not an RFC 3339 date' })
    return instant
  }),
  pin: z.object({
    cid: z.string(),
    name: z.string().nullish().catch(null),
    meta: z.unknown().optional(),
  }),
  delegates: z.array(z.string()).nullish().catch(null),
  info: texts.nullish().catch(null),
})

const pinResults = z.object({
  count: z.number().int().nonnegative(),
  // `null` is how some services write an empty list.
  results: z
    .array(pinStatus)
    .nullable()
    .transform((rows) => rows ?? []),
})

export interface Page {
  /** How many requests match, as the service says: all, or only those of this page. */
  readonly count: number
  readonly requests: readonly PinRequest[]
}

/** Reads PinResults. @throws ZodError */
export function readPage(json: unknown): Page {
  const { count, results } = pinResults.parse(json)
  return { count, requests: results.map(toRequest) }
}

/** Reads a PinStatus. @throws ZodError */
export function readRequest(json: unknown): PinRequest {
  return toRequest(pinStatus.parse(json))
}

function toRequest(status: z.output<typeof pinStatus>): PinRequest {
  const { requestid, created, pin } = status
  return {
    requestid,
    status: status.status,
    created,
    cid: pin.cid,
    // Filebase gives the CID where there is no name.
    name: !pin.name || pin.name === pin.cid ? null : cutName(pin.name),
    delegates: (status.delegates ?? [])
      .slice(0, most.delegates)
      .filter(({ length }) => length <= most.addressLength),
    meta: readMeta(pin.meta),
    // The spec's place, then Filebase's.
    failureReason:
      status.status === 'failed'
        ? (status.info?.['status_details'] ?? textIn(pin.meta, 'failure_reason'))
        : null,
  }
}

function readMeta(meta: unknown): PinRequest['meta'] {
  if (meta === null || meta === undefined) return null
  return isObject(meta) ? meta : 'unreadable'
}

function textIn(meta: unknown, name: string): string | null {
  const text = isObject(meta) ? meta[name] : null
  return typeof text === 'string' ? text : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const longestName = 255

/** Kubo takes names of at most 255 bytes: cuts a longer one between two characters. */
function cutName(name: string): string {
  const bytes = Buffer.from(name)
  if (bytes.length <= longestName) return name
  let end = longestName
  // 10xxxxxx continues a character.
  while (((bytes[end] as number) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
