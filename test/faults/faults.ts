import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Fault, RecordedRequest, SandboxServer } from '../sandbox/server.ts'

/** What can go wrong between the mirror and a server: the rows of the tables beside this file. */
export const faults = {
  'refused connections': 'refused',
  'a connection that is reset': 'reset',
  'a connection that is closed': 'cut',
  'half of an answer': 'truncate',
  silence: 'hang',
  'silence after half of an answer': 'stall',
  'an answer in drips': 'drip',
  'an answer that never ends': { status: 200, body: endless(' ', 20) },
  'a gigantic answer': { status: 200, body: endless(' '.repeat(2 ** 20), 0) },
  'a gzip bomb': {
    status: 200,
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(2 ** 26)),
  },
  'a redirect': { status: 307, headers: { location: '/elsewhere' } },
  'a page of HTML': { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html>' },
  'an empty answer': { status: 200 },
  'a list where an object belongs': { status: 200, body: '[]' },
  null: { status: 200, body: 'null' },
  'fields of other types': {
    status: 200,
    body: '{"count":"many","results":{},"Keys":[],"ID":7,"number":{}}',
  },
  '401': { status: 401, body: '{}' },
  '403': { status: 403, body: '{}' },
  '404': { status: 404, body: '{}' },
  '500': { status: 500, body: '{}' },
  '502 with HTML': { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad Gateway</h1>' },
  '503 with Retry-After': { status: 503, headers: { 'retry-after': '1' } },
  '504': { status: 504 },
  '429 with seconds': { status: 429, headers: { 'retry-after': '1' } },
  '429 with a date': { status: 429, headers: { 'retry-after': new Date(Date.now() + 20_000).toUTCString() } },
  '429 with a date that has passed': { status: 429, headers: { 'retry-after': new Date(0).toUTCString() } },
  '429 with negative seconds': { status: 429, headers: { 'retry-after': '-5' } },
  '429 with a huge number': { status: 429, headers: { 'retry-after': '9'.repeat(30) } },
  '429 with words': { status: 429, headers: { 'retry-after': 'soon' } },
  '429 with nothing': { status: 429 },
} satisfies Record<string, Fault | 'refused'>

export type FaultName = keyof typeof faults

/** `chunk` again and again, for as long as somebody reads. */
function endless(chunk: string, everyMs: number): AsyncIterable<string> {
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        yield chunk
        await sleep(everyMs)
      }
    },
  }
}

/** What of a server's requests a fault befalls; one that refuses connections refuses them all. */
interface Hit {
  /** So many of them, and then no more. Default: all. */
  readonly most?: number
  /** Default: whatever is asked. */
  readonly isHit?: (request: RecordedRequest) => boolean
  /** Told of each that it befalls, the first as 1. */
  readonly onHit?: (nth: number) => void
}

export async function harm(
  server: SandboxServer,
  name: FaultName,
  { most = Number.POSITIVE_INFINITY, isHit = () => true, onHit }: Hit = {},
): Promise<void> {
  const fault: Fault | 'refused' = faults[name]
  if (fault === 'refused') return server.stop()
  let hits = 0
  server.intercept = (request) => {
    if (!isHit(request) || hits === most) return undefined
    hits++
    onHit?.(hits)
    return fault
  }
}

export async function heal(server: SandboxServer): Promise<void> {
  server.intercept = undefined
  await server.listen()
}
