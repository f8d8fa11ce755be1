import { randomInt } from 'node:crypto'
import { describe, test } from 'vitest'
import { havePeers } from '../peers/build.ts'
import { KillHistory } from './history.ts'
import { realNode, sandboxNode } from './nodes.ts'

/** `npm run test:long` makes more; a seed that is given makes the same changes, and kills at the same requests. */
const wanted = process.env['KILLS']
const seed = Number(process.env['KILLS_SEED'] ?? randomInt(2 ** 31))
const histories = Array.from({ length: 4 }, (_, index) => seed + index)

const nodes = [
  ['real Kubo', realNode, 40],
  ['the sandbox', sandboxNode, havePeers('kubo') ? 12 : 40],
] as const

describe.each(nodes)('killed at random points, with %s', (name, nodeOf, some) => {
  const kills = Number(wanted ?? some)
  test.skipIf(nodeOf === realNode && !havePeers('kubo')).concurrent.for(histories)(
    'runs lose nothing, buy nothing twice and leave nothing behind (seed %i)',
    { timeout: 600_000 + kills * 30_000 },
    async (historySeed) => {
      await using history = await KillHistory.begin(nodeOf, historySeed)
      for (let kill = 0; kill < kills / histories.length; kill++) await history.killOne()
      await history.end()
      const moments = [...history.kills].map(([moment, count]) => `${count} in ${moment}`)
      console.info(`With ${name}, KILLS_SEED=${seed}, seed ${historySeed}: killed ${moments.join(', ')}`)
    },
  )
})
