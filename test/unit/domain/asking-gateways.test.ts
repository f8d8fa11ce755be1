import { expect, test } from 'vitest'
import { type AskedGateway, isLate, nextToAsk, patienceWith } from '../../../src/domain/asking-gateways.ts'

const minutes = 60_000

test.each([
  [14_999, 2 * minutes, false],
  [15_000, 2 * minutes, true],
  [60_000, 2 * minutes, true],
  [15_000, 60 * minutes, true],
  [1_000, 4_000, false],
  [2_000, 4_000, true],
])('a no after %i ms, where %i ms are waited for: late is %s', (ms, stallTimeout, is) => {
  expect(isLate(ms, stallTimeout)).toBe(is)
})

test.each([
  [0, 2 * minutes, 2 * minutes],
  [3, 2 * minutes, 2 * minutes],
  [4, 2 * minutes, 15_000],
  [100, 60 * minutes, 15_000],
  [4, 4_000, 2_000],
])('after %i late ones it is waited for: of %i ms, %i', (lateNos, stallTimeout, ms) => {
  expect(patienceWith({ asked: 1, lateNos }, stallTimeout)).toBe(ms)
})

const of = (asked: number, lateNos = 0): AskedGateway => ({ asked, lateNos })

test.each<[string, readonly AskedGateway[], number | undefined]>([
  ['the first', [of(0), of(0)], 0],
  ['the first, until it has its share', [of(1), of(0)], 0],
  ['the next, once the first has its share', [of(2), of(0)], 1],
  ['the next, once the first has more', [of(3), of(1)], 1],
  ['the first, where all have their share', [of(2), of(2)], 0],
  ['the next, where the first is late again and again', [of(0, 4), of(0)], 1],
  ['the first, where it is so less often', [of(0, 3), of(0)], 0],
  ['the late one, where the other has its share', [of(0, 9), of(2)], 0],
  ['the only one, however late and busy', [of(4, 9)], 0],
  ['none, where none is left', [], undefined],
])('what is asked next is %s', (_, gateways, at) => {
  expect(nextToAsk(gateways, { atOnce: 4, sharing: 2 })).toBe(at === undefined ? undefined : gateways[at])
})

test('more gateways than are asked at once have a share of one each', () => {
  const gateways = [of(1), of(1), of(0), of(0), of(0)]
  expect(nextToAsk(gateways, { atOnce: 4, sharing: 5 })).toBe(gateways[2])
})
