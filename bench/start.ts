import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startKubo } from '../test/sandbox/kubo.ts'
import { startPinningService } from '../test/sandbox/pinning-service.ts'
import { Bundle } from './bundle.ts'
import { measured } from './measured.ts'
import { type Row, seconds, times } from './table.ts'

const tries = 9
const dist = fileURLToPath(new URL('../dist/', import.meta.url))

/** From the start of the process to the first request, against the start of Node. */
export async function start(): Promise<Row[]> {
  await using service = await startPinningService({ buckets: { main: 'token' } })
  await using node = await startKubo()
  await using bundle = await Bundle.start()
  const ours: number[] = []
  const bare: number[] = []
  for (let run = 0; run < tries; run++) {
    const known = service.requests.length
    const { startedAt } = await bundle.run(service.url, node.url)
    ours.push(((service.requests[known]?.at ?? Number.NaN) - startedAt) / 1000)
    bare.push((await measured(() => execFileSync(process.execPath, ['-e', '0']))).seconds)
  }
  return [
    {
      what: `start of the bundle to its first request to the service, median of ${tries}`,
      measured: seconds(median(ours)),
      against: `start and end of bare Node: ${seconds(median(bare))}`,
      ratio: times(median(ours), median(bare)),
    },
    {
      what: 'size of `dist`',
      measured: `${(sizeOf(dist) / 1e6).toFixed(1)} MB`,
      against: '',
      ratio: '',
    },
  ]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

function sizeOf(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.map((name) => statSync(join(folder, name))).filter((entry) => entry.isFile())
  return files.reduce((sum, { size }) => sum + size, 0)
}
