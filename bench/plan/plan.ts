import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../test/demo/temporary-folder.ts'
import type { Usage } from '../process-usage.ts'
import { megabytes, number, type Row, seconds, times } from '../table.ts'

/** Both sides of a snapshot's size held against each other, each contestant in a process of its own. */
export function planRows(snapshot: string, lacking: number): Row[] {
  const ours = usageOf('ours', snapshot, lacking)
  const sets = usageOf('two-sets', snapshot, lacking)
  const told = ({ cpuSeconds, peakMemory }: Usage) =>
    `${seconds(cpuSeconds)} of CPU, at most ${megabytes(peakMemory)}`
  return [
    {
      what: `plan of 1,000,000 requests against 1,000,000 pins, ${number(lacking)} missing, in a process of its own`,
      measured: told(ours),
      against: `two sets of texts: ${told(sets)}`,
      ratio: `${times(sets.peakMemory, ours.peakMemory)} less memory, ${times(sets.cpuSeconds, ours.cpuSeconds)} less CPU`,
    },
  ]
}

function usageOf(contestant: 'ours' | 'two-sets', snapshot: string, lacking: number): Usage {
  const folder = temporaryFolder('bench')
  const script = fileURLToPath(new URL(`${contestant}.ts`, import.meta.url))
  const usage = new URL('../process-usage.ts', import.meta.url)
  const args = [`--import=${usage.href}`, script, snapshot, String(lacking)]
  const found = execFileSync(process.execPath, args, { env: { ...process.env, BENCH_USAGE: folder } })
  if (Number(found) !== lacking) throw new Error(`${contestant} found ${found} missing`)
  return JSON.parse(readFileSync(join(folder, 'plan'), 'utf8')) as Usage
}
