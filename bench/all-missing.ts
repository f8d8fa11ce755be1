import { Bundle, type Run } from './bundle.ts'
import { BenchNode } from './node/node.ts'
import { BenchService } from './service/service.ts'
import { megabytes, number, type Row, seconds } from './table.ts'

const count = 1_000_000

/** First runs with everything to do, which their time limit ends in the midst of it. */
export async function allMissing(): Promise<Row[]> {
  return [await firstBackup(), await firstUpdate()]
}

async function firstBackup(): Promise<Row> {
  using service = await BenchService.start(count)
  using node = await BenchNode.start(0, 0)
  return await rowOf('backup', 90, { service, node })
}

async function firstUpdate(): Promise<Row> {
  using service = await BenchService.start(0)
  using node = await BenchNode.start(count, 0)
  return await rowOf('update', 60, { service, node })
}

async function rowOf(
  direction: 'backup' | 'update',
  limit: number,
  { service, node }: { readonly service: BenchService; readonly node: BenchNode },
): Promise<Row> {
  await using bundle = await Bundle.start()
  const inputs = { direction, origins: 'none', 'time-limit': `${limit}s`, 'verify-time': '0s' }
  const run = await bundle.run(service.url, node.url, inputs)
  if (run.outputs['missing'] !== String(count)) throw new Error(`${run.outputs['missing']} are missing`)
  return {
    what: `first ${direction} of ${number(count)} missing CIDs, ended by a \`time-limit\` of ${limit} s`,
    measured: `at most ${megabytes(run.peakMemory)}; ends ${seconds(run.seconds - limit)} after its time, with ${done(run)}`,
    against: '600 MB; 10 s',
    ratio: `heard of nothing for ${seconds(run.longestBlock)} at most`,
  }
}

/** Its start counts as part of its time. */
function done({ outputs }: Run): string {
  return `${number(Number(outputs['pinned']))} pinned, ${number(Number(outputs['pending']))} pending`
}
