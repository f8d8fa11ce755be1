import { expect, test } from 'vitest'
import { day, hour } from '../../../src/domain/moment.ts'
import { largeDrops } from '../../../src/sides/problems.ts'
import { listedBucket } from './listed.ts'

const at = Date.UTC(2026, 10, 22, 17, 4)
const drops = [
  { vanished: 30, at },
  { vanished: 25, at: at + 20 * hour },
]

function toldOf(count: number): string | undefined {
  const bucket = listedBucket(
    { vanished: 55, drops: drops.slice(0, count) },
    { here: at + day, service: null },
  )
  return largeDrops([bucket], 'backup')[0]?.message
}

test('of a large drop it is said when it was first seen, and from when on it is believed', () => {
  expect(toldOf(0)).toBeUndefined()
  expect(toldOf(1)).toMatch(
    /^30 requests of bucket \S+ vanished at once, first seen on 22 Nov 2026, 17:04 UTC\. /,
  )
  expect(toldOf(1)).toContain(
    ': the first run after 23 Nov 2026, 17:04 UTC that still misses them takes them for deleted.',
  )
})

test('of several it is said of each', () => {
  expect(toldOf(2)).toMatch(
    /^55 requests of bucket \S+ vanished at once, first seen on 22 Nov 2026, 17:04 UTC \(30 of them\), first seen on 23 Nov 2026, 13:04 UTC \(25 of them\)\. /,
  )
  expect(toldOf(2)).toContain(
    ': the first run after 23 Nov 2026, 17:04 UTC (30 of them), after 24 Nov 2026, 13:04 UTC (25 of them) that still misses them takes them for deleted.',
  )
})
