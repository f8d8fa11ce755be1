import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Bundle } from './bundle.ts'
import { BenchNode } from './node/node.ts'
import { planRows } from './plan/plan.ts'
import type { Usage } from './process-usage.ts'
import { BenchService } from './service/service.ts'
import { snapshotRows } from './snapshot.ts'
import { megabytes, number, type Row, seconds, times } from './table.ts'

const count = 1_000_000
const missing = 10_000

/** Whole runs of the bundle at a million requests and a million pins, and the snapshot that they leave. */
export async function million(): Promise<Row[]> {
  using service = await BenchService.start(count)
  using node = await BenchNode.start(count, missing)
  await using bundle = await Bundle.start()
  const cold = await bundle.run(service.url, node.url)
  const warm = await bundle.run(service.url, node.url)
  const [mirror = ''] = readdirSync(bundle.box)
  const snapshot = join(bundle.box, mirror, 'snapshot.sqlite')
  return [
    {
      what: `whole first run: ${number(count)} requests and ${number(count)} pins listed, ${number(missing)} missing found`,
      measured: usageOf(cold),
      against: '',
      ratio: '',
    },
    {
      what: 'whole run of the same, unchanged since (both sides listed, planned, reported)',
      measured: usageOf(warm),
      against: `the first run: ${usageOf(cold)}`,
      ratio: `${times(cold.cpuSeconds, warm.cpuSeconds)} less CPU`,
    },
    ...planRows(snapshot, missing),
    ...(await snapshotRows(snapshot)),
  ]
}

function usageOf({ seconds: elapsed, cpuSeconds, peakMemory, longestBlock }: Usage): string {
  return `${seconds(elapsed)}, ${seconds(cpuSeconds)} of CPU, at most ${megabytes(peakMemory)}, busy for ${seconds(longestBlock)} at a time`
}
