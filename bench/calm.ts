import { LongPaths } from '../test/unit/calm/long-paths.ts'
import { longestTurnOf } from '../test/unit/calm/longest-turn.ts'
import { number, type Row, seconds } from './table.ts'

const count = 1_000_000

/** How long a run hears of nothing at most, in all that it does with a million requests or pins. */
export async function calm(): Promise<Row[]> {
  await using paths = await LongPaths.start(count)
  const first = await longestTurnOf(() => paths.list())
  const inOneGo = await longestTurnOf(async () => paths.readAll())
  const rows = [rowOf('their first listing', first)]
  for (const [name, work] of paths.all()) rows.push(rowOf(name, await longestTurnOf(work)))
  return rows

  function rowOf(name: string, { cpu, elapsed }: typeof first): Row {
    return {
      what: `${number(count)} requests, the longest turn of the event loop: ${name}`,
      measured: `${seconds(elapsed / 1000)}, ${seconds(cpu / 1000)} of CPU`,
      against: `to read all of them in one go: ${seconds(inOneGo.cpu / 1000)} of CPU`,
      ratio: `${(cpu / inOneGo.cpu).toFixed(2)} of it`,
    }
  }
}
