import { Bundle } from './bundle.ts'
import { BenchNode } from './node/node.ts'
import { BenchService } from './service/service.ts'
import { number, type Row, seconds } from './table.ts'

const count = 1_000_000

/** When a first run is cancelled, in ms after a line of its log. */
const moments = [
  { line: 'Listing', laterMs: 8_000, what: 'while the service is listed' },
  { line: 'recursive pin', laterMs: 0, what: 'as both sides are listed' },
  { line: 'recursive pin', laterMs: 1_500, what: 'while they are held against each other' },
  { line: 'Pinning', laterMs: 2_000, what: 'while CIDs are pinned' },
] as const

/** How soon a run with a million CIDs missing ends after SIGTERM, with its report. */
export async function stop(): Promise<Row[]> {
  using service = await BenchService.start(count)
  using node = await BenchNode.start(0, 0)
  await using bundle = await Bundle.start()
  const inputs = {
    endpoint: service.url,
    'node-url': node.url,
    'requests-per-second': '200',
    'verify-time': '0s',
  }
  const rows: Row[] = []
  for (const { what, ...when } of moments)
    rows.push({
      what: `SIGTERM to a backup of ${number(count)} missing CIDs, ${what}`,
      measured: `ends after ${seconds(await bundle.cancel(inputs, when))}`,
      against: 'at most 5 s',
      ratio: '',
    })
  return rows
}
