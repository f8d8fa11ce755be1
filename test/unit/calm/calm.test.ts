import { expect, test } from 'vitest'
import { LongPaths } from './long-paths.ts'
import { longestTurnOf } from './longest-turn.ts'

/** So many that what is done with all of them in one go stands out, and what is done with a page does not. */
const count = 100_000

test(`no pass over ${count} requests or pins is made in one go`, async () => {
  await using paths = await LongPaths.start(count)
  await paths.list()
  // The lightest pass over all rows that a run makes: against that a slice is short, however many there are.
  const inOneGo = await longestTurnOf(async () => paths.readAll())
  const shares: Record<string, number> = {}
  for (const [name, work] of paths.all()) shares[name] = (await longestTurnOf(work)).own / inOneGo.cpu
  const tooLong = Object.keys(shares).filter((name) => (shares[name] as number) > 1 / 2)
  expect(tooLong, JSON.stringify(shares)).toEqual([])
}, 900_000)
