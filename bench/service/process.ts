import {
  filebase,
  type PinningServiceOptions,
  startPinningService,
} from '../../test/sandbox/pinning-service.ts'
import { Random } from '../../test/sandbox/random.ts'
import { requestsOf } from './requests.ts'

/** What the process is told, one message at a time; it answers each with `Told`. */
export type Order = { readonly remove: number } | { readonly add: number }

export interface Told {
  readonly url: string
  /** Requests that the service was ever asked. */
  readonly asked: number
}

/** A pinning service with the manners of Filebase, in a process of its own: what it costs is not the client's. */
const [count, latency] = process.argv.slice(2).map((argument) => JSON.parse(argument)) as [
  number,
  NonNullable<PinningServiceOptions['latency']>,
]
const settle = () => ({ status: 'pinned' as const, after: { ms: 1000 } })
const service = await startPinningService({ buckets: { main: 'token' }, manners: filebase, latency, settle })
const bucket = service.bucket('main')
bucket.addAll(requestsOf(count))
const random = new Random(3)
process.on('message', (order: Order) => {
  if ('remove' in order) remove(order.remove)
  else add(order.add)
  tell()
})
process.on('disconnect', () => process.exit())
tell()

function tell(): void {
  process.send?.({ url: service.url, asked: service.requests.length } satisfies Told)
}

function remove(howMany: number): void {
  const rows = bucket.rows()
  for (const place of random.distinct(howMany, rows.length)) bucket.remove(rows[place]?.requestid ?? '')
}

function add(howMany: number): void {
  const newest = bucket.rows().at(-1)?.created ?? 0
  const cids = [...requestsOf(count + howMany)].slice(-howMany).map(({ cid }) => cid)
  for (const [index, cid] of cids.entries())
    bucket.add({ cid, created: new Date(newest + (index + 1) * 1000) })
}
