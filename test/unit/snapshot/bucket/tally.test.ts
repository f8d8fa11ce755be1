import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tally } from '../../../../src/snapshot/bucket/tally.ts'

test('counts what vanished after a run and up to another, until it is taken', () => {
  const run = fc.nat({ max: 20 })
  fc.assert(
    fc.property(fc.array(run), fc.array(fc.tuple(run, run, fc.boolean())), (runs, stretches) => {
      const tally = new Tally()
      for (const one of runs) tally.add(one)
      let left = runs
      for (const [after, upTo, isTaken] of stretches) {
        const isIn = (one: number) => one > after && one <= upTo
        const expected = left.filter(isIn).length
        expect(isTaken ? tally.take(after, upTo) : tally.count(after, upTo)).toBe(expected)
        if (isTaken) left = left.filter((one) => !isIn(one))
      }
      expect(tally.count(0, 20)).toBe(left.filter((one) => one > 0).length)
    }),
  )
})

test('thousands of stretches of as many runs as a planted snapshot has take no time', () => {
  const tally = new Tally()
  const runs = 100_000
  for (let one = 1; one <= runs; one++) tally.add(one)
  const started = performance.now()
  let sum = 0
  for (let one = 0; one < runs; one += 10) sum += tally.count(one, one + 10)
  for (let one = 0; one < runs; one += 20) sum += tally.take(one, one + 10)
  expect(sum).toBe(1.5 * runs)
  // Gone through one by one it takes half a minute.
  expect(performance.now() - started).toBeLessThan(3000)
})
